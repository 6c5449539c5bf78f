#include "daemon/registry/store/store_disturbance.h"

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_clock.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* --- outages ------------------------------------------------------------------------------------ */

int store_outage_put(struct db *db, const struct store_outage *o)
{
	int rc = db_run(db, SQL_OUTAGE_PUT,
	    DB_VALUES(DB_T(o->peer), DB_N(o->own), DB_O(o->outage_id, sizeof o->outage_id),
		DB_N(o->from_ms), o->until_ms != RXP_DUE_NEVER ? DB_N(o->until_ms) : DB_NONE));

	return rc != 0 || db_changes(db) == 0 ? rc : store_clock_look_all(db, o->peer);
}

static int read_outage(struct db *db, enum sql q, struct store_outage *out)
{
	struct store_outage o = {.own = db_number(db, q, 1) != 0,
	    .from_ms = db_number(db, q, 3),
	    .until_ms = db_is_null(db, q, 4) ? RXP_DUE_NEVER : db_number(db, q, 4)};

	if (!db_name(db, q, 0, o.peer, sizeof o.peer) ||
	    !db_fill(db, q, 2, o.outage_id, sizeof o.outage_id))
		return RXP_ERR_DAMAGED;
	*out = o;
	return 0;
}

/* The row that db_first() found, or not. */
static int take_one(struct db *db, enum sql q, int first, struct store_outage *out)
{
	int rc;

	if (first != 1)
		return first == 0 ? RXP_ERR_NOT_FOUND : first;
	rc = read_outage(db, q, out);
	db_end(db, q);
	return rc;
}

int store_outage_get(struct db *db, struct store_outage *out, const char *peer, bool own,
    const uint8_t outage_id[RXP_ID_OCTETS])
{
	const enum sql q = SQL_OUTAGE_GET;

	return take_one(db, q,
	    db_first(db, q, DB_VALUES(DB_T(peer), DB_N(own), DB_O(outage_id, RXP_ID_OCTETS))), out);
}

int store_outage_own(struct db *db, struct store_outage *out, const char *peer)
{
	const enum sql q = SQL_OUTAGE_OWN_LASTING;

	return take_one(db, q, db_first(db, q, DB_VALUES(DB_T(peer))), out);
}

int store_outage_is_full(struct db *db, bool *full, const char *peer, int64_t at_ms)
{
	const enum sql q = SQL_OUTAGE_LASTING;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_N(at_ms), DB_N(RXP_MAX_LASTING_OUTAGES)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	*full = db_number(db, q, 0) == RXP_MAX_LASTING_OUTAGES;
	db_end(db, q);
	return 0;
}

int store_outage_ahead(struct db *db, struct store_outage *out, const char *peer, int64_t as_of_ms)
{
	const enum sql q = SQL_OUTAGE_AHEAD;

	return take_one(db, q, db_first(db, q, DB_VALUES(DB_T(peer), DB_N(as_of_ms))), out);
}

/* The rows of which db_first() said that. */
static int each(struct db *db, enum sql q, int first, store_outage_fn *fn, void *arg)
{
	int rc = first;

	while (rc == 1) {
		struct store_outage o;
		int called = read_outage(db, q, &o);

		if (called == 0)
			called = fn(arg, &o);
		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_outage_each(
    struct db *db, const char *peer, int64_t since_ms, uint32_t max, store_outage_fn *fn, void *arg)
{
	const enum sql q = SQL_OUTAGE_ALL;

	return each(
	    db, q, db_first(db, q, DB_VALUES(DB_T(peer), DB_N(since_ms), DB_N(max))), fn, arg);
}

int store_outage_counted(
    struct db *db, const char *peer, int64_t as_of_ms, store_outage_fn *fn, void *arg)
{
	const enum sql q = SQL_OUTAGE_COUNTED;
	int rc = 0;

	for (int own = 0; rc == 0 && own <= 1; own++)
		rc = each(db, q,
		    db_first(db, q,
			DB_VALUES(
			    DB_T(peer), DB_N(own), DB_N(as_of_ms), DB_N(RXP_MAX_SIDE_OUTAGES))),
		    fn, arg);
	return rc;
}

/* --- attempts ----------------------------------------------------------------------------------- */

int store_attempt_add(struct db *db, const uint8_t local_id[16], int64_t at_ms)
{
	return db_run(db, SQL_ATTEMPT_ADD,
	    DB_VALUES(DB_O(local_id, 16), DB_N(at_ms / RXP_DAY_MS), DB_N(at_ms)));
}

int store_attempt_each(struct db *db, const char *peer, const uint8_t case_id[16], uint32_t max,
    store_attempt_fn *fn, void *arg)
{
	const enum sql q = SQL_ATTEMPT_ALL;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, 16), DB_N(max)));

	while (rc == 1) {
		uint8_t local_id[RXP_ID_OCTETS];
		int called = db_fill(db, q, 0, local_id, sizeof local_id) ? 0 : RXP_ERR_DAMAGED;

		if (called == 0)
			called = fn(arg, local_id, db_number(db, q, 1), db_number(db, q, 2));
		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}
