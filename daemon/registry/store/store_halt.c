#include "daemon/registry/store/store_halt.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/store/db.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* --- holds --------------------------------------------------------------------------------------- */

int store_hold_add(struct db *db, const struct store_hold *h)
{
	return db_run(db, SQL_HOLD_ADD,
	    DB_VALUES(DB_T(h->peer), DB_O(h->case_id, sizeof h->case_id), DB_N(h->row.person),
		DB_T(h->row.reason), DB_T(h->row.user), DB_N(h->row.at_ms)));
}

int store_hold_drop(struct db *db, const struct store_hold *h)
{
	int rc = db_run(db, SQL_HOLD_DROP,
	    DB_VALUES(DB_T(h->peer), DB_O(h->case_id, sizeof h->case_id), DB_N(h->row.person),
		DB_T(h->row.reason)));

	return rc == 0 && db_changes(db) == 0 ? RXP_ERR_NOT_FOUND : rc;
}

int store_hold_forget(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS])
{
	return db_run(db, SQL_HOLD_FORGET, DB_VALUES(DB_T(peer), DB_O(case_id, RXP_ID_OCTETS)));
}

int store_hold_each(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS],
    store_hold_fn *fn, void *arg)
{
	const enum sql q = SQL_HOLD_OF_CASE;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, RXP_ID_OCTETS)));

	while (rc == 1) {
		struct rec_hold_row r = {
		    .person = (uint32_t)db_number(db, q, 0), .at_ms = db_number(db, q, 3)};
		int called = RXP_ERR_DAMAGED;

		if (db_name(db, q, 1, r.reason, sizeof r.reason) &&
		    db_name(db, q, 2, r.user, sizeof r.user))
			called = fn(arg, &r);
		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

/* --- stops --------------------------------------------------------------------------------------- */

int store_stop_add(struct db *db, const struct rec_stop_row *s)
{
	return db_run(db, SQL_STOP_ADD,
	    DB_VALUES(DB_O(s->id, sizeof s->id), DB_T(s->kind), DB_T(s->what), DB_T(s->reason),
		DB_T(s->proposed_by), DB_N(s->proposed_ms)));
}

int store_stop_confirm(struct db *db, const struct rec_stop_row *s)
{
	return db_run(db, SQL_STOP_CONFIRM,
	    DB_VALUES(DB_O(s->id, sizeof s->id), DB_T(s->confirmed_by), DB_N(s->confirmed_ms)));
}

int store_stop_lift(struct db *db, const struct rec_stop_row *s)
{
	return db_run(db, SQL_STOP_LIFT,
	    DB_VALUES(DB_O(s->id, sizeof s->id), DB_T(s->lift_by), DB_N(s->lift_ms)));
}

int store_stop_drop(struct db *db, const uint8_t id[16])
{
	return db_run(db, SQL_STOP_DROP, DB_VALUES(DB_O(id, 16)));
}

static bool read_stop(struct db *db, struct rec_stop_row *s)
{
	const enum sql q = SQL_STOP_ALL;

	*s = (struct rec_stop_row){.proposed_ms = db_number(db, q, 5),
	    .confirmed_ms = db_number(db, q, 7),
	    .lift_ms = db_number(db, q, 9)};
	if (!db_fill(db, q, 0, s->id, sizeof s->id) ||
	    !db_name(db, q, 1, s->kind, sizeof s->kind) ||
	    !db_name(db, q, 2, s->what, sizeof s->what) ||
	    !db_name(db, q, 3, s->reason, sizeof s->reason) ||
	    !db_name(db, q, 4, s->proposed_by, sizeof s->proposed_by) ||
	    !db_name(db, q, 6, s->confirmed_by, sizeof s->confirmed_by) ||
	    !db_name(db, q, 8, s->lift_by, sizeof s->lift_by))
		return false;
	snprintf(s->state, sizeof s->state, "%s",
	    s->confirmed_by[0] == '\0'
		? STORE_STOP_PROPOSED
		: (s->lift_by[0] == '\0' ? STORE_STOP_IN_FORCE : STORE_STOP_LIFTING));
	return true;
}

int store_stop_each(struct db *db, store_stop_fn *fn, void *arg)
{
	int rc = db_first(db, SQL_STOP_ALL, NULL, 0);

	while (rc == 1) {
		struct rec_stop_row row;
		int called = read_stop(db, &row) ? fn(arg, &row) : RXP_ERR_DAMAGED;

		if (called != 0) {
			db_end(db, SQL_STOP_ALL);
			return called;
		}
		rc = db_next(db, SQL_STOP_ALL);
	}
	return rc;
}

struct search {
	const uint8_t *id;
	struct rec_stop_row *out;
	bool found;
};

static int compare(void *arg, const struct rec_stop_row *row)
{
	struct search *s = arg;

	if (memcmp(row->id, s->id, sizeof row->id) == 0) {
		*s->out = *row;
		s->found = true;
	}
	return 0;
}

int store_stop_get(struct db *db, struct rec_stop_row *out, const uint8_t id[16])
{
	struct search s = {.id = id, .out = out};
	int rc = store_stop_each(db, compare, &s);

	return rc == 0 && !s.found ? RXP_ERR_NOT_FOUND : rc;
}

/* --- what they concern ---------------------------------------------------------------------------- */

int store_halt_message(
    struct db *db, struct store_halted *out, struct rxp_buf *facts, const uint8_t local_id[16])
{
	const enum sql q = SQL_HALT_MESSAGE;
	struct store_halted h = {.in_case = false};
	struct bytes octets;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	h.in_case = db_octets(db, q, 1).len > 0;
	octets = db_octets(db, q, 3);
	rc = db_name(db, q, 0, h.peer, sizeof h.peer) &&
		     db_fill(db, q, 1, h.case_id, sizeof h.case_id) &&
		     db_name(db, q, 2, h.type, sizeof h.type)
		 ? rxp_buf_put(facts, octets.data, octets.len)
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*out = h;
	return rc;
}
