/*
 * Goals of documents of a case, with everything around the registry played:
 * - an application out and in: places, offices, profile, the row of the case, its persons and timeline;
 * - what the case does not allow is refused: to the desk in words, to the peer with `state`, finally;
 *   a missing or another document with `gap` or `fork` and our view, without a trace;
 * - another party with the CaseId of a case learns nothing of it, and may open its own beside it;
 * - documents that cross: the overtaken one stays in the chain; what the peer has seen it cannot refuse;
 * - `gap` of the peer sends what it lacks again, in order; `fork` holds the case for a person;
 * - a draft waits behind the one in flight, also over a restart; refused ones take no Position, and what
 *   the case has come to forbid is not sent;
 * - two documents of a case at once are decided one after the other;
 * - a key of idempotency gives the same answer over a restart, and counts 90 days;
 * - content is read only after the journal has it; a received document is taken over once.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include <sqlite3.h>

#define APPLICATION "ReadmissionApplication"
#define REPLY "ReadmissionReply"
#define WITHDRAWAL "Withdrawal"
#define DAY INT64_C(86400000)

struct facts {
	uint8_t octets[WORLD_FACTS_MAX];
	size_t len;
};

/* One event for persons 1 to n but those below first; about: the application, or NULL. */
static struct facts facts_of(const char *event, unsigned first, unsigned n, const uint8_t *about)
{
	struct rec_fact_about a = {{0}};
	struct facts f = {.len = 0};
	struct rxp_buf b;

	rxp_buf_init(&b, sizeof f.octets);
	if (about != NULL) {
		memcpy(a.application, about, sizeof a.application);
		record_list_put(&b, REC_fact_about, &record_fact_about, &a);
	}
	for (unsigned person = first; person <= n; person++) {
		struct rec_fact_person r = {.person = person};

		snprintf(r.event, sizeof r.event, "%s", event);
		record_list_put(&b, REC_fact_person, &record_fact_person, &r);
	}
	assert_int_equal(rxp_buf_error(&b), 0);
	memcpy(f.octets, b.data, b.len);
	f.len = b.len;
	rxp_buf_free(&b);
	return f;
}

/* --- the desk ------------------------------------------------------------------------------------ */

static struct msg_submit submission(
    const char *key, const uint8_t *case_id, const char *type, const struct facts *f)
{
	struct msg_submit m = {.user = "officer",
	    .peer = PEER,
	    .facts = {f->octets, f->len},
	    .draft = {f->octets, f->len}};

	snprintf(m.key, sizeof m.key, "%s", key);
	snprintf(m.type, sizeof m.type, "%s", type);
	memcpy(m.body_digest, key, strlen(key));
	if (case_id != NULL)
		memcpy(m.case_id, case_id, sizeof m.case_id);
	return m;
}

static const struct world_answer *submit(struct world *w, const char *key, const uint8_t *case_id,
    const char *type, const struct facts *f)
{
	const struct msg_submit m = submission(key, case_id, type, f);

	return world_ask(w, IPC_submit, &m);
}

/* One that is accepted. */
static void accepted(struct world *w, const char *key, uint8_t case_id[16], const char *type,
    struct facts f, uint8_t id[16])
{
	const struct world_answer *a =
	    submit(w, key, strcmp(type, APPLICATION) == 0 ? NULL : case_id, type, &f);

	assert_string_equal(a->words, "");
	assert_int_equal(a->result, 0);
	memcpy(case_id, a->case_id, sizeof a->case_id);
	memcpy(id, a->id, sizeof a->id);
}

static void not_accepted(struct world *w, const uint8_t *case_id, const char *type, struct facts f,
    int result, const char *words)
{
	const struct world_answer *a = submit(w, "key-of-refused", case_id, type, &f);

	assert_int_equal((int)a->result, result);
	assert_string_equal(a->words, words);
}

static const struct world_delivery *delivered(struct world *w, unsigned n)
{
	world_until(w, &w->n_deliveries, n);
	return &w->deliveries[n - 1];
}

/* The n-th delivery gets its receipt; its envelope. */
static struct fake_envelope receipt(struct world *w, unsigned n, const uint8_t id[16])
{
	const struct world_delivery *d = delivered(w, n);
	struct fake_answer f = world_receipt(d);
	struct rec_message_row row;

	world_deliver(w, d, 200, &f);
	if (id != NULL)
		world_until_state(w, id, "delivered", &row);
	return d->envelope;
}

struct shown {
	struct rec_case_row row;
	char persons[RXP_MAX_PERSONS + 1][RECORD_NAME_MAX];
	struct rec_timeline_row timeline[16];
	size_t n;
};

static void read_list(struct shown *s, const uint8_t *at, size_t len)
{
	struct record_cursor c = {at, len};
	struct rec_case_person_row p;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1) {
		if (tag == REC_case_person_row) {
			assert_int_equal(
			    record_decode(&p, &record_case_person_row, fields.data, fields.len), 0);
			memcpy(s->persons[p.person], p.state, sizeof p.state);
		} else {
			assert_int_equal(tag, REC_timeline_row);
			assert_int_equal(record_decode(&s->timeline[s->n++], &record_timeline_row,
					     fields.data, fields.len),
			    0);
		}
	}
}

static void show_case(struct world *w, const uint8_t case_id[16], struct shown *s)
{
	struct msg_case_show m = {{0}};
	const struct world_answer *a;

	memset(s, 0, sizeof *s);
	memcpy(m.case_id, case_id, sizeof m.case_id);
	a = world_ask(w, IPC_case_show, &m);
	assert_int_equal(a->result, 0);
	assert_int_equal(record_decode(&s->row, &record_case_row, a->octets, a->row_len), 0);
	read_list(s, a->octets + a->row_len, a->len - a->row_len);
}

static unsigned cases_listed(struct world *w, const struct msg_list *list)
{
	const struct world_answer *a = world_ask(w, IPC_list, list);
	struct record_cursor c = {a->octets, a->len};
	struct bytes fields;
	unsigned n = 0;
	uint16_t tag;

	assert_int_equal(a->result, 0);
	while (record_list_next(&c, &tag, &fields) == 1)
		n++;
	return n;
}

/* --- the peer ------------------------------------------------------------------------------------ */

static struct fake_envelope document(
    uint8_t id, const uint8_t case_id[16], const char *type, uint64_t position, struct facts f)
{
	struct fake_envelope e = world_envelope(id);

	snprintf(e.type, sizeof e.type, "%s", type);
	e.place.in_case = true;
	memcpy(e.place.case_id, case_id, 16);
	e.place.position = position;
	memcpy(e.facts, f.octets, f.len);
	e.facts_len = (uint32_t)f.len;
	return e;
}

static void set_previous(struct fake_envelope *e, const struct fake_envelope *previous)
{
	e->place.has_previous = true;
	memcpy(e->place.previous, previous->fingerprint, sizeof e->place.previous);
}

static void set_seen(struct fake_envelope *e, const struct fake_envelope *seen)
{
	e->place.has_seen = true;
	memcpy(e->place.seen, seen->fingerprint, sizeof e->place.seen);
}

static void refused(
    struct world *w, const struct fake_envelope *e, enum rxp_refusal code, const char *requirement)
{
	assert_int_equal(world_admit(w, e)->http_status, 409);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)code);
	assert_string_equal(w->last_seal.requirement, requirement);
	assert_int_equal(
	    w->last_seal.has_view, code == RXP_REFUSAL_GAP || code == RXP_REFUSAL_FORK);
}

/* A case that we asked for: its application of two persons is receipted. */
static struct fake_envelope asked(struct world *w, uint8_t case_id[16])
{
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	accepted(w, "key-1", case_id, APPLICATION, facts_of("apply", 1, 2, NULL), id);
	return receipt(w, 1, id);
}

/* --- journeys ------------------------------------------------------------------------------------ */

static void test_application_out(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	struct shown s;
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	accepted(w, "key-1", case_id, APPLICATION, facts_of("apply", 1, 2, NULL), id);
	assert_int_equal(case_id[6] >> 4, 4); /* a random one: UUIDv4 */
	delivered(w, 1);
	assert_true(w->last_close.in_case);
	assert_memory_equal(w->last_close.case_id, case_id, sizeof case_id);
	assert_int_equal(w->last_close.position, 1);
	assert_false(w->last_close.has_previous || w->last_close.has_seen);
	assert_string_equal(w->last_close.profile_id, "customary");
	assert_string_equal(w->last_close.profile_version, "1.0");
	assert_string_equal(w->last_close.from_office, "RETURNS");
	assert_string_equal(w->last_close.to_office, "READMISSION");
	show_case(w, case_id, &s);
	assert_string_equal(s.row.state, "opening");
	assert_string_equal(s.timeline[0].effect, "in-doubt");
	receipt(w, 1, id);
	world_show(w, id, &row);
	assert_string_equal(row.type, APPLICATION);
	show_case(w, case_id, &s);
	assert_string_equal(s.row.state, "open");
	assert_string_equal(s.row.role, "requesting");
	assert_int_equal(s.row.persons, 2);
	assert_int_equal(s.row.documents, 1);
	assert_string_equal(s.persons[2], "received");
	assert_int_equal(s.n, 1);
	assert_string_equal(s.timeline[0].from, OWN);
	assert_string_equal(s.timeline[0].effect, "effective");
	assert_memory_equal(s.timeline[0].local_id, id, sizeof id);
}

static void test_reply_in(void **state)
{
	struct world *w = *state;
	struct msg_list list = {.list = "cases"};
	struct fake_envelope application, e, other;
	struct shown s;
	uint8_t case_id[16];

	application = asked(w, case_id);
	e = document(1, case_id, REPLY, 1, facts_of("accept", 1, 1, application.fingerprint));
	set_seen(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	other = document(2, case_id, REPLY, 2, facts_of("refuse", 2, 2, application.fingerprint));
	set_seen(&other, &application);
	set_previous(&other, &e);
	assert_int_equal(world_admit(w, &other)->http_status, 200);
	show_case(w, case_id, &s);
	assert_string_equal(s.persons[1], "accepted");
	assert_string_equal(s.persons[2], "refused");
	assert_string_equal(s.row.state, "open"); /* an acceptance can be withdrawn */
	assert_int_equal(s.n, 3);
	assert_string_equal(s.timeline[0].type, APPLICATION);
	assert_string_equal(s.timeline[1].from, PEER);
	assert_int_equal(s.timeline[2].position, 2);
	assert_string_equal(s.timeline[2].state, "received");
	assert_true(world_ask(w, IPC_list, &list)->len > 0);
	memcpy(list.after, case_id, sizeof list.after);
	assert_int_equal(world_ask(w, IPC_list, &list)->len, 0);
	memset(list.after, 0, sizeof list.after);
	snprintf(list.peer, sizeof list.peer, "%s", "QRC");
	assert_int_equal(world_ask(w, IPC_list, &list)->len, 0);
	world_restart(w);
	show_case(w, case_id, &s);
	assert_int_equal(s.n, 3);
}

static const uint8_t their_case[16] = {1, 2, 3, 4, 5, 6, 0x47, 8, 0x89};

static void test_application_in(void **state)
{
	static const uint8_t another[32] = {9};
	struct world *w = *state;
	struct fake_envelope application =
	    document(1, their_case, APPLICATION, 1, facts_of("apply", 1, 2, NULL));
	uint8_t case_id[16], id[16];
	struct shown s;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	memcpy(case_id, their_case, sizeof case_id);
	/* The reply is about this application: another one is not in its past (RXP-REP-002). */
	not_accepted(w, case_id, REPLY, facts_of("accept", 1, 1, another), RXP_ERR_STATE,
	    "RXP-REP-002: it answers no application of the case");
	accepted(w, "key-1", case_id, REPLY, facts_of("accept", 1, 2, application.fingerprint), id);
	receipt(w, 1, id);
	assert_int_equal(w->last_close.position, 1);
	assert_true(w->last_close.has_seen);
	assert_memory_equal(w->last_close.seen, application.fingerprint, 32);
	assert_string_equal(w->last_close.from_office, "READMISSION");
	show_case(w, case_id, &s);
	assert_string_equal(s.row.role, "requested");
	assert_string_equal(s.persons[1], "accepted");
	assert_string_equal(s.timeline[0].from, PEER);
	assert_string_equal(s.timeline[1].from, OWN);
}

/* --- what a case does not allow ------------------------------------------------------------------- */

static void test_not_allowed_here(void **state)
{
	struct world *w = *state;
	struct facts apply = facts_of("apply", 1, 2, NULL);
	struct msg_submit m;
	uint8_t case_id[16];

	asked(w, case_id);
	not_accepted(w, NULL, REPLY, facts_of("accept", 1, 1, NULL), RXP_ERR_STATE,
	    "RXP-CAS-003: this type opens no case");
	not_accepted(
	    w, case_id, APPLICATION, apply, RXP_ERR_STATE, "RXP-CAS-003: the case is open already");
	not_accepted(w, case_id, REPLY, facts_of("accept", 1, 1, NULL), RXP_ERR_STATE,
	    "RXP-CAS-004: the other side sends this type");
	not_accepted(w, case_id, WITHDRAWAL, facts_of("withdraw", 2, 3, NULL), RXP_ERR_STATE,
	    "RXP-CAS-004: P3 is unknown");
	not_accepted(w, their_case, WITHDRAWAL, facts_of("withdraw", 1, 1, NULL), RXP_ERR_NOT_FOUND,
	    "there is no such case with this peer");
	not_accepted(w, NULL, "Ping", apply, RXP_ERR_UNSUPPORTED,
	    "no document of a case that this node sends");
	not_accepted(w, NULL, APPLICATION, facts_of("withdraw", 1, 1, NULL), RXP_ERR_SCHEMA,
	    "the facts are not those of the type");
	m = submission("key-2", NULL, APPLICATION, &apply);
	snprintf(m.peer, sizeof m.peer, "%s", "QRC");
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_NOT_FOUND);
	m = submission("", NULL, APPLICATION, &apply);
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_SYNTAX);
}

static void test_not_allowed_there(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, e;
	struct world_answer first;
	unsigned sealed;
	uint8_t case_id[16];

	application = asked(w, case_id);
	/* Only an application opens a case. */
	e = document(1, their_case, REPLY, 1, facts_of("accept", 1, 1, NULL));
	refused(w, &e, RXP_REFUSAL_STATE, "RXP-CAS-004");
	e = document(2, case_id, REPLY, 1, facts_of("accept", 3, 3, application.fingerprint));
	set_seen(&e, &application);
	refused(w, &e, RXP_REFUSAL_STATE, "RXP-CAS-004");
	/* Final: stored, and given again. */
	first = w->admitted[w->n_admitted - 1];
	sealed = w->sealed;
	world_restart(w);
	assert_memory_equal(world_admit(w, &e)->octets, first.octets, first.len);
	assert_int_equal(w->sealed, sealed);
	/* It took no Position: the valid twin does. */
	e = document(3, case_id, REPLY, 1, facts_of("accept", 2, 2, application.fingerprint));
	set_seen(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

static void test_gap_and_fork_in(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, first, e;
	uint64_t log;
	uint8_t case_id[16];

	application = asked(w, case_id);
	first = document(1, case_id, REPLY, 1, facts_of("accept", 1, 1, application.fingerprint));
	set_seen(&first, &application);
	assert_int_equal(world_admit(w, &first)->http_status, 200);
	log = peers_find(w->assembly->peers, PEER)->log.count;

	e = document(2, case_id, REPLY, 3, facts_of("refuse", 2, 2, application.fingerprint));
	set_seen(&e, &application);
	set_previous(&e, &application);
	refused(w, &e, RXP_REFUSAL_GAP, "RXP-CHN-007");
	assert_int_equal(w->last_seal.own_position, 1);
	assert_memory_equal(w->last_seal.own_fingerprint, application.fingerprint, 32);
	assert_int_equal(w->last_seal.peer_position, 1);
	assert_memory_equal(w->last_seal.peer_fingerprint, first.fingerprint, 32);
	e.place.position = 1;
	e.place.has_previous = false;
	refused(w, &e, RXP_REFUSAL_FORK, "RXP-CHN-008");
	e.place.position = 2;
	set_previous(&e, &application);
	refused(w, &e, RXP_REFUSAL_FORK, "RXP-CHN-003");
	set_previous(&e, &first);
	set_seen(&e, &first);
	refused(w, &e, RXP_REFUSAL_FORK, "RXP-CHN-004");
	/* No trace: the same document with the right links is taken. */
	assert_int_equal(peers_find(w->assembly->peers, PEER)->log.count, log);
	set_seen(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	/* A case that is not known at all: everything before is missing. */
	e = document(3, their_case, WITHDRAWAL, 2, facts_of("withdraw", 1, 1, NULL));
	set_previous(&e, &first);
	refused(w, &e, RXP_REFUSAL_GAP, "RXP-CHN-007");
	assert_int_equal(w->last_seal.peer_position, 0);
}

/* --- another party with the CaseId of a case ------------------------------------------------------ */

#define OTHER "QMA" /* before PEER in every order of parties */

static const struct world_answer *admit_other(struct world *w, const struct fake_envelope *e)
{
	const struct msg_admit m = {.party = OTHER,
	    .received_ms = clock_wall_ms() + 1000, /* after all that PEER did */
	    .envelope = {(const uint8_t *)e, sizeof *e}};
	unsigned n = w->n_admitted;

	assert_int_equal(link_request(w->gateway, IPC_admit, &m, NULL, 0, NULL), 0);
	world_until(w, &w->n_admitted, n + 1);
	return &w->admitted[n];
}

/* A case that PEER and we have, and a second peer. */
static struct fake_envelope asked_beside(struct world *w, uint8_t case_id[16])
{
	struct fake_envelope application = asked(w, case_id);

	snprintf(w->descriptor.party, sizeof w->descriptor.party, "%s", OTHER);
	w->pin = 2;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	return application;
}

/* It learns nothing: every answer is the one to a case that nobody has. */
static void test_case_of_another(void **state)
{
	static const uint8_t some[32] = {7};
	struct world *w = *state;
	struct fake_envelope application, e;
	struct msg_seal_answer known;
	uint8_t case_id[16];

	application = asked_beside(w, case_id);
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *id = i == 0 ? case_id : their_case;

		e = document(1, id, REPLY, 1, facts_of("accept", 1, 1, application.fingerprint));
		set_seen(&e, &application);
		assert_int_equal(admit_other(w, &e)->http_status, 409);
		assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_FORK);
		assert_string_equal(w->last_seal.requirement, "RXP-CHN-004");
		e = document(2, id, WITHDRAWAL, 2, facts_of("withdraw", 1, 1, NULL));
		e.place.has_previous = true;
		memcpy(e.place.previous, some, sizeof some);
		assert_int_equal(admit_other(w, &e)->http_status, 409);
		assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_GAP);
		assert_string_equal(w->last_seal.requirement, "RXP-CHN-007");
		assert_true(w->last_seal.has_view);
		assert_int_equal(w->last_seal.own_position, 0);
		assert_int_equal(w->last_seal.peer_position, 0);
		if (i == 0)
			known = w->last_seal;
		assert_memory_equal(known.own_fingerprint, w->last_seal.own_fingerprint, 32);
		assert_memory_equal(known.peer_fingerprint, w->last_seal.peer_fingerprint, 32);
		assert_int_equal(known.refusal, w->last_seal.refusal);
	}
	/* Of PEER the reply that was not OTHER's to give is taken. */
	e = document(1, case_id, REPLY, 1, facts_of("accept", 1, 1, application.fingerprint));
	set_seen(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

/* It may open a case of its own, which touches nothing and stands before nothing. */
static void test_case_of_two(void **state)
{
	struct world *w = *state;
	struct msg_list list = {.list = "cases", .limit = 1};
	struct fake_envelope application, reply, e;
	struct msg_submit m;
	struct facts accept;
	struct shown s;
	uint8_t case_id[16];

	application = asked_beside(w, case_id);
	e = document(1, case_id, APPLICATION, 1, facts_of("apply", 1, 1, NULL));
	assert_int_equal(admit_other(w, &e)->http_status, 200);
	reply = document(1, case_id, REPLY, 1, facts_of("accept", 1, 1, application.fingerprint));
	set_seen(&reply, &application);
	assert_int_equal(world_admit(w, &reply)->http_status, 200);
	/* The id alone is the case that was first; a list shows both on one page. */
	show_case(w, case_id, &s);
	assert_string_equal(s.row.peer, PEER);
	assert_string_equal(s.row.role, "requesting");
	assert_int_equal(s.row.persons, 2);
	assert_int_equal(s.n, 2);
	assert_int_equal(cases_listed(w, &list), 2);
	memcpy(list.after, case_id, sizeof list.after);
	assert_int_equal(cases_listed(w, &list), 0);
	/* With its party the desk answers the other one too, with the chain of that case. */
	accept = facts_of("accept", 1, 1, e.fingerprint);
	m = submission("key-2", case_id, REPLY, &accept);
	snprintf(m.peer, sizeof m.peer, "%s", OTHER);
	assert_int_equal(world_ask(w, IPC_submit, &m)->result, 0);
	delivered(w, 2);
	assert_int_equal(w->last_close.position, 1);
	assert_memory_equal(w->last_close.seen, e.fingerprint, 32);
	show_case(w, case_id, &s);
	assert_int_equal(s.n, 2);
}

/* --- documents that cross ------------------------------------------------------------------------- */

static void test_crossing(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, reply;
	struct shown s;
	uint8_t case_id[16], id[16];

	application = asked(w, case_id);
	accepted(w, "key-2", case_id, WITHDRAWAL, facts_of("withdraw", 1, 1, NULL), id);
	delivered(w, 2);
	/* Sealed before our withdrawal arrived there. */
	reply = document(1, case_id, REPLY, 1, facts_of("accept", 1, 2, application.fingerprint));
	set_seen(&reply, &application);
	assert_int_equal(world_admit(w, &reply)->http_status, 200);
	show_case(w, case_id, &s);
	assert_string_equal(s.persons[1], "accepted"); /* the withdrawal is in doubt */
	receipt(w, 2, id);
	show_case(w, case_id, &s);
	assert_string_equal(s.persons[1], "withdrawn");
	assert_string_equal(s.persons[2], "accepted");
	assert_int_equal(s.n, 3);
	/* In the order of the fold, not of arrival (RXP-CAS-006). */
	assert_string_equal(s.timeline[1].type, WITHDRAWAL);
	assert_string_equal(s.timeline[1].effect, "effective");
	assert_string_equal(s.timeline[2].type, REPLY);
	assert_string_equal(s.timeline[2].effect, "overtaken-in-part");
}

/* The peer names our withdrawal, whose receipt is still under way; then it claims to refuse it. */
static void test_seen_in_doubt(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, withdrawal, reply;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	struct shown s;
	uint8_t case_id[16], id[16];

	application = asked(w, case_id);
	accepted(w, "key-2", case_id, WITHDRAWAL, facts_of("withdraw", 1, 1, NULL), id);
	d = delivered(w, 2);
	withdrawal = d->envelope;
	reply = document(1, case_id, REPLY, 1, facts_of("accept", 2, 2, application.fingerprint));
	set_seen(&reply, &withdrawal);
	assert_int_equal(world_admit(w, &reply)->http_status, 200);
	show_case(w, case_id, &s);
	assert_string_equal(s.persons[1], "withdrawn");
	f = world_refusal(d, RXP_REFUSAL_STATE, true);
	world_deliver(w, d, 409, &f);
	world_until_state(w, id, "parked", &row);
	assert_string_equal(
	    row.last_error, "the peer refused a document that it had named as seen");
	show_case(w, case_id, &s);
	assert_int_equal(s.n, 3);
}

static void test_at_once(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, e, other;
	uint8_t case_id[16];
	unsigned n, ok;

	application = asked(w, case_id);
	e = document(1, case_id, REPLY, 1, facts_of("accept", 1, 1, application.fingerprint));
	set_seen(&e, &application);
	other = document(2, case_id, REPLY, 1, facts_of("refuse", 1, 1, application.fingerprint));
	set_seen(&other, &application);
	n = w->n_admitted;
	world_send(w, &e);
	world_send(w, &other);
	world_until(w, &w->n_admitted, n + 2);
	ok = w->admitted[n].http_status == 200 ? n : n + 1;
	assert_int_equal(w->admitted[ok].http_status, 200);
	assert_int_equal(w->admitted[2 * n + 1 - ok].http_status, 409);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_FORK);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_RECEIVED], 1);
}

/* --- gap and fork of the peer --------------------------------------------------------------------- */

static void test_gap_out(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, withdrawal;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t case_id[16], first[16], second[16];

	application = asked(w, case_id);
	accepted(w, "key-2", case_id, WITHDRAWAL, facts_of("withdraw", 1, 1, NULL), first);
	withdrawal = receipt(w, 2, first);
	accepted(w, "key-3", case_id, WITHDRAWAL, facts_of("withdraw", 2, 2, NULL), second);
	d = delivered(w, 3);
	assert_int_equal(w->last_close.position, 3);
	/* The peer has lost all but the application. */
	f = world_refusal(d, RXP_REFUSAL_GAP, false);
	f.checked.has_view = 1;
	f.checked.peer_position = 1;
	f.checked.retry_ms = clock_wall_ms() + DAY / 48; /* by itself, this one waits */
	memcpy(f.checked.peer_fingerprint, application.fingerprint, 32);
	world_deliver(w, d, 409, &f);
	d = delivered(w, 4);
	assert_memory_equal(d->envelope.fingerprint, withdrawal.fingerprint, 32);
	world_show(w, first, &row);
	assert_string_equal(row.state, "delivered"); /* its receipt stays */
	f = world_receipt(d);
	f.checked.log_count = 77;
	world_deliver(w, d, 200, &f);
	d = delivered(w, 5); /* at once, when the peer has what it lacked */
	assert_int_equal(d->envelope.place.position, 3);
	f = world_receipt(d);
	world_deliver(w, d, 200, &f);
	world_until_state(w, second, "delivered", &row);
	world_show(w, first, &row);
	assert_int_equal(row.log_count, 4);
	assert_int_equal(row.next_try_ms, 0);
	assert_int_equal(w->closed, 3);
}

static void hold(
    struct world *w, enum rxp_refusal code, const uint8_t *their_last, const char *words)
{
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t case_id[16], id[16];

	asked(w, case_id);
	accepted(w, "key-2", case_id, WITHDRAWAL, facts_of("withdraw", 1, 1, NULL), id);
	receipt(w, 2, id);
	accepted(w, "key-3", case_id, WITHDRAWAL, facts_of("withdraw", 2, 2, NULL), id);
	d = delivered(w, 3);
	f = world_refusal(d, code, false);
	f.checked.has_view = 1;
	f.checked.peer_position = 1;
	memcpy(f.checked.peer_fingerprint, their_last, 32);
	world_deliver(w, d, 409, &f);
	world_until_state(w, id, "parked", &row);
	assert_string_equal(row.last_error, words);
	/* The case is held: nothing passes the parked one. */
	not_accepted(w, case_id, WITHDRAWAL, facts_of("withdraw", 1, 1, NULL), RXP_ERR_STATE,
	    "RXP-CAS-004: P1 is withdrawn");
	world_restart(w);
	pump_for(w->loop, 20);
	assert_int_equal(w->n_deliveries, 0);
}

static void test_fork_out(void **state)
{
	static const uint8_t other[32] = {9};

	hold(*state, RXP_REFUSAL_FORK, other, "the peer holds another history of the case (fork)");
}

static void test_gap_of_another_history(void **state)
{
	static const uint8_t other[32] = {9};

	hold(*state, RXP_REFUSAL_GAP, other, "the peer holds another history of the case");
}

/* --- drafts --------------------------------------------------------------------------------------- */

static void test_draft_waits(void **state)
{
	struct world *w = *state;
	struct fake_envelope application;
	struct rec_message_row row;
	struct store_place place;
	uint8_t case_id[16], id[16], draft[16], last[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	accepted(w, "key-1", case_id, APPLICATION, facts_of("apply", 1, 2, NULL), id);
	delivered(w, 1);
	accepted(w, "key-2", case_id, WITHDRAWAL, facts_of("withdraw", 1, 1, NULL), draft);
	accepted(w, "key-3", case_id, WITHDRAWAL, facts_of("withdraw", 2, 2, NULL), last);
	/* Allowed behind all that is on its way, and not without looking at it. */
	not_accepted(w, case_id, WITHDRAWAL, facts_of("withdraw", 1, 1, NULL), RXP_ERR_STATE,
	    "RXP-CAS-004: P1 is withdrawn");
	world_show(w, draft, &row);
	assert_string_equal(row.state, "draft");
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_DRAFT], 2);
	world_restart(w);
	application = receipt(w, 1, id);
	place = receipt(w, 2, draft).place;
	assert_int_equal(place.position, 2);
	assert_memory_equal(place.previous, application.fingerprint, 32);
	assert_int_equal(receipt(w, 3, last).place.position, 3);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_DRAFT], 0);
	world_restart(w);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_DELIVERED], 3);
}

/* A refused document takes no Position; what built on it is not sent. */
static void test_predecessor_refused(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	struct shown s;
	struct facts apply = facts_of("apply", 1, 2, NULL);
	uint8_t case_id[16], id[16], draft[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	accepted(w, "key-1", case_id, APPLICATION, apply, id);
	d = delivered(w, 1);
	accepted(w, "key-2", case_id, WITHDRAWAL, facts_of("withdraw", 1, 1, NULL), draft);
	f = world_refusal(d, RXP_REFUSAL_SCHEMA, true);
	world_deliver(w, d, 422, &f);
	world_until_state(w, draft, "refused", &row);
	assert_string_equal(row.refusal, "state");
	assert_string_equal(row.last_error, "not sent: the case does not allow it, RXP-CAS-004");
	assert_int_equal(w->closed, 1);
	show_case(w, case_id, &s);
	assert_int_equal(s.n, 0);
	assert_string_equal(s.row.state, "opening");
	/* The corrected application takes the Position. */
	assert_int_equal(submit(w, "key-3", case_id, APPLICATION, &apply)->result, 0);
	delivered(w, 2);
	assert_int_equal(w->last_close.position, 1);
	receipt(w, 2, NULL);
}

static void test_restart_before_closing(void **state)
{
	struct world *w = *state;
	struct facts apply = facts_of("apply", 1, 2, NULL);
	struct world_answer a;
	struct fake_envelope first;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	link_pause(w->sealer, true);
	a = *submit(w, "key-1", NULL, APPLICATION, &apply);
	world_restart(w);
	first = delivered(w, 1)->envelope;
	assert_int_equal(w->closed, 1);
	assert_int_equal(first.place.position, 1);
	world_restart(w);
	assert_memory_equal(&delivered(w, 1)->envelope, &first, sizeof first);
	receipt(w, 1, a.id);
}

static void test_other_facts(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	w->other_facts = true;
	accepted(w, "key-1", case_id, APPLICATION, facts_of("apply", 1, 2, NULL), id);
	world_until_state(w, id, "parked", &row);
	assert_string_equal(
	    row.last_error, "the facts of the sealed document differ from those submitted");
	assert_int_equal(w->n_deliveries, 0);
}

/* --- idempotency ---------------------------------------------------------------------------------- */

static void test_idempotency(void **state)
{
	struct world *w = *state;
	struct facts apply = facts_of("apply", 1, 2, NULL);
	struct facts withdraw = facts_of("withdraw", 1, 1, NULL);
	struct world_answer first;
	const struct world_answer *a;
	struct msg_submit m;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	first = *submit(w, "key-1", NULL, APPLICATION, &apply);
	assert_int_equal(first.result, 0);
	assert_int_equal(first.more, 0);
	for (int i = 0; i < 2; i++) {
		a = submit(w, "key-1", NULL, APPLICATION, &apply);
		assert_int_equal(a->result, 0);
		assert_int_equal(a->more, 1);
		assert_memory_equal(a->id, first.id, sizeof first.id);
		assert_memory_equal(a->case_id, first.case_id, sizeof first.case_id);
		world_restart(w);
	}
	m = submission("key-1", NULL, APPLICATION, &apply);
	m.body_digest[31] ^= 1;
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_MISMATCH);
	m = submission("key-1", first.case_id, WITHDRAWAL, &withdraw);
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_MISMATCH);
	m = submission("key-1", first.case_id, APPLICATION, &apply);
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_MISMATCH);
	world_move_clock(w, 90 * DAY - 60000);
	assert_int_equal(submit(w, "key-1", NULL, APPLICATION, &apply)->more, 1);
	world_move_clock(w, 90 * DAY + 60000);
	a = submit(w, "key-1", NULL, APPLICATION, &apply);
	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 0);
	assert_true(memcmp(a->case_id, first.case_id, sizeof first.case_id) != 0);
}

/* --- collecting ----------------------------------------------------------------------------------- */

static int journal_rows(const char *condition)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	char text[256];
	int n = -1;

	snprintf(text, sizeof text, "SELECT COUNT(*) FROM journal WHERE %s", condition);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &s, NULL), SQLITE_OK);
	if (sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

/* The id of the only row of the inbox. */
static void inbox_id(struct world *w, uint8_t id[16])
{
	struct msg_list list = {.list = "inbox"};
	struct rec_message_row row;
	struct record_cursor c;
	struct bytes fields;
	uint16_t tag;
	const struct world_answer *a = world_ask(w, IPC_list, &list);

	c = (struct record_cursor){a->octets, a->len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&row, &record_message_row, fields.data, fields.len), 0);
	assert_string_equal(row.state, "received");
	assert_int_equal(record_list_next(&c, &tag, &fields), 0);
	memcpy(id, row.local_id, sizeof row.local_id);
}

static void test_content(void **state)
{
	struct world *w = *state;
	struct fake_envelope e =
	    document(1, their_case, APPLICATION, 1, facts_of("apply", 1, 2, NULL));
	struct msg_content_get m = {.user = "reader", .reason = "case work"};
	const struct world_answer *a;
	uint64_t commits;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	assert_int_equal((int)world_ask(w, IPC_content_get, &m)->result, RXP_ERR_NOT_FOUND);
	inbox_id(w, m.local_id);
	m.reason[0] = '\0';
	assert_int_equal((int)world_ask(w, IPC_content_get, &m)->result, RXP_ERR_SYNTAX);
	assert_int_equal(w->tickets, 0);
	snprintf(m.reason, sizeof m.reason, "%s", "case work");
	commits = store_counts(w->assembly->node.store).commits;
	a = world_ask(w, IPC_content_get, &m);
	assert_int_equal(a->result, 0);
	assert_memory_equal(a->octets, "ticket", 6);
	assert_int_equal(a->row_len, sizeof e); /* the envelope */
	assert_int_equal(w->commits_at_ticket, commits + 1);
	assert_string_equal(w->last_ticket.user, "reader");
	assert_true(w->last_ticket.until_ms > clock_mono_ms());
	/* Gone after the commit: who asked stands in the journal, and no ticket left. */
	link_pause(w->sealer, true);
	assert_int_equal(link_request(w->desk, IPC_content_get, &m, NULL, 0, NULL), 0);
	commits = store_counts(w->assembly->node.store).commits;
	for (int i = 0; i < 100 && store_counts(w->assembly->node.store).commits == commits; i++)
		pump_for(w->loop, 1);
	world_stop(w);
	assert_int_equal(journal_rows("action = 'content-read' AND user = 'reader' "
				      "AND reason = 'case work' AND party = 'QRB'"),
	    2);
	assert_int_equal(world_start(w), 0);
	assert_int_equal(w->tickets, 1);
}

static void test_own_content(void **state)
{
	struct world *w = *state;
	struct msg_content_get m = {.user = "reader", .reason = "case work"};
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	accepted(w, "key-1", case_id, APPLICATION, facts_of("apply", 1, 2, NULL), id);
	delivered(w, 1);
	accepted(w, "key-2", case_id, WITHDRAWAL, facts_of("withdraw", 1, 1, NULL), m.local_id);
	assert_int_equal((int)world_ask(w, IPC_content_get, &m)->result, RXP_ERR_STATE);
	memcpy(m.local_id, id, sizeof m.local_id);
	assert_int_equal(world_ask(w, IPC_content_get, &m)->result, 0);
	assert_int_equal(w->tickets, 1);
}

static void test_ack(void **state)
{
	struct world *w = *state;
	struct fake_envelope e =
	    document(1, their_case, APPLICATION, 1, facts_of("apply", 1, 2, NULL));
	struct msg_inbox_ack m = {.user = "officer"};
	struct msg_list waiting = {.list = "inbox", .wait_ms = 30000}, inbox = {.list = "inbox"};
	struct rec_message_row row;
	unsigned n;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	n = w->n_answers;
	assert_int_equal(link_request(w->desk, IPC_list, &waiting, NULL, 0, NULL), 0);
	pump_for(w->loop, 20);
	assert_int_equal(w->n_answers, n);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	world_until(w, &w->n_answers, n + 1);
	assert_true(w->answers[n].len > 0);
	assert_int_equal((int)world_ask(w, IPC_inbox_ack, &m)->result, RXP_ERR_NOT_FOUND);
	inbox_id(w, m.local_id);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(world_ask(w, IPC_inbox_ack, &m)->result, 0);
		world_show(w, m.local_id, &row);
		assert_string_equal(row.state, "handed-over");
		assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_RECEIVED], 0);
		assert_int_equal(
		    peers_find(w->assembly->peers, PEER)->counts[STATE_HANDED_OVER], 1);
		assert_int_equal(world_ask(w, IPC_list, &inbox)->len, 0);
		world_restart(w);
	}
	assert_string_equal(world_ask(w, IPC_status, &(struct msg_status){0})->words, "");
	world_stop(w);
	assert_int_equal(journal_rows("action = 'inbox-ack'"), 1);
	assert_int_equal(world_start(w), 0);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_application_out),
	    WORLD_TEST(test_reply_in),
	    WORLD_TEST(test_application_in),
	    WORLD_TEST(test_not_allowed_here),
	    WORLD_TEST(test_not_allowed_there),
	    WORLD_TEST(test_gap_and_fork_in),
	    WORLD_TEST(test_case_of_another),
	    WORLD_TEST(test_case_of_two),
	    WORLD_TEST(test_crossing),
	    WORLD_TEST(test_seen_in_doubt),
	    WORLD_TEST(test_at_once),
	    WORLD_TEST(test_gap_out),
	    WORLD_TEST(test_fork_out),
	    WORLD_TEST(test_gap_of_another_history),
	    WORLD_TEST(test_draft_waits),
	    WORLD_TEST(test_predecessor_refused),
	    WORLD_TEST(test_restart_before_closing),
	    WORLD_TEST(test_other_facts),
	    WORLD_TEST(test_idempotency),
	    WORLD_TEST(test_content),
	    WORLD_TEST(test_own_content),
	    WORLD_TEST(test_ack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
