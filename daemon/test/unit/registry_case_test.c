/*
 * Goals of documents of a case, with everything around the registry played:
 * - an application out and in: places, offices, profile, the row of the case, its persons and timeline;
 * - what the case does not allow is refused: to the desk in words, to the peer with `state`, finally;
 *   a missing or another document with `gap` or `fork` and our view, without a trace;
 * - another party with the CaseId of a case learns nothing of it, and may open its own beside it;
 * - documents that cross: the overtaken one stays in the chain; what the peer has seen it cannot refuse;
 * - two documents of a case at once are decided one after the other.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

/* --- the peer ------------------------------------------------------------------------------------ */

static void refused(
    struct world *w, const struct fake_envelope *e, enum rxp_refusal code, const char *requirement)
{
	assert_int_equal(world_admit(w, e)->http_status, 409);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)code);
	assert_string_equal(w->last_seal.requirement, requirement);
	assert_int_equal(
	    w->last_seal.has_view, code == RXP_REFUSAL_GAP || code == RXP_REFUSAL_FORK);
}

/* --- journeys ------------------------------------------------------------------------------------ */

static void test_application_out(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	struct shown s;
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	assert_int_equal(case_id[6] >> 4, 4); /* a random one: UUIDv4 */
	world_delivered(w, 1);
	assert_true(w->last_close.in_case);
	assert_memory_equal(w->last_close.case_id, case_id, sizeof case_id);
	assert_int_equal(w->last_close.position, 1);
	assert_false(w->last_close.has_previous || w->last_close.has_seen);
	assert_string_equal(w->last_close.profile_id, "customary");
	assert_string_equal(w->last_close.profile_version, "1");
	assert_string_equal(w->last_close.from_office, "RETURNS");
	assert_string_equal(w->last_close.to_office, "READMISSION");
	case_show(w, case_id, &s);
	assert_string_equal(s.row.state, "opening");
	assert_string_equal(s.timeline[0].effect, "in-doubt");
	case_receipt(w, 1, id);
	world_show(w, id, &row);
	assert_string_equal(row.type, APPLICATION);
	case_show(w, case_id, &s);
	assert_string_equal(s.row.state, "open");
	assert_string_equal(s.row.role, "requesting");
	assert_string_equal(s.row.profile_id, "customary");
	assert_string_equal(s.row.profile_version, "1");
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

	application = case_asked(w, case_id);
	e = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 1, 1, application.fingerprint));
	case_seen(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	other = case_document(
	    2, case_id, REPLY, 2, case_facts("refuse", 2, 2, application.fingerprint));
	case_seen(&other, &application);
	case_previous(&other, &e);
	assert_int_equal(world_admit(w, &other)->http_status, 200);
	case_show(w, case_id, &s);
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
	case_show(w, case_id, &s);
	assert_int_equal(s.n, 3);
}

static void test_application_in(void **state)
{
	static const uint8_t another[32] = {9};
	struct world *w = *state;
	struct fake_envelope application =
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	uint8_t case_id[16], id[16];
	struct shown s;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	memcpy(case_id, their_case, sizeof case_id);
	/* The reply is about this application: another one is not in its past (RXP-REP-002). */
	case_not_accepted(w, case_id, REPLY, case_facts("accept", 1, 1, another), RXP_ERR_STATE,
	    "RXP-REP-002: it does not concern the right document");
	case_accepted(
	    w, "key-1", case_id, REPLY, case_facts("accept", 1, 2, application.fingerprint), id);
	case_receipt(w, 1, id);
	assert_int_equal(w->last_close.position, 1);
	assert_true(w->last_close.has_seen);
	assert_memory_equal(w->last_close.seen, application.fingerprint, 32);
	assert_string_equal(w->last_close.from_office, "READMISSION");
	case_show(w, case_id, &s);
	assert_string_equal(s.row.role, "requested");
	assert_string_equal(s.persons[1], "accepted");
	assert_string_equal(s.timeline[0].from, PEER);
	assert_string_equal(s.timeline[1].from, OWN);
}

/* --- what leads on -------------------------------------------------------------------------------- */

/* Who is accepted waits for a travel document: what brings one, from us or them, is named; a contest is not, as there
 * was a reply. */
static void test_ways_are_said(void **state)
{
	static const char want[] = "from us leads on: StandardTravelDocumentNotice, "
				   "TransferNotification with OwnDocument, Withdrawal; "
				   "from them: TravelDocumentNotice with Issued";
	struct world *w = *state;
	struct facts notify = case_facts("notify", 1, 1, NULL);
	struct fake_envelope application, reply;
	const struct world_answer *a;
	struct record_cursor c;
	struct rec_violation v;
	struct bytes fields;
	uint8_t case_id[16];
	uint16_t tag;

	application = case_asked(w, case_id);
	reply = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 1, 1, application.fingerprint));
	case_seen(&reply, &application);
	assert_int_equal(world_admit(w, &reply)->http_status, 200);
	a = case_submit(w, "key-2", case_id, "TransferNotification", &notify);
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "RXP-CAS-004: P1 is accepted");
	c = (struct record_cursor){.at = a->octets, .left = a->len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
	assert_int_equal(v.action.len, sizeof want - 1);
	assert_memory_equal(v.action.data, want, sizeof want - 1);
	assert_int_equal(record_list_next(&c, &tag, &fields), 0);
}

/* --- what a case does not allow ------------------------------------------------------------------- */

static void test_not_allowed_here(void **state)
{
	struct world *w = *state;
	static const uint8_t some[32] = {7};
	struct facts apply = case_facts("apply", 1, 2, NULL);
	struct msg_submit m;
	uint8_t case_id[16];

	case_asked(w, case_id);
	case_not_accepted(w, NULL, REPLY, case_facts("accept", 1, 1, some), RXP_ERR_STATE,
	    "RXP-CAS-003: this type opens no case");
	case_not_accepted(
	    w, case_id, APPLICATION, apply, RXP_ERR_STATE, "RXP-CAS-003: the case is open already");
	case_not_accepted(w, case_id, REPLY, case_facts("accept", 1, 1, some), RXP_ERR_STATE,
	    "RXP-CAS-004: the other side sends this type");
	case_not_accepted(w, case_id, WITHDRAWAL, case_facts("withdraw", 2, 3, NULL), RXP_ERR_STATE,
	    "RXP-CAS-004: P3 is unknown");
	case_not_accepted(w, their_case, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL),
	    RXP_ERR_NOT_FOUND, "there is no such case with this peer");
	case_not_accepted(w, NULL, "TransitApplication", case_facts("ask-transit", 1, 1, NULL),
	    RXP_ERR_UNSUPPORTED, "the peer does not take this type");
	case_not_accepted(
	    w, NULL, "Ping", apply, RXP_ERR_UNSUPPORTED, "the node itself writes this type");
	case_not_accepted(w, NULL, APPLICATION, case_facts("withdraw", 1, 1, NULL), RXP_ERR_SCHEMA,
	    "the facts are not those of the type");
	m = case_submission("key-2", NULL, APPLICATION, &apply);
	snprintf(m.peer, sizeof m.peer, "%s", "QRC");
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_NOT_FOUND);
	m = case_submission("", NULL, APPLICATION, &apply);
	assert_int_equal((int)world_ask(w, IPC_submit, &m)->result, RXP_ERR_SYNTAX);
}

static void test_not_allowed_there(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, e;
	struct world_answer first;
	unsigned sealed;
	uint8_t case_id[16];

	application = case_asked(w, case_id);
	/* A reply opens no case, and we did not apply for P3. */
	e = case_document(
	    1, their_case, REPLY, 1, case_facts("accept", 1, 1, application.fingerprint));
	refused(w, &e, RXP_REFUSAL_STATE, "RXP-REP-002");
	e = case_document(
	    4, case_id, EXTENSION, 1, case_facts_all("extend", application.fingerprint));
	refused(w, &e, RXP_REFUSAL_STATE, "RXP-EXT-002"); /* it has not seen the application */
	e = case_document(5, case_id, WITHDRAWAL, 1, case_facts("withdraw", 1, 1, NULL));
	case_seen(&e, &application);
	refused(w, &e, RXP_REFUSAL_STATE, "RXP-CAS-004");
	e = case_document(
	    2, case_id, REPLY, 1, case_facts("accept", 3, 3, application.fingerprint));
	case_seen(&e, &application);
	refused(w, &e, RXP_REFUSAL_STATE, "RXP-REP-002");
	/* Final: stored, and given again. */
	first = w->admitted[w->n_admitted - 1];
	sealed = w->sealed;
	world_restart(w);
	assert_memory_equal(world_admit(w, &e)->octets, first.octets, first.len);
	assert_int_equal(w->sealed, sealed);
	/* It took no Position: the valid twin does. */
	e = case_document(
	    3, case_id, REPLY, 1, case_facts("accept", 2, 2, application.fingerprint));
	case_seen(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

static void test_gap_and_fork_in(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, first, e;
	uint64_t log;
	uint8_t case_id[16];

	application = case_asked(w, case_id);
	first = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 1, 1, application.fingerprint));
	case_seen(&first, &application);
	assert_int_equal(world_admit(w, &first)->http_status, 200);
	log = peers_find(w->assembly->peers, PEER)->log.count;

	e = case_document(
	    2, case_id, REPLY, 3, case_facts("refuse", 2, 2, application.fingerprint));
	case_seen(&e, &application);
	case_previous(&e, &application);
	refused(w, &e, RXP_REFUSAL_GAP, "RXP-CHN-007");
	assert_int_equal(w->last_seal.own_position, 1);
	assert_memory_equal(w->last_seal.own_fingerprint, application.fingerprint, 32);
	assert_int_equal(w->last_seal.peer_position, 1);
	assert_memory_equal(w->last_seal.peer_fingerprint, first.fingerprint, 32);
	e.place.position = 1;
	e.place.has_previous = false;
	refused(w, &e, RXP_REFUSAL_FORK, "RXP-CHN-008");
	e.place.position = 2;
	case_previous(&e, &application);
	refused(w, &e, RXP_REFUSAL_FORK, "RXP-CHN-003");
	case_previous(&e, &first);
	case_seen(&e, &first);
	refused(w, &e, RXP_REFUSAL_FORK, "RXP-CHN-004");
	/* No trace: the same document with the right links is taken. */
	assert_int_equal(peers_find(w->assembly->peers, PEER)->log.count, log);
	case_seen(&e, &application);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	/* A case that is not known at all: everything before is missing. */
	e = case_document(3, their_case, WITHDRAWAL, 2, case_facts("withdraw", 1, 1, NULL));
	case_previous(&e, &first);
	refused(w, &e, RXP_REFUSAL_GAP, "RXP-CHN-007");
	assert_int_equal(w->last_seal.peer_position, 0);
}

/* --- another party with the CaseId of a case ------------------------------------------------------ */

/* It learns nothing: every answer is the one to a case that nobody has. */
static void test_case_of_another(void **state)
{
	static const uint8_t some[32] = {7};
	struct world *w = *state;
	struct fake_envelope application, e;
	struct msg_seal_answer known;
	uint8_t case_id[16];

	application = case_asked_beside(w, case_id);
	for (unsigned i = 0; i < 2; i++) {
		const uint8_t *id = i == 0 ? case_id : their_case;

		e = case_document(
		    1, id, REPLY, 1, case_facts("accept", 1, 1, application.fingerprint));
		case_seen(&e, &application);
		assert_int_equal(case_admit_other(w, &e)->http_status, 409);
		assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_FORK);
		assert_string_equal(w->last_seal.requirement, "RXP-CHN-004");
		e = case_document(2, id, WITHDRAWAL, 2, case_facts("withdraw", 1, 1, NULL));
		e.place.has_previous = true;
		memcpy(e.place.previous, some, sizeof some);
		assert_int_equal(case_admit_other(w, &e)->http_status, 409);
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
	/* Of PEER the reply that was not CASE_OTHER's to give is taken. */
	e = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 1, 1, application.fingerprint));
	case_seen(&e, &application);
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
	uint8_t case_id[16];

	application = case_asked_beside(w, case_id);
	e = case_document(1, case_id, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	assert_int_equal(case_admit_other(w, &e)->http_status, 200);
	reply = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 1, 1, application.fingerprint));
	case_seen(&reply, &application);
	assert_int_equal(world_admit(w, &reply)->http_status, 200);
	/* A list shows both on one page; which of them an id means is registry_meant_test.c's. */
	assert_int_equal(case_listed(w, &list), 2);
	memcpy(list.after, case_id, sizeof list.after);
	assert_int_equal(case_listed(w, &list), 0);
	/* With its party the desk answers the other one too, with the chain of that case. */
	accept = case_facts("accept", 1, 1, e.fingerprint);
	m = case_submission("key-2", case_id, REPLY, &accept);
	snprintf(m.peer, sizeof m.peer, "%s", CASE_OTHER);
	assert_int_equal(world_ask(w, IPC_submit, &m)->result, 0);
	world_delivered(w, 2);
	assert_int_equal(w->last_close.position, 1);
	assert_memory_equal(w->last_close.seen, e.fingerprint, 32);
}

/* --- documents that cross ------------------------------------------------------------------------- */

static void test_crossing(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, reply;
	struct shown s;
	uint8_t case_id[16], id[16];

	application = case_asked(w, case_id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), id);
	world_delivered(w, 2);
	/* Sealed before our withdrawal arrived there. */
	reply = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 1, 2, application.fingerprint));
	case_seen(&reply, &application);
	assert_int_equal(world_admit(w, &reply)->http_status, 200);
	case_show(w, case_id, &s);
	assert_string_equal(s.persons[1], "accepted"); /* the withdrawal is in doubt */
	case_receipt(w, 2, id);
	case_show(w, case_id, &s);
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

	application = case_asked(w, case_id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), id);
	d = world_delivered(w, 2);
	withdrawal = d->envelope;
	reply = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 2, 2, application.fingerprint));
	case_seen(&reply, &withdrawal);
	assert_int_equal(world_admit(w, &reply)->http_status, 200);
	case_show(w, case_id, &s);
	assert_string_equal(s.persons[1], "withdrawn");
	f = world_refusal(d, RXP_REFUSAL_STATE, true);
	world_deliver(w, d, 409, &f);
	world_until_state(w, id, "parked", &row);
	assert_string_equal(
	    row.last_error, "the peer refused a document that it had named as seen");
	case_show(w, case_id, &s);
	assert_int_equal(s.n, 3);
}

static void test_at_once(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, e, other;
	uint8_t case_id[16];
	unsigned n, ok;

	application = case_asked(w, case_id);
	e = case_document(
	    1, case_id, REPLY, 1, case_facts("accept", 1, 1, application.fingerprint));
	case_seen(&e, &application);
	other = case_document(
	    2, case_id, REPLY, 1, case_facts("refuse", 1, 1, application.fingerprint));
	case_seen(&other, &application);
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

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_application_out),
	    WORLD_TEST(test_reply_in),
	    WORLD_TEST(test_application_in),
	    WORLD_TEST(test_ways_are_said),
	    WORLD_TEST(test_not_allowed_here),
	    WORLD_TEST(test_not_allowed_there),
	    WORLD_TEST(test_gap_and_fork_in),
	    WORLD_TEST(test_case_of_another),
	    WORLD_TEST(test_case_of_two),
	    WORLD_TEST(test_crossing),
	    WORLD_TEST(test_seen_in_doubt),
	    WORLD_TEST(test_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
