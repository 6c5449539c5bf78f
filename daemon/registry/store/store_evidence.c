#include "daemon/registry/store/store_evidence.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
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
#define EVIDENCE_MAX (384UL * 1024) /* octets of what is kept of a document, … */
#define BODY_MAX (64UL * 1024) /* … and of a body that says that nothing is left */
#define BOXES 3 /* both boxes, and what the peer erased … */
#define PAPERS 5 /* … the logs of both … */
#define SIDES 7 /* … and former descriptors of both, which come first of all */

typedef int put_fn(
    struct rxp_buf *rows, struct db *db, const struct side *side, const struct store_evidence *of);

/* Octets that a hand put there in the place of others are none, so that they keep nothing back (RXP-EVI-032): what is given of the
 * document does not verify then. */
static struct bytes octets_of(struct db *db, enum sql q, int column, size_t max)
{
	struct bytes octets = db_octets(db, q, column);

	if (octets.len > max)
		octets.len = 0;
	return octets;
}

/* So is an id of another length: zeros, which no message has. */
static void id_of(uint8_t *out, size_t len, struct db *db, enum sql q, int column)
{
	if (!db_fill(db, q, column, out, len))
		memset(out, 0, len);
}

static int put_row(
    struct rxp_buf *rows, struct db *db, const struct side *side, const struct store_evidence *of)
{
	const enum sql q = side->q;
	struct rec_evidence_row r = {
	    .evidence = octets_of(db, q, 6, EVIDENCE_MAX), .unproved = db_number(db, q, 9) != 0};

	if (strcmp(db_words(db, q, 0), of->peer) != 0)
		return RXP_ERR_DAMAGED;
	if (r.unproved == 0)
		r.answer = octets_of(db, q, 7, RXP_MAX_ANSWER_OCTETS);
	if (side->erased)
		r.body = octets_of(db, q, 10, BODY_MAX);
	memcpy(r.from, side->sent ? of->own : of->peer, sizeof r.from);
	memcpy(r.to, side->sent ? of->peer : of->own, sizeof r.to);
	if (of->case_id != NULL)
		memcpy(r.case_id, of->case_id, sizeof r.case_id);
	id_of(r.local_id, sizeof r.local_id, db, q, 8);
	id_of(r.message_id, sizeof r.message_id, db, q, 2);
	id_of(r.fingerprint, sizeof r.fingerprint, db, q, 4);
	id_of(r.envelope_digest, sizeof r.envelope_digest, db, q, 5);
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
	struct rec_evidence_page r = {.octets = octets_of(db, side->q, 0, RXP_MAX_LOG_PAGE_OCTETS)};

	memcpy(r.owner, side->sent ? of->peer : of->own, sizeof r.owner);
	return record_list_put(rows, REC_evidence_page, &record_evidence_page, &r);
}

static int put_former(
    struct rxp_buf *rows, struct db *db, const struct side *side, const struct store_evidence *of)
{
	struct rec_evidence_former r = {
	    .own = side->sent, .octets = octets_of(db, side->q, 0, RXP_MAX_DESCRIPTOR_OCTETS)};

	(void)of;
	return record_list_put(rows, REC_evidence_former, &record_evidence_former, &r);
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
