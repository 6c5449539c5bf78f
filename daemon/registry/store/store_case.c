#include "daemon/registry/store/store_case.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_clock.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define ROLE_REQUESTING "requesting"
#define ROLE_REQUESTED "requested"

static const char *role_word(bool requesting)
{
	return requesting ? ROLE_REQUESTING : ROLE_REQUESTED;
}

/* --- cases -------------------------------------------------------------------------------------- */

int store_case_add(struct db *db, const struct store_case *c)
{
	return db_run(db, SQL_CASE_ADD,
	    DB_VALUES(DB_T(c->peer), DB_O(c->case_id, sizeof c->case_id),
		DB_T(role_word(c->requesting)), DB_T(c->profile_id), DB_T(c->profile_version),
		DB_T(c->state), DB_N(c->persons), DB_N(c->documents), DB_N(c->opened_ms),
		DB_N(c->changed_ms), DB_N(c->kind)));
}

int store_case_change(struct db *db, const struct store_case *c)
{
	return db_run(db, SQL_CASE_CHANGE,
	    DB_VALUES(DB_T(c->peer), DB_O(c->case_id, sizeof c->case_id), DB_T(c->state),
		DB_N(c->persons), DB_N(c->documents), DB_N(c->changed_ms)));
}

int store_case_name_state(
    struct db *db, const char *peer, const uint8_t case_id[16], const char *state)
{
	return db_run(
	    db, SQL_CASE_NAME_STATE, DB_VALUES(DB_T(peer), DB_O(case_id, 16), DB_T(state)));
}

/* The columns of CASE_ROW in sql_case.def. */
static int read_case(struct db *db, enum sql q, struct store_case *out)
{
	struct store_case c = {.requesting = strcmp(db_words(db, q, 2), ROLE_REQUESTING) == 0,
	    .persons = (uint32_t)db_number(db, q, 6),
	    .documents = (uint32_t)db_number(db, q, 7),
	    .opened_ms = db_number(db, q, 8),
	    .changed_ms = db_number(db, q, 9),
	    .legal_hold_ms = db_number(db, q, 10),
	    .holds = (uint32_t)db_number(db, q, 11),
	    .kind = (unsigned)db_number(db, q, 12),
	    .unproved = (uint32_t)db_number(db, q, 13)};

	if (!db_name(db, q, 0, c.peer, sizeof c.peer) ||
	    !db_fill(db, q, 1, c.case_id, sizeof c.case_id) ||
	    !db_name(db, q, 3, c.profile_id, sizeof c.profile_id) ||
	    !db_name(db, q, 4, c.profile_version, sizeof c.profile_version) ||
	    !db_name(db, q, 5, c.state, sizeof c.state))
		return RXP_ERR_DAMAGED;
	*out = c;
	return 0;
}

static int take_case(struct db *db, enum sql q, int first, struct store_case *out)
{
	int rc;

	if (first != 1)
		return first == 0 ? RXP_ERR_NOT_FOUND : first;
	rc = read_case(db, q, out);
	db_end(db, q);
	return rc;
}

int store_case_get(
    struct db *db, struct store_case *out, const char *peer, const uint8_t case_id[16])
{
	const enum sql q = SQL_CASE_GET;

	return take_case(db, q, db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, 16))), out);
}

int store_case_peers(struct db *db, const struct store_case_asked *asked,
    int (*fn)(void *arg, const char *peer), void *arg)
{
	const enum sql q = SQL_CASE_OF_ID;
	char peer[RXP_PARTY_TEXT];
	int rc = db_first(
	    db, q, DB_VALUES(DB_O(asked->case_id, 16), DB_T(asked->peer), DB_N(asked->unseen)));

	while (rc == 1) {
		int called = db_name(db, q, 0, peer, sizeof peer) ? fn(arg, peer) : RXP_ERR_DAMAGED;

		if (called != 0) {
			db_end(db, q);
			return called;
		}
		rc = db_next(db, q);
	}
	return rc;
}

static int read_kind(struct db *db, enum sql q, unsigned *kind, const uint8_t id[16])
{
	int rc = db_first(db, q, DB_VALUES(DB_O(id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	*kind = (unsigned)db_number(db, q, 0);
	db_end(db, q);
	return 0;
}

int store_case_kind_of_message(struct db *db, unsigned *kind, const uint8_t local_id[16])
{
	int rc = read_kind(db, SQL_CASE_KIND_OUT, kind, local_id);

	return rc == RXP_ERR_NOT_FOUND ? read_kind(db, SQL_CASE_KIND_IN, kind, local_id) : rc;
}

int store_case_count(struct db *db, const char *state, uint64_t *count)
{
	int rc = db_first(db, SQL_CASE_COUNT, DB_VALUES(DB_T(state)));

	if (rc < 0)
		return rc;
	*count = (uint64_t)db_number(db, SQL_CASE_COUNT, 0);
	db_end(db, SQL_CASE_COUNT);
	return 0;
}

/* The clock that is due first, if there is one. */
static int fill_clock(struct db *db, struct rec_case_row *r, const struct store_case *c)
{
	struct store_clock first;
	int rc = store_clock_first(db, &first, c->peer, c->case_id);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	snprintf(r->clock, sizeof r->clock, "%s", rxp_clock_row(first.clock)->word);
	snprintf(r->actor, sizeof r->actor, "%s", first.own ? "own" : "peer");
	r->due_ms = first.due_ms;
	memcpy(r->due_local, first.local, sizeof r->due_local);
	return 0;
}

static int fill_row(struct db *db, struct rec_case_row *out, const struct store_case *c)
{
	struct rec_case_row r = {.persons = c->persons,
	    .documents = c->documents,
	    .opened_ms = c->opened_ms,
	    .changed_ms = c->changed_ms,
	    .holds = c->holds,
	    .unproved = c->unproved};

	memcpy(r.case_id, c->case_id, sizeof r.case_id);
	memcpy(r.peer, c->peer, sizeof r.peer);
	snprintf(r.role, sizeof r.role, "%s", role_word(c->requesting));
	memcpy(r.state, c->state, sizeof r.state);
	snprintf(r.profile_id, sizeof r.profile_id, "%s", c->profile_id);
	snprintf(r.profile_version, sizeof r.profile_version, "%s", c->profile_version);
	*out = r;
	return fill_clock(db, out, c);
}

int store_case_put(struct db *db, struct rxp_buf *row, const struct store_case *c)
{
	struct rec_case_row r;
	int rc = fill_row(db, &r, c);

	return rc != 0 ? rc : record_encode(row, &record_case_row, &r);
}

static int put_listed(struct db *db, struct rxp_buf *rows, const struct store_case *c)
{
	struct rec_case_row r;
	int rc = fill_row(db, &r, c);

	return rc != 0 ? rc : record_list_put(rows, REC_case_row, &record_case_row, &r);
}

/* One row more than the page can show is asked for: it says that there are more. */
int store_case_page(struct db *db, struct rxp_buf *rows, bool *more, uint32_t unseen,
    const char *peer, const uint8_t after[16], uint32_t limit)
{
	const enum sql q = peer[0] == '\0' ? SQL_CASE_PAGE : SQL_CASE_PAGE_PEER;
	const struct db_value values[] = {
	    DB_O(after, 16), DB_N(limit + REGISTRY_PEERS_MAX), DB_T(peer), DB_N(unseen)};
	struct store_case c, last = {.peer = ""};
	uint32_t n = 0;
	int rc = db_first(db, q, values, sizeof values / sizeof values[0]);

	while (rc == 1) {
		int put = read_case(db, q, &c);

		if (put == 0 && n >= limit && memcmp(c.case_id, last.case_id, 16) != 0)
			break;
		if (put == 0) {
			last = c;
			put = put_listed(db, rows, &c);
		}
		if (put != 0) {
			db_end(db, q);
			return put;
		}
		n++;
		rc = db_next(db, q);
	}
	if (rc < 0)
		return rc;
	*more = rc == 1;
	db_end(db, q);
	return 0;
}

int store_case_page_due(struct db *db, struct rxp_buf *rows, bool *more,
    const struct store_clock_asked *asked, uint32_t limit)
{
	struct store_clock_case found[REGISTRY_PAGE_MAX + 1];
	struct store_case c;
	int n = store_clock_due(db, found, limit + 1, asked), rc = 0;

	for (int i = 0; rc == 0 && i < n && (uint32_t)i < limit; i++) {
		rc = store_case_get(db, &c, found[i].peer, found[i].case_id);
		if (rc == 0)
			rc = put_listed(db, rows, &c);
	}
	if (n >= 0)
		*more = (uint32_t)n > limit;
	return n < 0 ? n : rc;
}

/* --- documents ---------------------------------------------------------------------------------- */

static int read_document(
    struct db *db, enum sql q, struct store_document *out, const uint8_t case_id[16])
{
	struct store_document d = {.own = db_number(db, q, 0) != 0,
	    .state = state_of_word(db_words(db, q, 3)),
	    .turn = (uint64_t)db_number(db, q, 5),
	    .place = {.in_case = true,
		.position = (uint64_t)db_number(db, q, 6),
		.has_previous = db_octets(db, q, 7).len > 0,
		.has_seen = db_octets(db, q, 8).len > 0},
	    .created_ms = db_number(db, q, 10),
	    .received_ms = db_number(db, q, 11),
	    .facts = db_octets(db, q, 12),
	    .answered_ms = db_number(db, q, 13),
	    .unread = db_number(db, q, 14) != 0};

	memcpy(d.place.case_id, case_id, sizeof d.place.case_id);
	if (d.state == STATE_NONE || !db_fill(db, q, 1, d.local_id, sizeof d.local_id) ||
	    !db_fill(db, q, 2, d.message_id, sizeof d.message_id) ||
	    !db_name(db, q, 4, d.type, sizeof d.type) ||
	    !db_fill(db, q, 7, d.place.previous, sizeof d.place.previous) ||
	    !db_fill(db, q, 8, d.place.seen, sizeof d.place.seen) ||
	    !db_fill(db, q, 9, d.fingerprint, sizeof d.fingerprint))
		return RXP_ERR_DAMAGED;
	*out = d;
	return 0;
}

struct each_document {
	store_document_fn *fn;
	void *arg;
	const uint8_t *case_id;
};

static int one_document(void *arg, struct db *db, enum sql q)
{
	const struct each_document *of = arg;
	struct store_document d;
	int rc = read_document(db, q, &d, of->case_id);

	return rc != 0 ? rc : of->fn(of->arg, &d);
}

int store_case_documents(
    struct db *db, const char *peer, const uint8_t case_id[16], store_document_fn *fn, void *arg)
{
	const enum sql q = SQL_CASE_DOCUMENTS;
	int rc = db_first(db, q,
	    DB_VALUES(DB_T(peer), DB_O(case_id, 16), DB_T(state_word(STATE_REFUSED)),
		DB_T(state_word(STATE_EXPIRED)), DB_T(state_word(STATE_DISCARDED)),
		DB_T(STORE_CONTRADICTS_SEEN)));
	struct each_document of = {fn, arg, case_id};

	return db_each(db, q, rc, one_document, &of);
}

/* --- drafts ------------------------------------------------------------------------------------- */

int store_case_submit(
    struct db *db, const struct store_outbox *m, const struct store_draft *d, int64_t accepted_ms)
{
	int rc = db_run(db, SQL_CASE_SUBMIT,
	    DB_VALUES(DB_O(m->local_id, sizeof m->local_id), DB_T(m->peer),
		DB_T(state_word(m->state)), DB_T(m->type), DB_T(m->from_office), DB_T(m->to_office),
		DB_N(accepted_ms), m->state == STATE_WAITING ? DB_N(accepted_ms) : DB_NONE,
		DB_O(m->place.case_id, sizeof m->place.case_id), DB_B(d->draft), DB_B(d->facts),
		d->key != NULL ? DB_T(d->key) : DB_NONE,
		d->key != NULL ? DB_O(d->body_digest, 32) : DB_NONE));

	return rc != 0 ? rc : store_outbox_deadline(db, m->peer, m->place.case_id);
}

int store_case_reword(
    struct db *db, const uint8_t local_id[16], struct bytes draft, struct bytes facts)
{
	return db_run(db, SQL_CASE_REWORD,
	    DB_VALUES(DB_O(local_id, 16), DB_B(draft), DB_B(facts), DB_T(state_word(STATE_DRAFT))));
}

int store_case_draft(
    struct db *db, struct rxp_buf *draft, struct rxp_buf *facts, const uint8_t local_id[16])
{
	const enum sql q = SQL_CASE_DRAFT;
	struct bytes octets;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	octets = db_octets(db, q, 0);
	rc = rxp_buf_put(draft, octets.data, octets.len);
	octets = db_octets(db, q, 1);
	if (rc == 0)
		rc = rxp_buf_put(facts, octets.data, octets.len);
	db_end(db, q);
	return rc;
}

int store_case_of_key(struct db *db, struct store_keyed *out, const char *key)
{
	const enum sql q = SQL_CASE_OF_KEY;
	struct store_keyed k = {0};
	int rc = db_first(db, q, DB_VALUES(DB_T(key)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	rc = db_fill(db, q, 0, k.local_id, sizeof k.local_id) &&
		     db_name(db, q, 1, k.peer, sizeof k.peer) &&
		     db_name(db, q, 2, k.type, sizeof k.type) &&
		     db_fill(db, q, 3, k.case_id, sizeof k.case_id) &&
		     db_fill(db, q, 5, k.body_digest, sizeof k.body_digest)
		 ? 0
		 : RXP_ERR_DAMAGED;
	k.turn = (uint64_t)db_number(db, q, 4);
	k.accepted_ms = db_number(db, q, 6);
	k.erased_ms = db_number(db, q, 7);
	db_end(db, q);
	if (rc == 0)
		*out = k;
	return rc;
}

int store_case_key_forget(struct db *db, const uint8_t local_id[16])
{
	return db_run(db, SQL_CASE_KEY_FORGET, DB_VALUES(DB_O(local_id, 16)));
}

/* --- order of sending --------------------------------------------------------------------------- */

int store_case_head(struct db *db, uint8_t local_id[16], enum state *state, const char *peer,
    const uint8_t case_id[16])
{
	const enum sql q = SQL_CASE_HEAD;
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, 16)));
	enum state found;

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	found = state_of_word(db_words(db, q, 1));
	rc = found != STATE_NONE && db_fill(db, q, 0, local_id, 16) ? 0 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*state = found;
	return rc;
}

int store_case_promote(struct db *db, const uint8_t local_id[16], enum state state, int64_t now_ms)
{
	return db_run(db, SQL_CASE_PROMOTE,
	    DB_VALUES(DB_O(local_id, 16), DB_T(state_word(state)), DB_N(now_ms)));
}

int store_case_due(
    struct db *db, const char *peer, const uint8_t case_id[16], uint64_t position, int64_t now_ms)
{
	return db_run(db, SQL_CASE_DUE,
	    DB_VALUES(DB_T(peer), DB_O(case_id, 16), DB_N(position), DB_N(now_ms),
		DB_T(state_word(STATE_DELIVERED)), DB_T(state_word(STATE_DELIVERED_LATE)),
		DB_T(state_word(STATE_IN_DOUBT))));
}

int store_case_resending(struct db *db, bool *out, const char *peer, const uint8_t case_id[16],
    uint64_t from, uint64_t before)
{
	const enum sql q = SQL_CASE_RESENDING;
	int rc = db_first(db, q,
	    DB_VALUES(DB_T(peer), DB_O(case_id, 16), DB_N(from), DB_N(before),
		DB_T(state_word(STATE_DELIVERED)), DB_T(state_word(STATE_DELIVERED_LATE))));

	if (rc < 0)
		return rc;
	*out = rc == 1;
	if (rc == 1)
		db_end(db, q);
	return 0;
}

/* --- reading ------------------------------------------------------------------------------------ */

static int readable(struct db *db, enum sql q, struct store_readable *out,
    struct rxp_buf *wrapped_key, struct rxp_buf *envelope, const uint8_t local_id[16])
{
	struct store_readable r = {.peer = ""};
	struct bytes key, octets;
	int rc = db_first(db, q, DB_VALUES(DB_O(local_id, 16)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_NOT_FOUND : rc;
	key = db_octets(db, q, 2);
	octets = db_octets(db, q, 3);
	if (key.len == 0 || octets.len == 0)
		rc = RXP_ERR_STATE;
	else if (!db_name(db, q, 0, r.peer, sizeof r.peer) ||
		 !db_fill(db, q, 1, r.envelope_digest, sizeof r.envelope_digest))
		rc = RXP_ERR_DAMAGED;
	else
		rc = rxp_buf_put(wrapped_key, key.data, key.len);
	if (rc == 0)
		rc = rxp_buf_put(envelope, octets.data, octets.len);
	db_end(db, q);
	if (rc == 0)
		*out = r;
	return rc;
}

int store_case_readable(struct db *db, struct store_readable *out, struct rxp_buf *wrapped_key,
    struct rxp_buf *envelope, const uint8_t local_id[16])
{
	int rc = readable(db, SQL_CASE_READABLE_OUT, out, wrapped_key, envelope, local_id);

	return rc == RXP_ERR_NOT_FOUND
		   ? readable(db, SQL_CASE_READABLE_IN, out, wrapped_key, envelope, local_id)
		   : rc;
}
