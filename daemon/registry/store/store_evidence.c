#include "daemon/registry/store/store_evidence.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/evidence/evidence_name.h"
#include "protocol/evidence/evidence_party.h"

/* One of the two boxes, read in its order: a sender has one document of a case on its way, so their
 * answers came in that order too. */
struct side {
	enum sql q;
	bool sent; /* of what this State sent, or of this State */
	bool erased; /* it says that nothing is left */
	int rc; /* of the last step: 1 if it stands on a row */
};
#define BOXES 3 /* both boxes, and what the peer erased … */
#define PAPERS 5 /* … the logs of both … */
#define SIDES 7 /* … and former descriptors of both, which come first of all */

typedef int put_fn(
    struct rxp_buf *rows, struct db *db, const struct side *side, const struct store_evidence *of);

static int put_row(
    struct rxp_buf *rows, struct db *db, const struct side *side, const struct store_evidence *of)
{
	const enum sql q = side->q;
	struct rec_evidence_row r = {
	    .evidence = db_octets(db, q, 6), .unproved = db_number(db, q, 9) != 0};

	if (r.unproved == 0)
		r.answer = db_octets(db, q, 7);
	if (side->erased)
		r.body = db_octets(db, q, 10);
	memcpy(r.from, side->sent ? of->own : of->peer, sizeof r.from);
	memcpy(r.to, side->sent ? of->peer : of->own, sizeof r.to);
	if (strcmp(db_words(db, q, 0), of->peer) != 0 ||
	    !db_fill(db, q, 8, r.local_id, sizeof r.local_id) ||
	    !db_fill(db, q, 2, r.message_id, sizeof r.message_id) ||
	    !db_fill(db, q, 4, r.fingerprint, sizeof r.fingerprint) ||
	    !db_fill(db, q, 5, r.envelope_digest, sizeof r.envelope_digest))
		return RXP_ERR_DAMAGED;
	if (!db_name(db, q, 3, r.type, sizeof r.type) || rxp_evidence_type(r.type) != r.type)
		snprintf(r.type, sizeof r.type, "%s", RXP_EVIDENCE_TYPE_LOST);
	return record_list_put(rows, REC_evidence_row, &record_evidence_row, &r);
}

/* The side whose row was answered first; NULL if neither has one. */
static struct side *earlier(struct db *db, struct side *a, struct side *b)
{
	if (a->rc != 1 || b->rc != 1)
		return a->rc == 1 ? a : b->rc == 1 ? b : NULL;
	return db_number(db, a->q, 1) <= db_number(db, b->q, 1) ? a : b;
}

/* --- and pages of logs behind them ------------------------------------------------------------------ */

static int put_log_page(
    struct rxp_buf *rows, struct db *db, const struct side *side, const struct store_evidence *of)
{
	struct rec_evidence_page r = {.octets = db_octets(db, side->q, 0)};

	memcpy(r.owner, side->sent ? of->peer : of->own, sizeof r.owner);
	return r.octets.len == 0
		   ? RXP_ERR_DAMAGED
		   : record_list_put(rows, REC_evidence_page, &record_evidence_page, &r);
}

static int put_former(
    struct rxp_buf *rows, struct db *db, const struct side *side, const struct store_evidence *of)
{
	struct rec_evidence_former r = {.own = side->sent, .octets = db_octets(db, side->q, 0)};

	(void)of;
	return r.octets.len == 0
		   ? RXP_ERR_DAMAGED
		   : record_list_put(rows, REC_evidence_former, &record_evidence_former, &r);
}

/* The next of all, and how it is put: former descriptors, documents of the case, what was erased of it, pages of the peer's log,
 * then of ours. */
static struct side *next_of(struct db *db, struct side sides[SIDES], put_fn **put)
{
	struct side *next = NULL;

	*put = put_former;
	for (size_t i = PAPERS; next == NULL && i < SIDES; i++)
		if (sides[i].rc == 1)
			next = &sides[i];
	if (next != NULL)
		return next;
	*put = put_row;
	next = earlier(db, &sides[0], &sides[1]);
	for (size_t i = 2; next == NULL && i < PAPERS; i++)
		if (sides[i].rc == 1) {
			next = &sides[i];
			*put = i < BOXES ? put_row : put_log_page;
		}
	return next;
}

static int put_page(struct db *db, struct rxp_buf *rows, uint32_t *n, bool *more,
    struct side sides[SIDES], const struct store_evidence *of,
    const struct store_evidence_bounds *bounds)
{
	struct side *next;
	put_fn *put;
	uint32_t at = 0;
	int rc;

	*n = 0;
	while ((next = next_of(db, sides, &put)) != NULL) {
		if (at >= bounds->after) {
			*more = *n == bounds->rows || rows->len >= bounds->enough;
			if (*more)
				return 0;
			rc = put(rows, db, next, of);
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

/* Values of its statement: 1 the peer, 2 the case or the message, 3 how many at most. */
static const struct {
	enum sql of_case, of_message; /* the latter of no side that is of a case alone */
	bool sent, erased;
} statements[PAPERS] = {{SQL_EVIDENCE_OUT_CASE, SQL_EVIDENCE_OUT_MESSAGE, true, false},
    {SQL_EVIDENCE_IN_CASE, SQL_EVIDENCE_IN_MESSAGE, false, false},
    {SQL_EVIDENCE_ERASED, SQL_COUNT, false, true},
    {SQL_EVIDENCE_THEIRS_CASE, SQL_EVIDENCE_THEIRS_MESSAGE, true, false},
    {SQL_EVIDENCE_OURS_CASE, SQL_EVIDENCE_OURS_MESSAGE, false, false}};

static int begin_sides(struct db *db, struct side sides[SIDES], const struct store_evidence *of)
{
	bool of_case = of->case_id != NULL;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < PAPERS; i++) {
		const bool pages = i >= BOXES;

		sides[i].q = of_case ? statements[i].of_case : statements[i].of_message;
		sides[i].sent = statements[i].sent;
		sides[i].erased = statements[i].erased;
		if (sides[i].q == SQL_COUNT)
			continue;
		sides[i].rc = db_first(db, sides[i].q,
		    (const struct db_value[]){DB_T(of->peer),
			DB_O(of_case ? of->case_id : of->local_id, RXP_ID_OCTETS),
			DB_N(RXP_EVIDENCE_PAGES_MAX / 2)},
		    pages ? 3 : 2);
		rc = sides[i].rc < 0 ? sides[i].rc : 0;
	}
	return rc;
}

/* Former descriptors go with documents, and are nothing without one. */
static int begin_papers(struct db *db, struct side sides[SIDES], const struct store_evidence *of)
{
	bool any = false;

	for (size_t i = 0; i < BOXES; i++)
		any = any || sides[i].rc == 1;
	for (size_t i = PAPERS; any && i < SIDES; i++) {
		bool theirs = i == PAPERS;

		sides[i].sent = !theirs;
		sides[i].q = theirs ? SQL_EVIDENCE_FORMER_THEIRS : SQL_EVIDENCE_FORMER_OURS;
		sides[i].rc = db_first(db, sides[i].q,
		    DB_VALUES(DB_T(theirs ? of->peer : of->own), DB_N(RXP_EVIDENCE_FORMER_MAX)));
		if (sides[i].rc < 0)
			return sides[i].rc;
	}
	return 0;
}

int store_evidence_page(struct db *db, struct rxp_buf *rows, uint32_t *n, bool *more,
    const struct store_evidence *of, const struct store_evidence_bounds *bounds)
{
	struct side sides[SIDES] = {{.rc = 0}};
	int rc = begin_sides(db, sides, of);

	if (rc == 0)
		rc = begin_papers(db, sides, of);
	if (rc == 0)
		rc = put_page(db, rows, n, more, sides, of, bounds);
	for (size_t i = 0; i < SIDES; i++)
		if (sides[i].rc == 1)
			db_end(db, sides[i].q);
	return rc;
}
