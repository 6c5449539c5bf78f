#include "daemon/registry/store/store_terms.h"

#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

/* --- profiles ----------------------------------------------------------------------------------- */

static bool read_profile(struct db *db, struct store_profile *p)
{
	const enum sql q = SQL_PROFILE_ALL;

	*p = (struct store_profile){.version = (uint32_t)db_number(db, q, 2),
	    .overlay = db_number(db, q, 3) != 0,
	    .records = db_octets(db, q, 5),
	    .taken_ms = db_number(db, q, 6),
	    .attested_ms = db_number(db, q, 7)};
	return db_name(db, q, 0, p->publisher, sizeof p->publisher) &&
	       db_name(db, q, 1, p->id, sizeof p->id) &&
	       db_fill(db, q, 4, p->digest, sizeof p->digest) &&
	       db_name(db, q, 8, p->officer, sizeof p->officer);
}

int store_profile_each(struct db *db, store_profile_fn *fn, void *arg)
{
	const enum sql q = SQL_PROFILE_ALL;
	int rc = db_first(db, q, NULL, 0);

	while (rc == 1) {
		struct store_profile p;
		int called = read_profile(db, &p) ? fn(arg, &p) : RXP_ERR_DAMAGED;

		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_profile_add(struct db *db, const struct store_profile *p)
{
	return db_run(db, SQL_PROFILE_ADD,
	    DB_VALUES(DB_T(p->publisher), DB_T(p->id), DB_N(p->version), DB_N(p->overlay),
		DB_O(p->digest, sizeof p->digest), DB_B(p->sealed), DB_B(p->records),
		DB_N(p->taken_ms)));
}

int store_profile_attest(struct db *db, const struct store_profile *p)
{
	return db_run(db, SQL_PROFILE_ATTEST,
	    DB_VALUES(DB_T(p->publisher), DB_T(p->id), DB_N(p->version),
		DB_O(p->digest, sizeof p->digest), DB_T(p->officer), DB_N(p->attested_ms)));
}

/* --- calendars ---------------------------------------------------------------------------------- */

static bool read_calendar(struct db *db, struct store_calendar *c)
{
	const enum sql q = SQL_CALENDAR_ALL;

	*c = (struct store_calendar){.version = (uint32_t)db_number(db, q, 1),
	    .records = db_octets(db, q, 3),
	    .taken_ms = db_number(db, q, 4)};
	return db_name(db, q, 0, c->owner, sizeof c->owner) &&
	       db_fill(db, q, 2, c->digest, sizeof c->digest);
}

int store_calendar_each(struct db *db, store_calendar_fn *fn, void *arg)
{
	const enum sql q = SQL_CALENDAR_ALL;
	int rc = db_first(db, q, NULL, 0);

	while (rc == 1) {
		struct store_calendar c;
		int called = read_calendar(db, &c) ? fn(arg, &c) : RXP_ERR_DAMAGED;

		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_calendar_add(struct db *db, const struct store_calendar *c)
{
	return db_run(db, SQL_CALENDAR_ADD,
	    DB_VALUES(DB_T(c->owner), DB_N(c->version), DB_O(c->digest, sizeof c->digest),
		DB_B(c->sealed), DB_B(c->records), DB_N(c->taken_ms)));
}

/* --- choices ------------------------------------------------------------------------------------ */

int store_choice_each(struct db *db, store_choice_fn *fn, void *arg)
{
	const enum sql q = SQL_CHOICE_ALL;
	int rc = db_first(db, q, NULL, 0);

	while (rc == 1) {
		struct store_choice c = {
		    .from_ms = db_number(db, q, 1), .version = (uint32_t)db_number(db, q, 3)};
		bool sound = db_name(db, q, 0, c.peer, sizeof c.peer) &&
			     db_name(db, q, 2, c.id, sizeof c.id);
		int called = sound ? fn(arg, &c) : RXP_ERR_DAMAGED;

		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

int store_choice_put(struct db *db, const struct store_choice *c)
{
	return db_run(db, SQL_CHOICE_PUT,
	    DB_VALUES(DB_T(c->peer), DB_N(c->from_ms), DB_T(c->id), DB_N(c->version)));
}
