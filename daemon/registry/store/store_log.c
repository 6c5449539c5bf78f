#include "daemon/registry/store/store_log.h"

#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

static enum rxp_outcome outcome_of(const char *refusal)
{
	return refusal[0] == '\0' ? RXP_OUTCOME_RECEIPT : RXP_OUTCOME_REFUSAL;
}

/* Zeros for what has another length. */
static void fill(struct db *db, enum sql q, int column, uint8_t *out, size_t len)
{
	if (!db_fill(db, q, column, out, len))
		memset(out, 0, len);
}

/* --- ours ---------------------------------------------------------------------------------------- */

static int call_entry(struct db *db, store_log_fn *fn, void *arg)
{
	const enum sql q = SQL_LOG_PAGE;
	struct rxp_log_entry e = {
	    .received_ms = db_number(db, q, 3), .outcome = outcome_of(db_words(db, q, 4))};
	uint8_t head[RXP_DIGEST_OCTETS] = {0};

	fill(db, q, 1, e.message_id, sizeof e.message_id);
	fill(db, q, 2, e.fingerprint, sizeof e.fingerprint);
	fill(db, q, 5, head, sizeof head);
	return fn(arg, (uint64_t)db_number(db, q, 0), &e, head);
}

int store_log_each(struct db *db, const struct store_log_of *log, uint64_t after, size_t limit,
    store_log_fn *fn, void *arg)
{
	const enum sql q = SQL_LOG_PAGE;
	int rc = db_first(db, q,
	    DB_VALUES(
		DB_T(log->peer), DB_O(log->log_id, sizeof log->log_id), DB_N(after), DB_N(limit)));

	while (rc == 1) {
		int called = call_entry(db, fn, arg);

		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_log_head(
    struct db *db, uint8_t head[RXP_DIGEST_OCTETS], const struct store_log_of *log, uint64_t n)
{
	const enum sql q = SQL_LOG_HEAD;
	int rc = db_first(
	    db, q, DB_VALUES(DB_T(log->peer), DB_O(log->log_id, sizeof log->log_id), DB_N(n)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	fill(db, q, 0, head, RXP_DIGEST_OCTETS);
	db_end(db, q);
	return 0;
}

int store_log_end(
    struct db *db, struct store_log_of *log, uint64_t *n, uint8_t head[RXP_DIGEST_OCTETS])
{
	const enum sql q = SQL_PEER_LOG;
	int rc = db_first(db, q, DB_VALUES(DB_T(log->peer)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	*n = (uint64_t)db_number(db, q, 1);
	fill(db, q, 2, head, RXP_DIGEST_OCTETS);
	fill(db, q, 3, log->log_id, sizeof log->log_id);
	db_end(db, q);
	return 0;
}

int store_log_anew(struct db *db, const struct store_log_of *next,
    const uint8_t head[RXP_DIGEST_OCTETS], int64_t now_ms)
{
	int rc = db_run(db, SQL_LOG_END, DB_VALUES(DB_T(next->peer), DB_N(now_ms)));

	return rc != 0 ? rc
		       : db_run(db, SQL_LOG_BEGIN,
			     DB_VALUES(DB_T(next->peer), DB_O(next->log_id, sizeof next->log_id),
				 DB_O(head, RXP_DIGEST_OCTETS)));
}

/* Of one that ended: both queries give the same columns. */
static int read_former(struct db *db, enum sql q, int rc, struct store_log_of *log, uint64_t *n,
    uint8_t head[RXP_DIGEST_OCTETS])
{
	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	*n = (uint64_t)db_number(db, q, 1);
	fill(db, q, 2, head, RXP_DIGEST_OCTETS);
	rc = db_fill(db, q, 0, log->log_id, sizeof log->log_id) ? 0 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

int store_log_former(
    struct db *db, struct store_log_of *log, uint64_t *n, uint8_t head[RXP_DIGEST_OCTETS])
{
	const enum sql q = SQL_LOG_FORMER;

	return read_former(db, q,
	    db_first(db, q, DB_VALUES(DB_T(log->peer), DB_O(log->log_id, sizeof log->log_id))), log,
	    n, head);
}

int store_log_ended(struct db *db, struct store_log_of *log, uint64_t *n,
    uint8_t head[RXP_DIGEST_OCTETS], int64_t ended_ms)
{
	const enum sql q = SQL_LOG_ENDED;

	return read_former(
	    db, q, db_first(db, q, DB_VALUES(DB_T(log->peer), DB_N(ended_ms))), log, n, head);
}

static bool take_digest(struct db *db, enum sql q, int column, uint8_t out[RXP_DIGEST_OCTETS])
{
	if (db_is_null(db, q, column))
		return false;
	fill(db, q, column, out, RXP_DIGEST_OCTETS);
	return true;
}

/* Both queries give the same columns. */
static void read_row(struct db *db, enum sql q, struct store_log_row *r)
{
	*r = (struct store_log_row){.received_ms = db_number(db, q, 2),
	    .place = {.in_case = !db_is_null(db, q, 4), .position = (uint64_t)db_number(db, q, 5)},
	    .evidence = db_octets(db, q, 8),
	    .answer = db_octets(db, q, 9),
	    .flags = db_words(db, q, 10),
	    .sent = q == SQL_LOG_DELIVERED,
	    .log_count = (uint64_t)db_number(db, q, 12),
	    .created_ms = db_number(db, q, 14),
	    .expires_ms = db_number(db, q, 15)};
	fill(db, q, 16, r->envelope_digest, sizeof r->envelope_digest);
	fill(db, q, 11, r->log_id, sizeof r->log_id);
	fill(db, q, 13, r->log_head, sizeof r->log_head);
	fill(db, q, 0, r->message_id, sizeof r->message_id);
	fill(db, q, 1, r->fingerprint, sizeof r->fingerprint);
	if (!db_name(db, q, 3, r->type, sizeof r->type))
		r->type[0] = '\0';
	fill(db, q, 4, r->place.case_id, sizeof r->place.case_id);
	r->place.has_previous = take_digest(db, q, 6, r->place.previous);
	r->place.has_seen = take_digest(db, q, 7, r->place.seen);
}

/* RXP_ERR_EXISTS, or RXP_ERR_NOT_FOUND. */
static int look_lacks(struct db *db, const char *peer, const struct rxp_log_entry *e)
{
	int rc = db_first(db, SQL_LOG_LACKS,
	    DB_VALUES(DB_T(peer), DB_O(e->message_id, sizeof e->message_id),
		DB_O(e->fingerprint, sizeof e->fingerprint)));

	if (rc == 1)
		db_end(db, SQL_LOG_LACKS);
	return rc == 1 ? RXP_ERR_EXISTS : rc == 0 ? RXP_ERR_NOT_FOUND : rc;
}

int store_log_received(
    struct db *db, const char *peer, const struct rxp_log_entry *e, store_log_row_fn *fn, void *arg)
{
	const enum sql q = SQL_LOG_INBOX;
	struct store_log_row row;
	int rc = db_first(db, q,
	    DB_VALUES(DB_T(peer), DB_O(e->message_id, sizeof e->message_id),
		DB_O(e->fingerprint, sizeof e->fingerprint)));

	if (rc != 1)
		return rc == 0 ? look_lacks(db, peer, e) : rc;
	read_row(db, q, &row);
	rc = fn(arg, &row);
	db_end(db, q);
	return rc;
}

int store_log_delivered(struct db *db, uint8_t id[RXP_ID_OCTETS], const char *peer, size_t limit,
    store_log_row_fn *fn, void *arg)
{
	const enum sql q = SQL_LOG_DELIVERED;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_O(id, RXP_ID_OCTETS), DB_N(limit)));

	if (rc == 0)
		return RXP_ERR_NOT_FOUND;
	while (rc == 1) {
		struct store_log_row row;
		int called;

		read_row(db, q, &row);
		memcpy(id, row.message_id, RXP_ID_OCTETS);
		called = fn(arg, &row);
		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

/* Rows of an id and whether something is left of it; rc: of db_first. */
static int call_left(
    struct db *db, enum sql q, int rc, uint8_t id[RXP_ID_OCTETS], store_log_left_fn *fn, void *arg)
{
	if (rc == 0)
		return RXP_ERR_NOT_FOUND;
	while (rc == 1) {
		int called = 0;

		/* A key of another length is behind no id, and ends the reading. */
		if (!db_fill(db, q, 0, id, RXP_ID_OCTETS))
			memset(id, 0xff, RXP_ID_OCTETS);
		if (db_number(db, q, 1) != 0)
			called = fn(arg, id);
		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_log_inbox_left(struct db *db, uint8_t id[RXP_ID_OCTETS], const char *peer, size_t limit,
    store_log_left_fn *fn, void *arg)
{
	const enum sql q = SQL_LOG_INBOX_LEFT;

	return call_left(db, q,
	    db_first(db, q, DB_VALUES(DB_T(peer), DB_O(id, RXP_ID_OCTETS), DB_N(limit))), id, fn,
	    arg);
}

int store_log_case(struct db *db, uint8_t id[RXP_ID_OCTETS], const char *peer)
{
	const enum sql q = SQL_LOG_CASES;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_O(id, RXP_ID_OCTETS), DB_N(1)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	/* A key of another length is behind no id, and ends the reading. */
	if (!db_fill(db, q, 0, id, RXP_ID_OCTETS))
		memset(id, 0xff, RXP_ID_OCTETS);
	db_end(db, q);
	return 0;
}

int store_log_case_content(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS])
{
	const enum sql q = SQL_LOG_CASE_CONTENT;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, RXP_ID_OCTETS)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	db_end(db, q);
	return 0;
}

/* --- a peer's ------------------------------------------------------------------------------------ */

int store_log_sent(struct db *db, struct rxp_log_known *known, const char *peer,
    const uint8_t message_id[RXP_ID_OCTETS], int64_t since_ms)
{
	const enum sql q = SQL_LOG_SENT;
	bool receipted, refused;
	int rc =
	    db_first(db, q, DB_VALUES(DB_O(message_id, RXP_ID_OCTETS), DB_T(peer), DB_N(since_ms)));

	*known = (struct rxp_log_known){.sent = false};
	if (rc != 1)
		return rc;
	receipted = !db_is_null(db, q, 2);
	refused = !db_is_null(db, q, 3);
	known->sent = true;
	known->answered = receipted || refused;
	known->own.received_ms = db_number(db, q, receipted ? 2 : 3);
	known->own.outcome = outcome_of(db_words(db, q, 1));
	known->named = (uint64_t)db_number(db, q, 4);
	memcpy(known->own.message_id, message_id, RXP_ID_OCTETS);
	fill(db, q, 0, known->own.fingerprint, RXP_DIGEST_OCTETS);
	db_end(db, q);
	return 0;
}

static void read_claim(struct db *db, enum sql q, struct rxp_log_claim *c)
{
	c->at.n = (uint64_t)db_number(db, q, 2);
	fill(db, q, 0, c->message_id, sizeof c->message_id);
	fill(db, q, 1, c->at.log_id, sizeof c->at.log_id);
	fill(db, q, 3, c->at.head, sizeof c->at.head);
}

int store_log_claims(struct db *db, struct rxp_log_claim *claims, size_t *n, size_t max,
    const struct store_log_span *span)
{
	const enum sql q = SQL_LOG_CLAIMS;
	int rc = db_first(db, q,
	    DB_VALUES(DB_T(span->peer), DB_N(span->from), DB_N(span->to), DB_N(span->since_ms),
		DB_N(max)));

	for (*n = 0; rc == 1; rc = db_next(db, q))
		read_claim(db, q, &claims[(*n)++]);
	return rc;
}

int store_log_furthest(
    struct db *db, struct rxp_log_claim *claim, const char *peer, int64_t since_ms)
{
	const enum sql q = SQL_LOG_FURTHEST;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_N(since_ms)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	read_claim(db, q, claim);
	db_end(db, q);
	return 0;
}

int store_log_named(struct db *db, struct store_log_named *out, const char *peer, int64_t since_ms,
    const uint8_t but[RXP_ID_OCTETS])
{
	const enum sql q = SQL_LOG_NAMED;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_N(since_ms), DB_O(but, RXP_ID_OCTETS)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	fill(db, q, 0, out->log_id, sizeof out->log_id);
	out->count = (uint64_t)db_number(db, q, 1);
	out->answered_ms = db_number(db, q, 2);
	out->received_ms = db_number(db, q, 3);
	db_end(db, q);
	return 0;
}

int store_log_missing(struct db *db, uint8_t id[RXP_ID_OCTETS], const struct store_log_answers *of,
    store_log_left_fn *fn, void *arg)
{
	const enum sql q = SQL_LOG_ANSWERED;

	return call_left(db, q,
	    db_first(db, q,
		DB_VALUES(DB_T(of->peer), DB_O(id, RXP_ID_OCTETS), DB_N(of->until_ms),
		    DB_N(of->limit), DB_N(of->since_ms))),
	    id, fn, arg);
}

int store_log_newest(struct db *db, int64_t *at_ms, const char *peer)
{
	const enum sql q = SQL_LOG_NEWEST;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer)));

	if (rc < 0)
		return rc;
	*at_ms = rc == 1 ? db_number(db, q, 0) : 0;
	if (rc == 1)
		db_end(db, q);
	return 0;
}
