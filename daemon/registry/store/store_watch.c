#include "daemon/registry/store/store_watch.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/tally.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* --- how far ------------------------------------------------------------------------------------- */

int store_watch_get(struct db *db, struct store_watch *out, const char *peer)
{
	const enum sql q = SQL_WATCH_GET;
	struct store_watch w = {.pass = 0};
	int rc = db_first(db, q, DB_VALUES(DB_T(peer)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	w.agreed.n = (uint64_t)db_number(db, q, 1);
	w.pass = (uint64_t)db_number(db, q, 3);
	w.compared_ms = db_number(db, q, 4);
	w.whole_ms = db_number(db, q, 5);
	w.since_ms = db_number(db, q, 6);
	w.shown = (uint64_t)db_number(db, q, 7);
	w.made_ms = db_number(db, q, 8);
	rc = db_fill(db, q, 0, w.agreed.log_id, sizeof w.agreed.log_id) &&
		     db_fill(db, q, 2, w.agreed.head, sizeof w.agreed.head)
		 ? 0
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*out = w;
	return rc;
}

int store_watch_put(struct db *db, const struct store_watch *w, const char *peer)
{
	return db_run(db, SQL_WATCH_PUT,
	    DB_VALUES(DB_T(peer), DB_O(w->agreed.log_id, sizeof w->agreed.log_id),
		DB_N(w->agreed.n), DB_O(w->agreed.head, sizeof w->agreed.head), DB_N(w->pass),
		DB_N(w->compared_ms), DB_N(w->whole_ms), DB_N(w->since_ms), DB_N(w->made_ms)));
}

int store_watch_restart(struct db *db, const char *peer, int64_t now_ms)
{
	const struct store_watch anew = {.since_ms = now_ms, .made_ms = now_ms};
	int rc = db_run(db, SQL_WATCHED_CLEAR, DB_VALUES(DB_T(peer)));

	return rc != 0 ? rc : store_watch_put(db, &anew, peer);
}

int store_watch_began(struct db *db, const char *peer, int64_t since_ms)
{
	int rc = db_first(db, SQL_WATCH_BEGAN, DB_VALUES(DB_T(peer), DB_N(since_ms)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	db_end(db, SQL_WATCH_BEGAN);
	return 0;
}

/* --- what the log said --------------------------------------------------------------------------- */

int store_watched_get(struct db *db, struct rxp_log_known *known, const char *peer,
    const uint8_t message_id[RXP_ID_OCTETS], uint64_t pass)
{
	const enum sql q = SQL_WATCHED_GET;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_O(message_id, RXP_ID_OCTETS)));

	if (rc != 1)
		return rc;
	known->before_n = (uint64_t)db_number(db, q, 0);
	known->before.received_ms = db_number(db, q, 2);
	known->before.outcome = (enum rxp_outcome)db_number(db, q, 3);
	known->before_sent = db_number(db, q, 4) != 0;
	known->met = (uint64_t)db_number(db, q, 5) == pass;
	memcpy(known->before.message_id, message_id, RXP_ID_OCTETS);
	(void)db_fill(db, q, 1, known->before.fingerprint,
	    RXP_DIGEST_OCTETS); /* of another length: it differs */
	db_end(db, q);
	return 0;
}

int store_watched_add(struct db *db, const char *peer, uint64_t n, const struct rxp_log_entry *e,
    bool sent, uint64_t pass)
{
	return db_run(db, SQL_WATCHED_ADD,
	    DB_VALUES(DB_T(peer), DB_N(n), DB_O(e->message_id, sizeof e->message_id),
		DB_O(e->fingerprint, sizeof e->fingerprint), DB_N(e->received_ms), DB_N(e->outcome),
		DB_N(sent), DB_N(pass)));
}

int store_watched_meet(struct db *db, const char *peer, uint64_t n, uint64_t pass)
{
	return db_run(db, SQL_WATCHED_MEET, DB_VALUES(DB_T(peer), DB_N(n), DB_N(pass)));
}

int store_watched_left(struct db *db, const char *peer, uint64_t after, uint64_t pass, size_t limit,
    store_watched_fn *fn, void *arg)
{
	const enum sql q = SQL_WATCHED_LEFT;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_N(after), DB_N(pass), DB_N(limit)));

	while (rc == 1) {
		uint8_t id[RXP_ID_OCTETS];
		int called = db_fill(db, q, 1, id, sizeof id)
				 ? fn(arg, (uint64_t)db_number(db, q, 0), id)
				 : RXP_ERR_DAMAGED;

		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_watched_at(struct db *db, uint8_t message_id[RXP_ID_OCTETS], const char *peer, uint64_t n)
{
	const enum sql q = SQL_WATCHED_AT;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_N(n)));

	memset(message_id, 0, RXP_ID_OCTETS);
	if (rc != 1)
		return rc;
	rc = db_fill(db, q, 0, message_id, RXP_ID_OCTETS) ? 0 : RXP_ERR_DAMAGED;
	db_end(db, q);
	return rc;
}

int store_watched_head(struct db *db, struct rxp_log_point *at, const char *peer, uint64_t n)
{
	const enum sql q = SQL_WATCHED_SPAN;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_N(at->n), DB_N(n)));

	while (rc == 1 && (uint64_t)db_number(db, q, 0) == at->n + 1) {
		struct rxp_log_entry e = {.received_ms = db_number(db, q, 3),
		    .outcome = (enum rxp_outcome)db_number(db, q, 4)};
		int made = db_fill(db, q, 1, e.message_id, sizeof e.message_id) &&
				   db_fill(db, q, 2, e.fingerprint, sizeof e.fingerprint)
			       ? rxp_logchain_extend(at->head, ++at->n, &e)
			       : RXP_ERR_DAMAGED;

		if (made != 0) {
			db_end(db, q);
			return made;
		}
		rc = db_next(db, q);
	}
	if (rc == 1)
		db_end(db, q);
	return rc == 1 ? 0 : rc;
}

/* --- differences --------------------------------------------------------------------------------- */

/* rc: of the first row of the query. */
static int take_count(struct db *db, enum sql q, uint64_t *out, int rc)
{
	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	*out = (uint64_t)db_number(db, q, 0);
	db_end(db, q);
	return 0;
}

static int count(struct db *db, enum sql q, uint64_t *out, const char *peer)
{
	return take_count(db, q, out, db_first(db, q, DB_VALUES(DB_T(peer))));
}

/* The key of a row. */
#define KEY(d) \
	DB_T((d)->peer), DB_T(rxp_log_difference_row((d)->what)->word), DB_N((d)->n), \
	    DB_O((d)->message_id, RXP_ID_OCTETS), DB_O((d)->log_id, RXP_ID_OCTETS), \
	    DB_O((d)->shown, RXP_ID_OCTETS)

/* In the place of one that a person has noted: of those the one that was not found again for the longest time. */
static int make_room(struct db *db, const char *peer)
{
	uint64_t held = 0;
	int rc = count(db, SQL_DIFFERENCE_COUNT, &held, peer);

	if (rc != 0 || held < REGISTRY_DIFFERENCES_MAX)
		return rc;
	rc = db_run(db, SQL_DIFFERENCE_MAKE_ROOM, DB_VALUES(DB_T(peer)));
	return rc == 0 && db_changes(db) == 0 ? RXP_ERR_FULL : rc;
}

static int add(struct db *db, const struct store_difference *d)
{
	int rc = make_room(db, d->peer);

	return rc != 0 ? rc
		       : db_run(db, SQL_DIFFERENCE_ADD,
			     DB_VALUES(KEY(d), DB_N(d->at_ms),
				 d->page.len > 0 ? DB_B(d->page) : DB_NONE));
}

int store_difference_put(struct db *db, const struct store_difference *d, bool *open)
{
	const enum sql q = SQL_DIFFERENCE_GET;
	int rc = db_first(db, q, DB_VALUES(KEY(d)));

	*open = true;
	if (rc == 0)
		return add(db, d);
	if (rc != 1)
		return rc;
	*open = db_is_null(db, q, 0);
	db_end(db, q);
	return db_run(db, SQL_DIFFERENCE_AGAIN, DB_VALUES(KEY(d), DB_N(d->at_ms)));
}

int store_difference_open(struct db *db, uint64_t *out, const char *peer)
{
	return count(db, SQL_DIFFERENCE_OPEN, out, peer);
}

#define OWN_TABLE DB_T(rxp_log_difference_row(RXP_LOG_OWN_TABLE)->word)

int store_difference_of_table(struct db *db, uint64_t *out, const char *peer, uint64_t table)
{
	const enum sql q = SQL_DIFFERENCE_OF_TABLE;

	return take_count(
	    db, q, out, db_first(db, q, DB_VALUES(DB_T(peer), OWN_TABLE, DB_N(table))));
}

static int note_sends(void *arg, struct db *db, enum sql q)
{
	bool *is = arg;

	*is = *is || tally_sends((uint64_t)db_number(db, q, 0));
	return 0;
}

int store_difference_sends(struct db *db, bool *is, const char *peer)
{
	const enum sql q = SQL_DIFFERENCE_TABLES;
	bool sends = false;
	int rc =
	    db_each(db, q, db_first(db, q, DB_VALUES(DB_T(peer), OWN_TABLE)), note_sends, &sends);

	if (rc == 0)
		*is = sends;
	return rc;
}

int store_difference_own(struct db *db, bool *is)
{
	const enum sql q = SQL_DIFFERENCE_ANY;
	int rc = db_first(db, q, DB_VALUES(OWN_TABLE));

	if (rc < 0)
		return rc;
	*is = rc == 1;
	if (rc == 1)
		db_end(db, q);
	return 0;
}

int store_difference_mended(
    struct db *db, const char *peer, uint64_t table, const char *user, int64_t now_ms)
{
	return db_run(db, SQL_DIFFERENCE_MENDED,
	    DB_VALUES(DB_T(peer), OWN_TABLE, DB_N(table), DB_T(user), DB_N(now_ms)));
}

struct put_rows {
	struct rxp_buf *rows;
	const char *peer;
};

/* A row that no node wrote is shown to nobody, and hides none of the others: the sums say that the table differs (RXP-LOG-031). */
static int put_row(void *arg, struct db *db, enum sql q)
{
	const struct put_rows *of = arg;
	struct rec_difference_row r = {.n = (uint64_t)db_number(db, q, 1),
	    .found_ms = db_number(db, q, 5),
	    .last_ms = db_number(db, q, 6),
	    .noted_ms = db_number(db, q, 8)};
	enum rxp_log_difference what;
	const char *table;

	snprintf(r.peer, sizeof r.peer, "%s", of->peer);
	if (rxp_log_difference_parse(&what, db_words(db, q, 0)) != 0 ||
	    !db_name(db, q, 0, r.what, sizeof r.what) ||
	    !db_fill(db, q, 2, r.message_id, sizeof r.message_id) ||
	    !db_fill(db, q, 3, r.log_id, sizeof r.log_id) ||
	    !db_fill(db, q, 4, r.shown_log_id, sizeof r.shown_log_id) ||
	    !db_name(db, q, 7, r.noted_by, sizeof r.noted_by))
		return 0;
	table = what == RXP_LOG_OWN_TABLE ? tally_name(r.n) : NULL;
	snprintf(r.table, sizeof r.table, "%s", table != NULL ? table : "");
	return record_list_put(of->rows, REC_difference_row, &record_difference_row, &r);
}

int store_difference_rows(struct db *db, struct rxp_buf *rows, const char *peer)
{
	const enum sql q = SQL_DIFFERENCE_ALL;
	struct put_rows of = {rows, peer};

	return db_each(db, q, db_first(db, q, DB_VALUES(DB_T(peer))), put_row, &of);
}

int store_difference_note(
    struct db *db, const char *peer, const uint64_t *n, const char *user, int64_t now_ms)
{
	int rc = n != NULL ? db_run(db, SQL_DIFFERENCE_NOTE,
				 DB_VALUES(DB_T(peer), DB_N(*n), DB_T(user), DB_N(now_ms)))
			   : db_run(db, SQL_DIFFERENCE_NOTE_ALL,
				 DB_VALUES(DB_T(peer), DB_T(user), DB_N(now_ms)));

	return rc != 0 ? rc : db_changes(db) == 0 ? RXP_ERR_NOT_FOUND : 0;
}

int store_difference_lost(
    struct db *db, const char *peer, const uint8_t log_id[RXP_ID_OCTETS], uint64_t n)
{
	return db_run(db, SQL_DIFFERENCE_LOST,
	    DB_VALUES(DB_T(peer), DB_T(rxp_log_difference_row(RXP_LOG_UNKNOWN)->word), DB_N(n),
		DB_O(log_id, RXP_ID_OCTETS)));
}

int store_difference_unheard(struct db *db, const char *peer, int64_t since_ms)
{
	return db_run(db, SQL_DIFFERENCE_SINCE,
	    DB_VALUES(
		DB_T(peer), DB_T(rxp_log_difference_row(RXP_LOG_LOG_ID)->word), DB_N(since_ms)));
}

int store_difference_explained(
    struct db *db, const char *peer, const uint8_t log_id[RXP_ID_OCTETS], uint64_t n)
{
	uint64_t from;
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < RXP_LOG_DIFFERENCE_COUNT; i++)
		if (rxp_log_difference_ended(&from, (enum rxp_log_difference)i, n))
			rc = db_run(db, SQL_DIFFERENCE_EXPLAINED,
			    DB_VALUES(DB_T(peer),
				DB_T(rxp_log_difference_row((enum rxp_log_difference)i)->word),
				DB_N(from), DB_O(log_id, RXP_ID_OCTETS), DB_N(n == 0)));
	return rc;
}

static int none_of_message(struct db *db, const char *peer, enum rxp_log_difference what,
    const uint8_t message_id[RXP_ID_OCTETS])
{
	return db_run(db, SQL_DIFFERENCE_OF_MESSAGE,
	    DB_VALUES(DB_T(peer), DB_T(rxp_log_difference_row(what)->word),
		DB_O(message_id, RXP_ID_OCTETS)));
}

int store_difference_taken(struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS])
{
	int rc = 0;

	for (unsigned i = 0; rc == 0 && i < RXP_LOG_DIFFERENCE_COUNT; i++)
		if (rxp_log_difference_row((enum rxp_log_difference)i)->lost == RXP_LOG_LOST_ANSWER)
			rc = none_of_message(db, peer, (enum rxp_log_difference)i, message_id);
	return rc;
}

int store_difference_known(struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS])
{
	return none_of_message(db, peer, RXP_LOG_UNKNOWN, message_id);
}

int store_difference_page(struct db *db, struct rxp_buf *page, const char *peer, uint64_t n)
{
	const enum sql q = SQL_DIFFERENCE_PAGE;
	struct bytes octets;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_N(n)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	octets = db_octets(db, q, 0);
	rc = rxp_buf_put(page, octets.data, octets.len);
	db_end(db, q);
	return rc;
}
