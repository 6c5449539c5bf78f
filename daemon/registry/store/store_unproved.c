#include "daemon/registry/store/store_unproved.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/message/answer.h"

/* --- what is held ----------------------------------------------------------------------------------- */

int store_back_put(struct db *db, const struct store_back_row *b)
{
	return db_run(db, SQL_BACK_PUT,
	    DB_VALUES(DB_T(b->peer), DB_N(b->own), DB_O(b->message_id, RXP_ID_OCTETS),
		DB_O(b->fingerprint, RXP_DIGEST_OCTETS), DB_O(b->seal, RXP_DIGEST_OCTETS),
		DB_N(b->back_ms), DB_N(b->unproved)));
}

int store_back_revoked(
    struct db *db, const uint8_t seal[RXP_DIGEST_OCTETS], int64_t since_ms, uint64_t *n)
{
	int rc =
	    db_run(db, SQL_BACK_REVOKED, DB_VALUES(DB_O(seal, RXP_DIGEST_OCTETS), DB_N(since_ms)));

	if (rc == 0)
		*n = (uint64_t)db_changes(db);
	return rc;
}

int store_back_unproved(struct db *db, bool *out, const struct store_back_row *b)
{
	const enum sql q = SQL_BACK_UNPROVED;
	int rc = db_first(db, q,
	    DB_VALUES(DB_T(b->peer), DB_N(b->own), DB_O(b->message_id, RXP_ID_OCTETS),
		DB_O(b->fingerprint, RXP_DIGEST_OCTETS)));

	*out = false;
	if (rc != 1)
		return rc;
	*out = db_number(db, q, 0) != 0;
	db_end(db, q);
	return 0;
}

/* --- answers that are none ---------------------------------------------------------------------------- */

int store_unproved_answer(struct db *db, const struct store_final *f, int64_t back_ms)
{
	int rc = db_run(db, SQL_UNPROVED_ANSWER_ADD,
	    DB_VALUES(DB_T(f->peer), DB_O(f->message_id, RXP_ID_OCTETS),
		DB_O(f->fingerprint, RXP_DIGEST_OCTETS),
		DB_O(f->envelope_digest, RXP_DIGEST_OCTETS), DB_T(f->refusal), DB_N(f->received_ms),
		DB_B(f->octets), DB_T(f->flags), DB_N(back_ms)));

	return rc != 0 ? rc : store_peer_weigh(db, f->peer, (int64_t)f->octets.len);
}

int store_unproved_says(struct db *db, const struct store_final *f)
{
	const enum sql q = SQL_UNPROVED_ANSWER_SAYS;
	int rc = db_first(db, q,
	    DB_VALUES(DB_T(f->peer), DB_O(f->message_id, RXP_ID_OCTETS),
		DB_O(f->fingerprint, RXP_DIGEST_OCTETS),
		DB_O(f->envelope_digest, RXP_DIGEST_OCTETS), DB_T(f->refusal), DB_N(f->received_ms),
		DB_T(f->flags)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = db_number(db, q, 0) != 0 ? 0 : RXP_ERR_MISMATCH;
	db_end(db, q);
	return rc;
}

int store_unproved_give_way(struct db *db, const struct store_final *f)
{
	int rc = db_run(db, SQL_UNPROVED_ANSWER_UNWEIGH,
	    DB_VALUES(DB_T(f->peer), DB_O(f->message_id, RXP_ID_OCTETS),
		DB_O(f->fingerprint, RXP_DIGEST_OCTETS)));

	return rc != 0 ? rc
		       : db_run(db, SQL_UNPROVED_ANSWER_DROP,
			     DB_VALUES(DB_T(f->peer), DB_O(f->message_id, RXP_ID_OCTETS),
				 DB_O(f->fingerprint, RXP_DIGEST_OCTETS)));
}

/* rc: of the first row of the query. */
static int waits_since(struct db *db, enum sql q, int64_t *began_ms, int rc)
{
	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	*began_ms = db_number(db, q, 0);
	db_end(db, q);
	return 0;
}

int store_unproved_to(struct db *db, int64_t *began_ms, const char *peer,
    const uint8_t message_id[RXP_ID_OCTETS], const uint8_t fingerprint[RXP_DIGEST_OCTETS])
{
	const enum sql q = SQL_UNPROVED_ANSWER_TO;

	return waits_since(db, q, began_ms,
	    db_first(db, q,
		DB_VALUES(DB_T(peer), DB_O(message_id, RXP_ID_OCTETS),
		    DB_O(fingerprint, RXP_DIGEST_OCTETS))));
}

int store_unproved_in_case(
    struct db *db, int64_t *began_ms, const char *peer, const uint8_t case_id[RXP_ID_OCTETS])
{
	const enum sql q = SQL_UNPROVED_IN_CASE;

	return waits_since(
	    db, q, began_ms, db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, RXP_ID_OCTETS))));
}

/* One of them, out of its row. */
struct kept {
	uint8_t message_id[RXP_ID_OCTETS], fingerprint[RXP_DIGEST_OCTETS],
	    envelope_digest[RXP_DIGEST_OCTETS];
	char refusal[RECORD_NAME_MAX], flags[RXP_MAX_FLAGS * RXP_FLAG_TEXT];
	struct rxp_buf octets;
	struct store_final f; /* points into the rest */
};

static int read_first(struct db *db, struct kept *k, const char *peer)
{
	const enum sql q = SQL_UNPROVED_ANSWER_FIRST;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer)));
	struct bytes octets;

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	octets = db_octets(db, q, 5);
	rxp_buf_reset(&k->octets);
	rc = db_fill(db, q, 0, k->message_id, sizeof k->message_id) &&
		     db_fill(db, q, 1, k->fingerprint, sizeof k->fingerprint) &&
		     db_fill(db, q, 2, k->envelope_digest, sizeof k->envelope_digest) &&
		     db_name(db, q, 3, k->refusal, sizeof k->refusal) &&
		     db_name(db, q, 6, k->flags, sizeof k->flags)
		 ? rxp_buf_put(&k->octets, octets.data, octets.len)
		 : RXP_ERR_DAMAGED;
	k->f = (struct store_final){.peer = peer,
	    .message_id = k->message_id,
	    .fingerprint = k->fingerprint,
	    .envelope_digest = k->envelope_digest,
	    .refusal = k->refusal,
	    .flags = k->flags,
	    .received_ms = db_number(db, q, 4),
	    .lacks = k->refusal[0] == '\0',
	    .octets = {.data = k->octets.data, .len = k->octets.len}};
	db_end(db, q);
	return rc;
}

int store_unproved_may_seem(struct db *db, bool *out, const char *peer)
{
	const enum sql q = SQL_UNPROVED_MAY_SEEM;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	*out = db_number(db, q, 0) != 0;
	db_end(db, q);
	return 0;
}

int store_unproved_stand(struct db *db, const char *peer, struct store_log *log, bool *grown)
{
	struct kept k;
	int rc;

	*grown = false;
	rxp_buf_init(&k.octets, RXP_MAX_ANSWER_OCTETS);
	while ((rc = read_first(db, &k, peer)) == 0) {
		rc = store_unproved_give_way(db, &k.f);
		if (rc == 0)
			rc = store_answer_put(db, &k.f, log);
		*grown = *grown || rc == 0;
		if (rc != 0 && rc != RXP_ERR_EXISTS)
			break;
	}
	rxp_buf_free(&k.octets);
	if (rc != RXP_ERR_NOT_FOUND)
		return rc;
	return db_run(db, SQL_BACK_STAND, DB_VALUES(DB_T(peer)));
}

/* --- for people --------------------------------------------------------------------------------------- */

static const struct {
	const char *word, *meaning;
} proofs[] = {
#define UNPROVED_PROOF(name, word, meaning) {word, meaning},
#include "daemon/registry/store/unproved.def"
#undef UNPROVED_PROOF
};

static int put_row(void *arg, struct db *db, enum sql q)
{
	struct rxp_buf *rows = arg;
	struct rec_unproved_row r = {
	    .received_ms = db_number(db, q, 7), .back_ms = db_number(db, q, 8)};
	uint64_t proof = (uint64_t)db_number(db, q, 9);

	if (proof >= sizeof proofs / sizeof proofs[0] ||
	    !db_name(db, q, 0, r.peer, sizeof r.peer) ||
	    !db_name(db, q, 1, r.what, sizeof r.what) ||
	    !db_fill(db, q, 2, r.message_id, sizeof r.message_id) ||
	    !db_fill(db, q, 3, r.local_id, sizeof r.local_id) ||
	    !db_fill(db, q, 4, r.case_id, sizeof r.case_id) ||
	    !db_name(db, q, 5, r.type, sizeof r.type) ||
	    !db_name(db, q, 6, r.outcome, sizeof r.outcome))
		return RXP_ERR_DAMAGED;
	snprintf(r.proof, sizeof r.proof, "%s", proofs[proof].word);
	r.meaning =
	    (struct bytes){(const uint8_t *)proofs[proof].meaning, strlen(proofs[proof].meaning)};
	return record_list_put(rows, REC_unproved_row, &record_unproved_row, &r);
}

int store_unproved_rows(struct db *db, struct rxp_buf *rows, const char *peer, uint32_t limit)
{
	const enum sql q = SQL_UNPROVED_ROWS;

	return db_each(db, q, db_first(db, q, DB_VALUES(DB_T(peer), DB_N(limit))), put_row, rows);
}
