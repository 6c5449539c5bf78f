/*
 * Goals of an emergency stop, with everything around the registry played (RXP-HLD-008 to 010):
 * - it has no effect before a second user confirms it, and is lifted by two, who may be the same two; one user alone
 *   neither confirms nor lifts; what is only proposed is taken back by one;
 * - in force, it keeps back every document that asks for a transfer which it concerns, at the desk, in the queue and
 *   with the sealer, and nothing else: another peer, another crossing point, other persons, other documents;
 * - a document whose facts are damaged is kept back by its type alone, and no other is;
 * - it outlives a crash at every step;
 * - whose transfer is notified or planned and concerned is listed, and nothing is sent to anybody by itself;
 *   a page is of some cases and says where the next begins;
 * - what cannot be stopped, and more stops than there may be, are refused.
 *
 * links: registry
 */
#include "daemon/registry/cases/halt.h"
#include "daemon/test/unit/registry_case_rig.h"

#define NOTIFICATION "TransferNotification"
#define BY_STOP "RXP-HLD-009: an emergency stop stops it"
#define FIRST "uid:1001"
#define SECOND "uid:1002"

static struct msg_stop_order order_of(
    const char *user, const char *act, const uint8_t *id, const char *kind, const char *what)
{
	struct msg_stop_order m = {.reason = "situation"};

	snprintf(m.user, sizeof m.user, "%s", user);
	snprintf(m.act, sizeof m.act, "%s", act);
	snprintf(m.kind, sizeof m.kind, "%s", kind);
	snprintf(m.what, sizeof m.what, "%s", what);
	if (id != NULL)
		memcpy(m.id, id, sizeof m.id);
	return m;
}

static const struct world_answer *order(
    struct world *w, const char *user, const char *act, const uint8_t *id)
{
	const struct msg_stop_order m = order_of(user, act, id, "", "");

	return world_ask(w, IPC_stop_order, &m);
}

static const struct world_answer *propose(
    struct world *w, const char *kind, const char *what, uint8_t id[16])
{
	const struct msg_stop_order m = order_of(FIRST, "propose", NULL, kind, what);
	const struct world_answer *a = world_ask(w, IPC_stop_order, &m);

	memcpy(id, a->id, sizeof a->id);
	return a;
}

static void becomes(const struct world_answer *a, const char *state)
{
	assert_string_equal(a->words, "");
	assert_int_equal(a->result, 0);
	assert_string_equal((const char *)a->octets, state);
}

static void denied(const struct world_answer *a, int result, const char *words)
{
	assert_int_equal((int)a->result, result);
	assert_string_equal(a->words, words);
}

static void in_force(struct world *w, const char *kind, const char *what, uint8_t id[16])
{
	becomes(propose(w, kind, what, id), "proposed");
	becomes(order(w, SECOND, "confirm", id), "in-force");
}

static void lifted(struct world *w, const uint8_t id[16])
{
	becomes(order(w, FIRST, "lift", id), "lifting");
	becomes(order(w, SECOND, "lift", id), "lifted");
}

/* With the crossing points that the sealer found. */
static struct facts at_points(struct facts f)
{
	f = case_facts_named(f, "CrossingPoint", "Departure", "icao:QASC");
	return case_facts_named(f, "CrossingPoint", "Arrival", "iata:ZNT");
}

static struct facts notify(unsigned first, unsigned last)
{
	return at_points(case_facts("notify", first, last, NULL));
}

static void only(struct world *w, unsigned n)
{
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(w->n_deliveries, n);
}

/* A case of two persons, P1 of a third country, who are ready for a transfer: two documents of ours, two of the peer. */
static void ready(struct world *w, uint8_t case_id[16])
{
	struct fake_envelope asked, reply, document;
	struct facts apply;
	struct rxp_buf b;
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	apply = case_facts_marked("apply", 1, 1, "third-country", NULL);
	rxp_buf_init(&b, WORLD_FACTS_MAX);
	rxp_buf_put(&b, apply.octets, apply.len);
	apply = case_facts("apply", 2, 2, NULL);
	rxp_buf_put(&b, apply.octets, apply.len);
	memcpy(apply.octets, b.data, b.len);
	apply.len = b.len;
	rxp_buf_free(&b);
	case_accepted(w, "key-1", case_id, APPLICATION, apply, id);
	asked = case_receipt(w, 1, id);
	reply = case_document(50, case_id, REPLY, 1, case_facts("accept", 1, 2, asked.fingerprint));
	case_seen(&reply, &asked);
	assert_int_equal(world_admit(w, &reply)->http_status, 200);
	document = case_document(
	    51, case_id, "TravelDocumentNotice", 2, case_facts("issue-document", 1, 2, NULL));
	case_seen(&document, &asked);
	case_previous(&document, &reply);
	assert_int_equal(world_admit(w, &document)->http_status, 200);
}

/* --- tests ------------------------------------------------------------------------------------------ */

static void test_two_officers(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16], message[16];

	ready(w, case_id);
	becomes(propose(w, "peer", PEER, id), "proposed");
	denied(order(w, FIRST, "confirm", id), RXP_ERR_STATE,
	    "RXP-HLD-008: another officer confirms it");
	/* Proposed, it stops nothing. */
	case_accepted(w, "key-2", case_id, NOTIFICATION, notify(2, 2), message);
	case_receipt(w, 2, message);
	world_restart(w);
	becomes(order(w, SECOND, "confirm", id), "in-force");
	denied(order(w, SECOND, "confirm", id), RXP_ERR_STATE, "it is in force already");
	case_not_accepted(w, case_id, NOTIFICATION, notify(1, 1), RXP_ERR_STATE, BY_STOP);
	becomes(order(w, SECOND, "lift", id), "lifting");
	denied(
	    order(w, SECOND, "lift", id), RXP_ERR_STATE, "RXP-HLD-008: another officer lifts it");
	world_restart(w);
	/* Until both want it lifted it is in force. */
	case_not_accepted(w, case_id, NOTIFICATION, notify(1, 1), RXP_ERR_STATE, BY_STOP);
	becomes(order(w, FIRST, "lift", id), "lifted");
	denied(order(w, FIRST, "lift", id), RXP_ERR_NOT_FOUND, "there is no such stop");
	case_accepted(w, "key-3", case_id, NOTIFICATION, notify(1, 1), message);
	case_receipt(w, 1, message);
	/* What is only proposed is taken back at once. */
	becomes(propose(w, "peer", PEER, id), "proposed");
	becomes(order(w, FIRST, "lift", id), "lifted");
	denied(order(w, SECOND, "confirm", id), RXP_ERR_NOT_FOUND, "there is no such stop");
}

static void test_what_it_concerns(void **state)
{
	static const struct {
		const char *kind, *what;
		bool first, second; /* whose transfer it stops */
	} stops[] = {
	    {"peer", PEER, true, true},
	    {"crossing", "icao:QASC", true, true},
	    {"crossing", "iata:ZNT", true, true},
	    {"crossing", "icao:QASX", false, false},
	    {"crossing", "iata:QASC", false, false},
	    {"category", "third-country", true, false},
	    {"category", "child", false, false},
	};
	struct world *w = *state;
	const struct world_answer *a;
	struct facts announce;
	unsigned n = 1;
	uint8_t case_id[16], id[16], message[16];
	char key[16];

	ready(w, case_id);
	for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
		in_force(w, stops[i].kind, stops[i].what, id);
		for (unsigned person = 1; person <= 2; person++) {
			bool stopped = person == 1 ? stops[i].first : stops[i].second;

			if (stopped) {
				case_not_accepted(w, case_id, NOTIFICATION, notify(person, person),
				    RXP_ERR_STATE, BY_STOP);
				continue;
			}
			snprintf(key, sizeof key, "key-%u", ++n);
			case_accepted(
			    w, key, case_id, NOTIFICATION, notify(person, person), message);
			case_receipt(w, n, message);
			/* What takes it back asks for nothing. */
			snprintf(key, sizeof key, "key-%u", ++n);
			case_accepted(w, key, case_id, "TransferChange",
			    case_facts("change-transfer", person, person, NULL), message);
			case_receipt(w, n, message);
		}
		lifted(w, id);
	}
	/* What only leads there is free, also in a case of its own. */
	in_force(w, "peer", PEER, id);
	case_accepted(
	    w, "key-apply", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), message);
	case_receipt(w, n + 1, message);
	announce = at_points(case_facts("announce", 1, 1, NULL));
	a = case_submit(w, "key-announce", NULL, "AdvanceNotice", &announce);
	denied(a, RXP_ERR_STATE, BY_STOP);
}

static enum halt judged_of(struct world *w, const char *peer, const uint8_t case_id[16],
    const char *type, struct facts f, size_t cut)
{
	struct halt_document d = {.peer = peer,
	    .case_id = case_id,
	    .type = type,
	    .facts = {.data = f.octets, .len = f.len - cut}};
	enum halt halt;

	assert_int_equal(halt_judge(&halt, store_db(w->assembly->node.store), OWN, &d), 0);
	return halt;
}

static enum halt judged(
    struct world *w, const uint8_t case_id[16], const char *type, struct facts f, size_t cut)
{
	return judged_of(w, PEER, case_id, type, f, cut);
}

static void test_damaged_facts(void **state)
{
	struct world *w = *state;
	struct facts apply = case_facts("apply", 1, 1, NULL),
		     change = case_facts("change-transfer", 1, 1, NULL);
	uint8_t case_id[16], id[16];

	ready(w, case_id);
	assert_int_equal(judged(w, case_id, NOTIFICATION, notify(1, 1), 1), HALT_NONE);
	becomes(propose(w, "crossing", "icao:QASX", id), "proposed");
	assert_int_equal(judged(w, case_id, NOTIFICATION, notify(1, 1), 1), HALT_NONE);
	becomes(order(w, SECOND, "confirm", id), "in-force");
	/* Whole, it names another crossing; cut, nobody can say so. */
	assert_int_equal(judged(w, case_id, NOTIFICATION, notify(1, 1), 0), HALT_NONE);
	assert_int_equal(judged(w, case_id, NOTIFICATION, notify(1, 1), 1), HALT_STOP);
	assert_int_equal(judged(w, case_id, APPLICATION, apply, 1), HALT_NONE);
	assert_int_equal(judged(w, case_id, "TransferChange", change, 1), HALT_NONE);
	lifted(w, id);
	in_force(w, "category", "child", id);
	assert_int_equal(judged(w, case_id, NOTIFICATION, notify(1, 1), 0), HALT_NONE);
	assert_int_equal(judged(w, case_id, NOTIFICATION, notify(1, 1), 1), HALT_STOP);
	lifted(w, id);
	in_force(w, "peer", PEER, id);
	assert_int_equal(judged(w, case_id, NOTIFICATION, notify(1, 1), 1), HALT_STOP);
	assert_int_equal(judged_of(w, "QRC", case_id, NOTIFICATION, notify(1, 1), 1), HALT_NONE);
}

/* One waits, and one is with the sealer: neither leaves, also over a crash. */
static void test_queued(void **state)
{
	struct world *w = *state;
	struct rec_message_row row;
	uint8_t case_id[16], stop[16], id[16], draft[16];

	ready(w, case_id);
	becomes(propose(w, "crossing", "iata:ZNT", stop), "proposed");
	link_pause(w->sealer, true);
	case_accepted(w, "key-2", case_id, NOTIFICATION, notify(1, 1), id);
	case_accepted(w, "key-3", case_id, NOTIFICATION, notify(2, 2), draft);
	pump_for(w->loop, 50);
	becomes(order(w, SECOND, "confirm", stop), "in-force");
	link_pause(w->sealer, false);
	world_until_state(w, id, "discarded", &row);
	assert_string_equal(row.last_error, BY_STOP);
	world_until_state(w, draft, "discarded", &row);
	only(w, 1);
	lifted(w, stop);
	case_accepted(w, "key-4", case_id, NOTIFICATION, notify(1, 1), id);
	world_delivered(w, 2);
	assert_int_equal(w->last_close.position, 2);
	case_receipt(w, 2, id);
	/* A crash between the confirmation and the next step. */
	becomes(propose(w, "category", "together", stop), "proposed");
	becomes(order(w, FIRST, "lift", stop), "lifted");
	becomes(propose(w, "peer", PEER, stop), "proposed");
	link_pause(w->sealer, true);
	case_accepted(w, "key-5", case_id, NOTIFICATION, notify(2, 2), id);
	becomes(order(w, SECOND, "confirm", stop), "in-force");
	world_restart(w);
	world_until_state(w, id, "discarded", &row);
	only(w, 0);
}

/* What may be at the peer waits for a person, and is taken back then. */
static void test_in_doubt(void **state)
{
	struct world *w = *state;
	struct msg_message_requeue again = {.user = "officer"};
	struct rec_message_row row;
	uint8_t case_id[16], stop[16], id[16], change[16];

	ready(w, case_id);
	case_accepted(w, "key-2", case_id, NOTIFICATION, notify(2, 2), id);
	world_deliver_fault(w, world_delivered(w, 2));
	world_until_state(w, id, "in-doubt", &row);
	in_force(w, "crossing", "iata:ZNT", stop);
	world_move_clock(w, REGISTRY_RETRY_LAST_MS);
	world_until_state(w, id, "parked", &row);
	assert_string_equal(
	    row.last_error, "a stop stops it, in doubt: void it, or requeue and withdraw");
	only(w, 2);
	case_accepted(w, "key-3", case_id, "TransferChange",
	    case_facts("change-transfer", 2, 2, NULL), change);
	memcpy(again.local_id, id, sizeof again.local_id);
	assert_int_equal(world_ask(w, IPC_message_requeue, &again)->result, 0);
	case_receipt(w, 3, id);
	case_receipt(w, 4, change);
}

static unsigned transfers(
    struct world *w, const uint8_t stop[16], const uint8_t case_id[16], const char *state)
{
	struct msg_transfers_list m = {.id = {0}};
	const struct world_answer *a;
	struct record_cursor c;
	struct bytes fields;
	uint32_t persons = 0;
	uint16_t tag;

	memcpy(m.id, stop, sizeof m.id);
	a = world_ask(w, IPC_transfers_list, &m);
	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 0);
	c = (struct record_cursor){a->octets, a->len};
	while (record_list_next(&c, &tag, &fields) == 1) {
		struct rec_transfer_row row;

		assert_int_equal(tag, REC_transfer_row);
		assert_int_equal(
		    record_decode(&row, &record_transfer_row, fields.data, fields.len), 0);
		assert_memory_equal(row.case_id, case_id, 16);
		assert_string_equal(row.peer, PEER);
		assert_string_equal(row.state, state);
		persons |= UINT32_C(1) << (row.person - 1);
	}
	return persons;
}

static void test_listed(void **state)
{
	static const struct {
		const char *kind, *what;
		unsigned persons;
	} stops[] = {
	    {"peer", PEER, 3},
	    {"crossing", "iata:ZNT", 3},
	    {"crossing", "iata:ABC", 0},
	    {"category", "third-country", 1},
	};
	struct world *w = *state;
	struct msg_transfers_list none = {.id = {7}};
	struct msg_stop_list all = {0};
	uint8_t case_id[16], stop[16], id[16];

	ready(w, case_id);
	in_force(w, "peer", PEER, stop);
	assert_int_equal(transfers(w, stop, case_id, ""), 0);
	lifted(w, stop);
	case_accepted(w, "key-2", case_id, NOTIFICATION, notify(1, 2), id);
	case_receipt(w, 2, id);
	for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
		in_force(w, stops[i].kind, stops[i].what, stop);
		assert_int_equal(transfers(w, stop, case_id, "notified"), stops[i].persons);
		lifted(w, stop);
	}
	in_force(w, "peer", PEER, stop);
	assert_true(world_ask(w, IPC_stop_list, &all)->len > 0);
	only(w, 2); /* nobody is told anything */
	assert_int_equal((int)world_ask(w, IPC_transfers_list, &none)->result, RXP_ERR_NOT_FOUND);
	case_accepted(
	    w, "key-3", case_id, "TransferChange", case_facts("change-transfer", 1, 2, NULL), id);
	case_receipt(w, 3, id);
	assert_int_equal(transfers(w, stop, case_id, ""), 0);
}

/* No request reads more than some cases, whatever the peer has opened. */
static void test_pages(void **state)
{
	struct world *w = *state;
	struct msg_transfers_list m = {.after = {0}};
	const struct world_answer *a;
	struct fake_envelope e;
	uint8_t case_id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	in_force(w, "peer", PEER, m.id);
	memcpy(case_id, their_case, sizeof case_id);
	for (uint8_t i = 0; i <= REGISTRY_FOLDED_CASES; i++) {
		case_id[15] = i;
		e = case_document(
		    (uint8_t)(60 + i), case_id, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
		assert_int_equal(world_admit(w, &e)->http_status, 200);
	}
	a = world_ask(w, IPC_transfers_list, &m);
	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 1);
	assert_int_equal(a->case_id[15], REGISTRY_FOLDED_CASES - 1);
	memcpy(m.after, a->case_id, sizeof m.after);
	a = world_ask(w, IPC_transfers_list, &m);
	assert_int_equal(a->result, 0);
	assert_int_equal(a->more, 0);
	assert_int_equal(a->case_id[15], REGISTRY_FOLDED_CASES);
}

static void test_refused(void **state)
{
	static const struct {
		const char *kind, *what;
		int result;
		const char *words;
	} wrong[] = {
	    {"party", PEER, RXP_ERR_SYNTAX, "a stop is of a peer, a crossing or a category"},
	    {"peer", "QZZ", RXP_ERR_NOT_FOUND, "the party is no peer"},
	    {"crossing", "ZNT", RXP_ERR_SYNTAX, "a crossing is scheme:CODE, as iata:XYZ"},
	    {"crossing", "iat:ZNT", RXP_ERR_SYNTAX, "a crossing is scheme:CODE, as iata:XYZ"},
	    {"crossing", "iata:", RXP_ERR_SYNTAX, "a crossing is scheme:CODE, as iata:XYZ"},
	    {"crossing", "iata:znt", RXP_ERR_SYNTAX, "a crossing is scheme:CODE, as iata:XYZ"},
	    {"crossing", "local:ABCDEFGHIJKLMNOP", RXP_ERR_SYNTAX,
		"a crossing is scheme:CODE, as iata:XYZ"},
	    {"category", "tall", RXP_ERR_SYNTAX,
		"a category is child, third-country or another lasting trait"},
	    {"category", "paused", RXP_ERR_SYNTAX,
		"a category is child, third-country or another lasting trait"},
	};
	struct world *w = *state;
	struct msg_stop_order m = order_of(FIRST, "propose", NULL, "peer", PEER);
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		denied(
		    propose(w, wrong[i].kind, wrong[i].what, id), wrong[i].result, wrong[i].words);
	snprintf(m.reason, sizeof m.reason, "coup");
	denied(world_ask(w, IPC_stop_order, &m), RXP_ERR_SYNTAX, "there is no such reason");
	assert_int_equal((int)order(w, FIRST, "destroy", id)->result, RXP_ERR_SYNTAX);
	for (unsigned i = 0; i < REGISTRY_STOPS_MAX; i++)
		becomes(propose(w, "category", "child", id), "proposed");
	denied(propose(w, "category", "child", id), RXP_ERR_FULL,
	    "there are too many stops: lift one");
}

/* RXP-JRN-006: who, of what and why, also when the stop is gone; a text that is no code leaves no entry. */
static void test_journalled(void **state)
{
	static const char *const actions[] = {
	    "stop-propose", "stop-confirm", "stop-lift-propose", "stop-lift"};
	static const char *const users[] = {FIRST, SECOND, FIRST, SECOND};
	struct world *w = *state;
	struct msg_stop_order wrong = {.user = FIRST,
	    .act = "propose",
	    .kind = "crossing",
	    .what = "iata:ZNT",
	    .reason = "Ms ERIKSSON"};
	struct record_cursor c;
	struct rec_journal_row row;
	const struct world_answer *a;
	struct bytes fields;
	uint8_t id[16];
	uint16_t tag;
	size_t n = 0;

	assert_int_equal((int)world_ask(w, IPC_stop_order, &wrong)->result, RXP_ERR_SYNTAX);
	snprintf(wrong.reason, sizeof wrong.reason, "health");
	snprintf(wrong.what, sizeof wrong.what, "iata:Ms E");
	assert_int_equal((int)world_ask(w, IPC_stop_order, &wrong)->result, RXP_ERR_SYNTAX);
	in_force(w, "crossing", "iata:ZNT", id);
	lifted(w, id);
	a = world_ask(w, IPC_journal_list, &(struct msg_journal_list){.limit = 9});
	c = (struct record_cursor){a->octets, a->len};
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&row, &record_journal_row, fields.data, fields.len), 0);
		assert_true(n < 4);
		assert_string_equal(row.action, actions[n]);
		assert_string_equal(row.user, users[n++]);
		assert_string_equal(row.reason, "crossing iata:ZNT situation");
	}
	assert_int_equal(n, 4);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_two_officers),
	    WORLD_TEST(test_what_it_concerns),
	    WORLD_TEST(test_damaged_facts),
	    WORLD_TEST(test_queued),
	    WORLD_TEST(test_in_doubt),
	    WORLD_TEST(test_listed),
	    WORLD_TEST(test_pages),
	    WORLD_TEST(test_refused),
	    WORLD_TEST(test_journalled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
