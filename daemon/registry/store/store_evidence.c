#include "daemon/registry/store/store_evidence.h"

#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* One of the two boxes, read in its order: a sender has one document of a case on its way, so their
 * answers came in that order too. */
struct side {
	enum sql q;
	bool sent;
	int rc; /* of the last step: 1 if it stands on a row */
};

static int put_row(
    struct rxp_buf *rows, struct db *db, const struct side *side, const struct store_evidence *of)
{
	const enum sql q = side->q;
	struct rec_evidence_row r = {
	    .evidence = db_octets(db, q, 6), .answer = db_octets(db, q, 7)};

	memcpy(r.from, side->sent ? of->own : of->peer, sizeof r.from);
	memcpy(r.to, side->sent ? of->peer : of->own, sizeof r.to);
	if (strcmp(db_words(db, q, 0), of->peer) != 0 ||
	    !db_fill(db, q, 8, r.local_id, sizeof r.local_id) ||
	    !db_fill(db, q, 2, r.message_id, sizeof r.message_id) ||
	    !db_name(db, q, 3, r.type, sizeof r.type) ||
	    !db_fill(db, q, 4, r.fingerprint, sizeof r.fingerprint) ||
	    !db_fill(db, q, 5, r.envelope_digest, sizeof r.envelope_digest) || r.answer.len == 0)
		return RXP_ERR_DAMAGED;
	return record_list_put(rows, REC_evidence_row, &record_evidence_row, &r);
}

/* The side whose row was answered first; NULL if neither has one. */
static struct side *earlier(struct db *db, struct side *a, struct side *b)
{
	if (a->rc != 1 || b->rc != 1)
		return a->rc == 1 ? a : b->rc == 1 ? b : NULL;
	return db_number(db, a->q, 1) <= db_number(db, b->q, 1) ? a : b;
}

static int put_page(struct db *db, struct rxp_buf *rows, uint32_t *n, bool *more,
    struct side sides[2], const struct store_evidence *of,
    const struct store_evidence_bounds *bounds)
{
	struct side *next;
	uint32_t at = 0;
	int rc;

	*n = 0;
	while ((next = earlier(db, &sides[0], &sides[1])) != NULL) {
		if (at >= bounds->after) {
			*more = *n == bounds->rows || rows->len >= bounds->enough;
			if (*more)
				return 0;
			rc = put_row(rows, db, next, of);
			if (rc != 0)
				return rc;
			++*n;
		}
		at++;
		next->rc = db_next(db, next->q);
		if (next->rc < 0)
			return next->rc;
	}
	*more = false;
	return 0;
}

int store_evidence_page(struct db *db, struct rxp_buf *rows, uint32_t *n, bool *more,
    const struct store_evidence *of, const struct store_evidence_bounds *bounds)
{
	bool of_case = of->case_id != NULL;
	const struct db_value of_peer[] = {DB_T(of->peer), DB_O(of->case_id, 16)};
	const struct db_value one[] = {DB_O(of->local_id, 16)};
	struct side sides[2] = {
	    {.q = of_case ? SQL_EVIDENCE_OUT_CASE : SQL_EVIDENCE_OUT_MESSAGE, .sent = true},
	    {.q = of_case ? SQL_EVIDENCE_IN_CASE : SQL_EVIDENCE_IN_MESSAGE, .sent = false}};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < 2; i++) {
		sides[i].rc = of_case ? db_first(db, sides[i].q, of_peer, 2)
				      : db_first(db, sides[i].q, one, 1);
		rc = sides[i].rc < 0 ? sides[i].rc : 0;
	}
	if (rc == 0)
		rc = put_page(db, rows, n, more, sides, of, bounds);
	for (size_t i = 0; i < 2; i++)
		if (sides[i].rc == 1)
			db_end(db, sides[i].q);
	return rc;
}
