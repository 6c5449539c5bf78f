#include "daemon/registry/store/store_retention.h"

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/err.h"

static int read_row(struct db *db, struct store_retained *out, enum sql q)
{
	struct store_retained d = {.own = db_number(db, q, 0) != 0,
	    .state = state_of_word(db_words(db, q, 2)),
	    .position = (uint64_t)db_number(db, q, 4),
	    .answered_ms = db_number(db, q, 5),
	    .held = db_number(db, q, 6) != 0,
	    .erased_ms = db_number(db, q, 7),
	    .blocked_ms = db_number(db, q, 8),
	    .facts = db_octets(db, q, 9)};

	if (d.state == STATE_NONE || !db_fill(db, q, 1, d.local_id, sizeof d.local_id) ||
	    !db_name(db, q, 3, d.type, sizeof d.type))
		return RXP_ERR_DAMAGED;
	*out = d;
	return 0;
}

struct each_retained {
	store_retained_fn *fn;
	void *arg;
};

static int one_retained(void *arg, struct db *db, enum sql q)
{
	const struct each_retained *of = arg;
	struct store_retained d;
	int rc = read_row(db, &d, q);

	return rc != 0 ? rc : of->fn(of->arg, &d);
}

int store_retained(
    struct db *db, const char *peer, const uint8_t case_id[16], store_retained_fn *fn, void *arg)
{
	const enum sql q = SQL_RETAINED;
	struct each_retained of = {fn, arg};

	return db_each(
	    db, q, db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, 16))), one_retained, &of);
}

int store_retained_one(struct db *db, struct store_retained *out, char peer[RXP_PARTY_TEXT],
    uint8_t case_id[16], const uint8_t local_id[16])
{
	const enum sql q = SQL_RETAINED_ONE;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = read_row(db, out, q);
	out->facts = (struct bytes){NULL, 0};
	if (rc == 0 &&
	    (!db_name(db, q, 10, peer, RXP_PARTY_TEXT) || !db_fill(db, q, 11, case_id, 16)))
		rc = RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

/* --- erasure ------------------------------------------------------------------------------------- */

/* The peer's share gets back what goes. */
static int relieve_peer(struct db *db, const uint8_t local_id[16], const char *peer)
{
	const enum sql q = SQL_RETAINED_OCTETS;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));
	int64_t octets;

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	octets = db_number(db, q, 0);
	db_end(db, q);
	return store_peer_weigh(db, peer, -octets);
}

int store_retention_erase(struct db *db, enum state *after, const struct store_retained *d,
    const char *peer, int64_t now_ms)
{
	enum state next = d->state;
	int rc;

	if (!d->held || d->erased_ms != 0 || d->answered_ms == 0)
		return RXP_ERR_STATE;
	if (d->own) {
		rc = db_run(db, SQL_ERASE_OUT, DB_VALUES(DB_O(d->local_id, 16), DB_N(now_ms)));
	} else {
		if (state_allows(d->state, EVENT_ERASE))
			next = state_next(d->state, EVENT_ERASE);
		rc = relieve_peer(db, d->local_id, peer);
		if (rc == 0)
			rc = store_copy_forget_of(db, d->local_id);
		if (rc == 0)
			rc = db_run(db, SQL_ERASE_IN,
			    DB_VALUES(DB_O(d->local_id, 16), DB_N(now_ms), DB_T(state_word(next))));
	}
	if (rc == 0 && db_changes(db) != 1)
		rc = RXP_ERR_STATE;
	if (rc == 0)
		*after = next;
	return rc;
}

static struct db_value time_value(int64_t ms)
{
	return ms != 0 ? DB_N(ms) : DB_NONE;
}

int store_retention_block(struct db *db, const uint8_t local_id[16], int64_t since_ms)
{
	int rc = since_ms != 0 ? store_copy_forget_of(db, local_id) : 0;

	if (rc == 0)
		rc = db_run(db, SQL_BLOCK_OUT, DB_VALUES(DB_O(local_id, 16), time_value(since_ms)));
	return rc != 0 || db_changes(db) == 1
		   ? rc
		   : db_run(db, SQL_BLOCK_IN, DB_VALUES(DB_O(local_id, 16), time_value(since_ms)));
}

int store_retention_hold(
    struct db *db, const char *peer, const uint8_t case_id[16], int64_t since_ms)
{
	return db_run(db, SQL_CASE_LEGAL_HOLD,
	    DB_VALUES(DB_T(peer), DB_O(case_id, 16), time_value(since_ms)));
}

/* --- keys of idempotency ------------------------------------------------------------------------- */

int store_retention_keyed(struct db *db, int64_t before_ms)
{
	int rc = db_first(db, SQL_KEYED, DB_VALUES(DB_N(before_ms)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	db_end(db, SQL_KEYED);
	return 0;
}

int store_retention_forget_keys(struct db *db, int64_t before_ms, unsigned max)
{
	return db_run(db, SQL_KEYS_FORGET, DB_VALUES(DB_N(before_ms), DB_N(max)));
}

/* --- when ---------------------------------------------------------------------------------------- */

int store_retention_due(
    struct db *db, char peer[RXP_PARTY_TEXT], uint8_t case_id[16], int64_t now_ms)
{
	const enum sql q = SQL_CASE_TO_LOOK_AT;
	int rc = db_first(db, q, DB_VALUES(DB_N(now_ms)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = db_name(db, q, 0, peer, RXP_PARTY_TEXT) && db_fill(db, q, 1, case_id, 16)
		 ? 0
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

int store_retention_look(
    struct db *db, const char *peer, const uint8_t case_id[16], int64_t look_ms)
{
	return db_run(
	    db, SQL_CASE_LOOK, DB_VALUES(DB_T(peer), DB_O(case_id, 16), time_value(look_ms)));
}
