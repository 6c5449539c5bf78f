#include "daemon/registry/store/store_tray.h"

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_recovery.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

static int run_of(struct db *db, enum sql q, const char *peer, const uint8_t id[RXP_ID_OCTETS])
{
	return db_run(db, q, DB_VALUES(DB_T(peer), DB_O(id, RXP_ID_OCTETS)));
}

static int count_of(
    struct db *db, uint64_t *n, enum sql q, const char *peer, const uint8_t id[RXP_ID_OCTETS])
{
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_O(id, RXP_ID_OCTETS)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	*n = (uint64_t)db_number(db, q, 0);
	db_end(db, q);
	return 0;
}

/* --- what lies there ------------------------------------------------------------------------------ */

int store_tray_put(struct db *db, const struct store_trayed *t)
{
	uint64_t there = 0;
	int rc = count_of(db, &there, SQL_TRAY_COUNT, t->peer, t->message_id);

	if (rc == 0 && there >= REGISTRY_TRAY_MAX)
		rc = RXP_ERR_FULL;
	return rc != 0
		   ? rc
		   : db_run(db, SQL_TRAY_PUT,
			 DB_VALUES(DB_T(t->peer), DB_O(t->message_id, RXP_ID_OCTETS),
			     DB_O(t->case_id, RXP_ID_OCTETS), DB_N(t->position), DB_B(t->envelope),
			     DB_O(t->key_id, RXP_DIGEST_OCTETS), DB_N(t->now_ms)));
}

int store_tray_drop(struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS])
{
	return run_of(db, SQL_TRAY_DROP, peer, message_id);
}

int store_tray_of_case(
    struct db *db, uint64_t *n, const char *peer, const uint8_t case_id[RXP_ID_OCTETS])
{
	return count_of(db, n, SQL_TRAY_OF_CASE, peer, case_id);
}

int store_tray_drop_case(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS])
{
	return run_of(db, SQL_TRAY_DROP_CASE, peer, case_id);
}

/* --- what is due ---------------------------------------------------------------------------------- */

int store_tray_next(
    struct db *db, uint8_t message_id[RXP_ID_OCTETS], struct rxp_buf *envelope, const char *peer)
{
	const enum sql q = SQL_TRAY_NEXT;
	struct bytes octets;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	octets = db_octets(db, q, 1);
	rc = db_fill(db, q, 0, message_id, RXP_ID_OCTETS)
		 ? rxp_buf_put(envelope, octets.data, octets.len)
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

int store_tray_due(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS])
{
	return run_of(db, SQL_TRAY_DUE, peer, case_id);
}

int store_tray_tried(
    struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS], int64_t now_ms)
{
	return db_run(db, SQL_TRAY_TRIED,
	    DB_VALUES(DB_T(peer), DB_O(message_id, RXP_ID_OCTETS), DB_N(now_ms),
		DB_N(REGISTRY_TRAY_PAUSE_MS), DB_N(REGISTRY_TRAY_PAUSE_MAX_MS)));
}

int store_tray_rests(struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS])
{
	return run_of(db, SQL_TRAY_RESTS, peer, message_id);
}

int store_tray_untried(struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS])
{
	return run_of(db, SQL_TRAY_UNTRIED, peer, message_id);
}

int store_tray_turn(struct db *db, int64_t now_ms)
{
	const enum sql q = SQL_TRAY_TURN;
	int rc =
	    db_first(db, q, DB_VALUES(DB_N(now_ms), DB_N(now_ms + REGISTRY_TRAY_PAUSE_MAX_MS)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	db_end(db, q);
	return 0;
}

int store_tray_retry(struct db *db, int64_t now_ms)
{
	int rc = db_run(
	    db, SQL_TRAY_WAKE, DB_VALUES(DB_N(now_ms), DB_N(now_ms + REGISTRY_TRAY_PAUSE_MAX_MS)));

	return rc != 0 ? rc
		       : db_run(db, SQL_TRAY_RETRY,
			     DB_VALUES(DB_N(now_ms), DB_N(REGISTRY_TRAY_RETRIES)));
}

/* --- what is given up ----------------------------------------------------------------------------- */

static int find_keyless(struct db *db, struct store_hopeless *h)
{
	const enum sql q = SQL_TRAY_KEYLESS;
	int rc = db_first(db, q, NULL, 0);

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	h->keyless = true;
	rc = db_name(db, q, 0, h->peer, sizeof h->peer) &&
		     db_fill(db, q, 1, h->key_id, sizeof h->key_id)
		 ? 0
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

static int find_caseless(struct db *db, struct store_hopeless *h)
{
	const enum sql q = SQL_TRAY_CASELESS;
	int rc = db_first(db, q,
	    DB_VALUES(DB_N(h->now_ms), DB_N(h->now_ms - REGISTRY_TRAY_CASELESS_MS),
		DB_T(recovery_stage_words(RECOVERY_OVER).word)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = db_name(db, q, 0, h->peer, sizeof h->peer) ? 0 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

int store_tray_hopeless(struct db *db, struct store_hopeless *out, int64_t now_ms)
{
	struct store_hopeless h = {.now_ms = now_ms};
	int rc = find_keyless(db, &h);

	if (rc == RXP_ERR_NOT_FOUND)
		rc = find_caseless(db, &h);
	if (rc == 0)
		*out = h;
	return rc;
}

int store_tray_give_up(struct db *db, uint64_t *n, const struct store_hopeless *of)
{
	int rc = of->keyless ? db_run(db, SQL_TRAY_DROP_KEYLESS,
				   DB_VALUES(DB_T(of->peer), DB_O(of->key_id, sizeof of->key_id)))
			     : db_run(db, SQL_TRAY_DROP_CASELESS,
				   DB_VALUES(DB_T(of->peer), DB_N(of->now_ms),
				       DB_N(of->now_ms - REGISTRY_TRAY_CASELESS_MS)));

	*n = rc == 0 ? (uint64_t)db_changes(db) : 0;
	return rc != 0 ? rc
		       : db_run(db, SQL_RECOVERY_GIVES_UP, DB_VALUES(DB_T(of->peer), DB_N(*n)));
}
