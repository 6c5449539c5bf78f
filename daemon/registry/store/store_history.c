#include "daemon/registry/store/store_history.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_left.h"
#include "protocol/base/err.h"

/* The end of a query of at most one row. */
static int one_row(struct db *db, enum sql q, int first, bool whole)
{
	if (first != 1)
		return first == 0 ? RXP_ERR_NOT_FOUND : first;
	db_end(db, q);
	return whole ? 0 : RXP_ERR_DAMAGED;
}

static int peer_of(struct db *db, enum sql q, char peer[RXP_PARTY_TEXT], int first)
{
	char found[RXP_PARTY_TEXT];
	int rc = one_row(db, q, first, first == 1 && db_name(db, q, 0, found, sizeof found));

	if (rc == 0)
		memcpy(peer, found, sizeof found);
	return rc;
}

/* --- given ---------------------------------------------------------------------------------------- */

static bool read_given(struct db *db, struct store_given *g)
{
	const enum sql q = SQL_GIVEN_GET;

	g->all = db_is_null(db, q, 1);
	g->open = db_number(db, q, 2) != 0;
	g->number = (uint64_t)db_number(db, q, 3);
	g->position = (uint64_t)db_number(db, q, 5);
	g->piece = (uint32_t)db_number(db, q, 6);
	g->pieces = (uint32_t)db_number(db, q, 7);
	g->documents = (uint64_t)db_number(db, q, 8);
	g->day = db_number(db, q, 9);
	g->requests = (uint32_t)db_number(db, q, 10);
	g->copy_day = db_number(db, q, 11);
	g->copies = (uint32_t)db_number(db, q, 12);
	g->not_before_ms = db_number(db, q, 13);
	g->refused = db_number(db, q, 14) != 0;
	return db_fill(db, q, 0, g->request, sizeof g->request) &&
	       db_fill(db, q, 4, g->case_id, sizeof g->case_id);
}

int store_given_get(struct db *db, struct store_given *out, struct rxp_buf *cases, const char *peer)
{
	const enum sql q = SQL_GIVEN_GET;
	struct store_given g = {.number = 0};
	int first = db_first(db, q, DB_VALUES(DB_T(peer)));
	struct bytes ids;
	int rc = 0;

	if (first != 1)
		return one_row(db, q, first, false);
	snprintf(g.peer, sizeof g.peer, "%s", peer);
	ids = db_octets(db, q, 1);
	rxp_buf_reset(cases);
	rc = read_given(db, &g) && ids.len % RXP_ID_OCTETS == 0
		 ? rxp_buf_put(cases, ids.data, ids.len)
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*out = g;
	return rc;
}

int store_given_put(struct db *db, const struct store_given *g, struct bytes cases)
{
	return db_run(db, SQL_GIVEN_PUT,
	    DB_VALUES(DB_T(g->peer), DB_O(g->request, sizeof g->request),
		g->all ? DB_NONE : DB_B(cases), DB_N(g->open), DB_N(g->number),
		DB_O(g->case_id, sizeof g->case_id), DB_N(g->position), DB_N(g->piece),
		DB_N(g->pieces), DB_N(g->documents), DB_N(g->day), DB_N(g->requests),
		DB_N(g->copy_day), DB_N(g->copies), DB_N(g->not_before_ms), DB_N(g->refused)));
}

int store_given_next(struct db *db, char peer[RXP_PARTY_TEXT], const char *after, int64_t now_ms)
{
	const enum sql q = SQL_GIVEN_NEXT;

	return peer_of(db, q, peer,
	    db_first(db, q, DB_VALUES(DB_N(now_ms), DB_T(state_word(STATE_VOIDING)), DB_T(after))));
}

int store_copy_add(struct db *db, const struct store_copy *c)
{
	return db_run(db, SQL_GIVEN_COPY_ADD,
	    DB_VALUES(DB_O(c->copy, sizeof c->copy), DB_T(c->peer),
		DB_O(c->request, sizeof c->request), DB_N(c->number),
		c->has_source ? DB_O(c->source, sizeof c->source) : DB_NONE,
		DB_O(c->case_id, sizeof c->case_id)));
}

/* The present row, of its peer; its first columns are those of both statements. */
static bool read_copy(struct db *db, enum sql q, struct store_copy *c, const char *peer)
{
	snprintf(c->peer, sizeof c->peer, "%s", peer);
	c->number = (uint64_t)db_number(db, q, 2);
	c->has_source = !db_is_null(db, q, 3);
	return db_fill(db, q, 0, c->copy, sizeof c->copy) &&
	       db_fill(db, q, 1, c->request, sizeof c->request) &&
	       (!c->has_source || db_fill(db, q, 3, c->source, sizeof c->source)) &&
	       db_fill(db, q, 4, c->case_id, sizeof c->case_id);
}

int store_copy_end(struct db *db, struct store_copy *out, enum state *state, const char *peer)
{
	const enum sql q = SQL_GIVEN_ANSWERED;
	struct store_copy c = {.has_source = false};
	int first = db_first(db, q, DB_VALUES(DB_T(peer))), rc;
	bool whole = first == 1 && read_copy(db, q, &c, peer);
	enum state found = first == 1 ? state_of_word(db_words(db, q, 5)) : STATE_NONE;

	rc = one_row(db, q, first, whole);
	if (rc == 0)
		rc = store_copy_drop(db, c.copy);
	if (rc == 0) {
		*out = c;
		*state = found;
	}
	return rc;
}

int store_copy_gone(
    struct db *db, struct store_copy *out, const char *peer, const uint8_t after[RXP_ID_OCTETS])
{
	const enum sql q = SQL_GIVEN_GONE;
	struct store_copy c = {.has_source = false};
	int first = db_first(db, q,
	    DB_VALUES(DB_T(peer), DB_T(state_word(STATE_VOIDING)), DB_O(after, RXP_ID_OCTETS)));
	int rc = one_row(db, q, first, first == 1 && read_copy(db, q, &c, peer));

	if (rc == 0)
		*out = c;
	return rc;
}

int store_copy_drop(struct db *db, const uint8_t copy[RXP_ID_OCTETS])
{
	int rc = store_copy_forget(db, copy);

	return rc != 0 ? rc : db_run(db, SQL_GIVEN_COPY_DROP, DB_VALUES(DB_O(copy, RXP_ID_OCTETS)));
}

int store_copy_out(struct db *db, uint64_t *n, int64_t *since_ms, const struct store_given *g)
{
	const enum sql q = SQL_GIVEN_OUT;
	int rc = db_first(db, q, DB_VALUES(DB_T(g->peer), DB_O(g->request, sizeof g->request)));

	if (rc != 1)
		return rc == 0 ? RXP_ERR_DAMAGED : rc;
	*n = (uint64_t)db_number(db, q, 0);
	*since_ms = db_number(db, q, 1);
	db_end(db, q);
	return 0;
}

int store_copy_under_way(struct db *db, struct store_copy *out, const uint8_t after[RXP_ID_OCTETS])
{
	const enum sql q = SQL_GIVEN_UNDER_WAY;
	struct store_copy c = {.has_source = true};
	int first = db_first(db, q, DB_VALUES(DB_O(after, RXP_ID_OCTETS))), rc;

	rc = one_row(db, q, first,
	    first == 1 && db_fill(db, q, 0, c.copy, sizeof c.copy) &&
		db_name(db, q, 1, c.peer, sizeof c.peer) &&
		db_fill(db, q, 2, c.source, sizeof c.source) &&
		db_fill(db, q, 3, c.case_id, sizeof c.case_id));
	if (rc == 0)
		*out = c;
	return rc;
}

/* Two runs of octets of the present row, one behind the other. */
static int take_octets(
    struct db *db, enum sql q, int column, struct rxp_buf *octets, size_t *envelope_len)
{
	struct bytes envelope = db_octets(db, q, column), key;
	int rc = rxp_buf_put(octets, envelope.data, envelope.len);

	*envelope_len = envelope.len;
	key = db_octets(db, q, column + 1);
	return rc != 0 ? rc : rxp_buf_put(octets, key.data, key.len);
}

int store_source_after(struct db *db, struct store_source *out, struct rxp_buf *octets,
    size_t *envelope_len, const char *peer, const uint8_t case_id[RXP_ID_OCTETS], uint64_t position)
{
	const enum sql q = SQL_GIVEN_SOURCE;
	struct store_source s = {.position = 0};
	int rc =
	    db_first(db, q, DB_VALUES(DB_T(peer), DB_O(case_id, RXP_ID_OCTETS), DB_N(position)));

	if (rc != 1)
		return one_row(db, q, rc, false);
	s.position = (uint64_t)db_number(db, q, 1);
	rc = db_fill(db, q, 0, s.case_id, sizeof s.case_id) &&
		     db_fill(db, q, 2, s.local_id, sizeof s.local_id) &&
		     db_fill(db, q, 3, s.message_id, sizeof s.message_id) &&
		     db_fill(db, q, 4, s.receipted, sizeof s.receipted)
		 ? take_octets(db, q, 5, octets, envelope_len)
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*out = s;
	return rc;
}

int store_copy_forget(struct db *db, const uint8_t copy[RXP_ID_OCTETS])
{
	return db_run(db, SQL_GIVEN_FORGET, DB_VALUES(DB_O(copy, RXP_ID_OCTETS)));
}

int store_copy_forget_of(struct db *db, const uint8_t source[RXP_ID_OCTETS])
{
	return db_run(db, SQL_GIVEN_FORGET_SOURCE, DB_VALUES(DB_O(source, RXP_ID_OCTETS)));
}

/* --- asked ---------------------------------------------------------------------------------------- */

static bool name_cases(struct store_named *out, struct bytes ids)
{
	if (ids.len % RXP_ID_OCTETS != 0 || ids.len > sizeof out->ids)
		return false;
	if (ids.len > 0)
		memcpy(out->ids, ids.data, ids.len);
	out->n = ids.len / RXP_ID_OCTETS;
	return true;
}

static struct bytes ids_of(const struct store_named *n)
{
	return (struct bytes){n->n > 0 ? n->ids[0] : NULL, n->n * RXP_ID_OCTETS};
}

int store_asked_get(struct db *db, struct store_asked *out, const char *peer)
{
	const enum sql q = SQL_ASKED_GET;
	struct store_asked a = {.asked_ms = 0};
	int first = db_first(db, q, DB_VALUES(DB_T(peer)));
	struct bytes cases;
	bool whole;

	if (first != 1)
		return one_row(db, q, first, false);
	snprintf(a.peer, sizeof a.peer, "%s", peer);
	a.asked_ms = db_number(db, q, 2);
	a.ended_ms = db_number(db, q, 3);
	a.number = (uint64_t)db_number(db, q, 4);
	a.taken = (uint64_t)db_number(db, q, 5);
	a.held = (uint64_t)db_number(db, q, 6);
	a.left_out = (uint64_t)db_number(db, q, 7);
	a.forked = (uint64_t)db_number(db, q, 8);
	a.spoilt = (uint64_t)db_number(db, q, 9);
	cases = db_octets(db, q, 1);
	whole = db_fill(db, q, 0, a.request, sizeof a.request) && name_cases(&a.cases, cases);
	if (whole)
		*out = a;
	return one_row(db, q, first, whole);
}

int store_asked_put(struct db *db, const struct store_asked *a)
{
	int rc = db_run(db, SQL_ASKED_PUT,
	    DB_VALUES(DB_T(a->peer), DB_O(a->request, sizeof a->request),
		a->cases.n > 0 ? DB_B(ids_of(&a->cases)) : DB_NONE, DB_N(a->asked_ms),
		a->ended_ms != 0 ? DB_N(a->ended_ms) : DB_NONE, DB_N(a->number), DB_N(a->taken),
		DB_N(a->held), DB_N(a->left_out), DB_N(a->forked), DB_N(a->spoilt)));

	return rc != 0 || a->ended_ms == 0 ? rc
					   : db_run(db, SQL_LEFT_SETTLE, DB_VALUES(DB_T(a->peer)));
}

int store_asked_begin(struct db *db, const struct store_asked *a)
{
	const struct rec_node_history_request says = {.cases = ids_of(&a->cases)};
	int rc = store_asked_put(db, a);

	if (rc == 0)
		rc = store_piece_drop(db, a->peer, INT64_MAX);
	if (rc == 0)
		rc = db_run(db, SQL_LEFT_ASKED, DB_VALUES(DB_T(a->peer), DB_N(a->cases.n == 0)));
	for (size_t i = 0; rc == 0 && i < a->cases.n; i++)
		rc = db_run(db, SQL_LEFT_NAMED,
		    DB_VALUES(DB_T(a->peer), DB_O(a->cases.ids[i], sizeof a->cases.ids[i])));
	return rc != 0 ? rc
		       : store_outbox_say(db, a->request, a->peer, RXP_TYPE_HISTORY_REQUEST,
			     REC_node_history_request, &says, a->asked_ms);
}

bool store_asked_names(const struct store_asked *a, const uint8_t case_id[RXP_ID_OCTETS])
{
	for (size_t i = 0; i < a->cases.n; i++)
		if (memcmp(a->cases.ids[i], case_id, RXP_ID_OCTETS) == 0)
			return true;
	return a->cases.n == 0;
}

int store_asked_open(
    struct db *db, bool *open, const char *peer, const uint8_t case_id[RXP_ID_OCTETS])
{
	const enum sql q = SQL_ASKED_OPEN;
	struct store_asked a;
	int rc = store_asked_get(db, &a, peer);

	*open = false;
	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	*open = store_left_of(db, peer, case_id);
	if (*open || !store_asked_names(&a, case_id))
		return 0;
	rc = db_first(db, q,
	    DB_VALUES(DB_T(peer), DB_T(state_word(STATE_REFUSED)), DB_T(state_word(STATE_EXPIRED)),
		DB_T(state_word(STATE_DISCARDED))));
	if (rc < 0)
		return rc;
	*open = rc == 1;
	if (rc == 1)
		db_end(db, q);
	return 0;
}

int store_piece_add(struct db *db, const char *peer, const struct store_piece *p,
    struct bytes envelope, struct bytes wrapped_key)
{
	return db_run(db, SQL_PIECE_ADD,
	    DB_VALUES(DB_T(peer), DB_N(p->number), DB_O(p->message_id, sizeof p->message_id),
		DB_O(p->receipted, sizeof p->receipted), DB_N(p->piece), DB_N(p->pieces),
		DB_B(envelope), DB_B(wrapped_key)));
}

int store_piece_count(struct db *db, uint64_t *count, const char *peer)
{
	int rc = db_first(db, SQL_PIECE_COUNT, DB_VALUES(DB_T(peer)));

	if (rc == 1)
		*count = (uint64_t)db_number(db, SQL_PIECE_COUNT, 0);
	return one_row(db, SQL_PIECE_COUNT, rc, true);
}

int store_piece_peer(struct db *db, char peer[RXP_PARTY_TEXT], const char *after)
{
	return peer_of(
	    db, SQL_PIECE_PEER, peer, db_first(db, SQL_PIECE_PEER, DB_VALUES(DB_T(after))));
}

int store_piece_get(struct db *db, struct store_piece *out, struct rxp_buf *octets,
    size_t *envelope_len, const char *peer, uint64_t from)
{
	const enum sql q = SQL_PIECE_GET;
	struct store_piece p = {.number = 0};
	int rc = db_first(db, q, DB_VALUES(DB_T(peer), DB_N(from)));

	if (rc != 1)
		return one_row(db, q, rc, false);
	p.number = (uint64_t)db_number(db, q, 0);
	p.piece = (uint32_t)db_number(db, q, 3);
	p.pieces = (uint32_t)db_number(db, q, 4);
	rc = db_fill(db, q, 1, p.message_id, sizeof p.message_id) &&
		     db_fill(db, q, 2, p.receipted, sizeof p.receipted)
		 ? take_octets(db, q, 5, octets, envelope_len)
		 : RXP_ERR_DAMAGED;
	db_end(db, q);
	if (rc == 0)
		*out = p;
	return rc;
}

int store_piece_drop(struct db *db, const char *peer, uint64_t number)
{
	return db_run(db, SQL_PIECE_DROP, DB_VALUES(DB_T(peer), DB_N(number)));
}

/* --- what is taken -------------------------------------------------------------------------------- */

int store_restored_add(struct db *db, const struct store_outbox *m, const struct store_restored *r,
    int64_t next_try_ms)
{
	const struct store_place *p = &m->place;

	return db_run(db, SQL_RESTORED_ADD,
	    DB_VALUES(DB_O(m->local_id, sizeof m->local_id), DB_T(m->peer),
		DB_T(state_word(m->state)), DB_T(m->type), DB_T(m->from_office), DB_T(m->to_office),
		DB_O(m->message_id, sizeof m->message_id), DB_N(m->created_ms), DB_N(m->expires_ms),
		DB_O(m->envelope_digest, sizeof m->envelope_digest),
		DB_O(m->fingerprint, sizeof m->fingerprint), DB_B(r->envelope), DB_B(r->evidence),
		DB_B(r->wrapped_key), DB_O(m->key_id, sizeof m->key_id),
		DB_O(m->earlier, m->n_earlier * sizeof m->earlier[0]), DB_N(next_try_ms),
		DB_O(p->case_id, sizeof p->case_id), DB_N(p->position),
		p->has_previous ? DB_O(p->previous, sizeof p->previous) : DB_NONE,
		p->has_seen ? DB_O(p->seen, sizeof p->seen) : DB_NONE, DB_B(r->facts)));
}

int store_restored_known(struct db *db, const uint8_t message_id[RXP_ID_OCTETS],
    const uint8_t fingerprint[RXP_DIGEST_OCTETS])
{
	const enum sql q = SQL_RESTORED_KNOWN;
	uint8_t held[RXP_DIGEST_OCTETS] = {0};
	int first = db_first(db, q, DB_VALUES(DB_O(message_id, RXP_ID_OCTETS)));
	int rc = one_row(db, q, first, first == 1 && db_fill(db, q, 0, held, sizeof held));

	return rc != 0 || memcmp(held, fingerprint, sizeof held) == 0 ? rc : RXP_ERR_MISMATCH;
}
