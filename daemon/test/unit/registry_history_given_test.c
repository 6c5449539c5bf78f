/*
 * Goals of histories that a peer asks for, with everything around the registry played: its own documents of the cases
 * named or of all, in their order, one at a time, the last copy empty; nothing that is erased, blocked or of who is
 * hidden, also if that came while a copy waited; one request at a time and so many a day; a refusal ends it; a
 * crash changes nothing.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_given_rig.h"

#include <sqlite3.h>

#include "daemon/registry/store/store_history.h"

static const uint8_t other_case[16] = {9, 2, 3, 4, 5, 6, 0x47, 8, 0x89};

/* --- a peer that asks ------------------------------------------------------------------------------ */

/* The n-th delivery gives this document as the copy of that number; it is receipted. */
static void gives(struct world *w, unsigned n, uint64_t number, const struct fake_envelope *e)
{
	struct rec_node_history_copy says = given_in(&world_delivered(w, n)->envelope);
	uint8_t digest[32];

	assert_int_equal(node_digest(digest, e, sizeof *e), 0);
	assert_int_equal(says.number, number);
	assert_int_equal(says.last, 0);
	assert_int_equal(says.piece, 1);
	assert_int_equal(says.pieces, 1);
	assert_memory_equal(says.message_id, e->message_id, sizeof says.message_id);
	assert_memory_equal(says.receipted, digest, sizeof digest);
	case_receipt(w, n, NULL);
}

static void ends(struct world *w, unsigned n, uint64_t number, uint8_t request_id)
{
	struct rec_node_history_copy says = given_in(&world_delivered(w, n)->envelope);

	assert_int_equal(says.number, number);
	assert_int_equal(says.last, 1);
	assert_int_equal(says.pieces, 0);
	assert_int_equal(says.request[0], request_id);
	case_receipt(w, n, NULL);
}

/* Two documents of a case of the peer, and one of another. */
struct shelf {
	struct fake_envelope application, supplement, other;
};

static void fill(struct world *w, struct shelf *s)
{
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	s->application =
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	s->supplement =
	    case_document(2, their_case, "Supplement", 2, case_facts("supplement", 1, 1, NULL));
	case_previous(&s->supplement, &s->application);
	s->other = case_document(3, other_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	assert_int_equal(world_admit(w, &s->other)->http_status, 200);
	assert_int_equal(world_admit(w, &s->application)->http_status, 200);
	assert_int_equal(world_admit(w, &s->supplement)->http_status, 200);
}

static void test_given(void **state)
{
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	given_asks(w, 10, their_case);
	gives(w, 1, 1, &s.application);
	gives(w, 2, 2, &s.supplement);
	ends(w, 3, 3, 10);
	given_asks(w, 11, NULL);
	gives(w, 4, 1, &s.application);
	gives(w, 5, 2, &s.supplement);
	gives(w, 6, 3, &s.other);
	ends(w, 7, 4, 11);
}

/* However they are named (RXP-HIS-008). */
static void test_order(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	uint8_t cases[3][16] = {{0xff}, {0}, {0}};
	struct shelf s;

	fill(w, &s);
	memcpy(cases[1], other_case, sizeof cases[1]);
	memcpy(cases[2], their_case, sizeof cases[2]);
	e = given_request(10, cases[0], 3);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	gives(w, 1, 1, &s.application);
	gives(w, 2, 2, &s.supplement);
	gives(w, 3, 3, &s.other);
	ends(w, 4, 4, 10);
}

/* RXP-HIS-006; of a case of ours there is nothing either, for all in it that we sealed (RXP-HIS-003). */
static void test_nothing(void **state)
{
	struct world *w = *state;
	uint8_t ours[16];

	case_asked(w, ours);
	given_asks(w, 10, their_case);
	ends(w, 2, 1, 10);
	given_asks(w, 11, ours);
	ends(w, 3, 1, 11);
	given_asks(w, 12, NULL);
	ends(w, 4, 1, 12);
}

static void test_one_at_a_time(void **state)
{
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	given_asks(w, 10, other_case);
	given_in(&world_delivered(w, 1)->envelope);
	given_asks_in_vain(w, 11);
	pump_for(w->loop, 50);
	assert_int_equal(w->n_deliveries, 1);
	case_receipt(w, 1, NULL);
	ends(w, 2, 2, 10);
	given_asks(w, 11, other_case);
	gives(w, 3, 1, &s.other);
}

static void test_so_many_a_day(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned i = 0; i < REGISTRY_HISTORIES_DAY; i++) {
		given_asks(w, (uint8_t)(10 + i), NULL);
		ends(w, i + 1, 1, (uint8_t)(10 + i));
	}
	given_asks_in_vain(w, 100);
	assert_true(w->last_seal.retry_ms > clock_wall_ms());
	assert_true(w->last_seal.retry_ms <= clock_wall_ms() + DAY);
	world_move_clock(w, DAY);
	given_asks(w, 100, NULL);
}

/* RXP-HIS-010: what is too much for a day goes on the day after. */
static void test_so_many_copies_a_day(void **state)
{
	const char *const query = "UPDATE history_given SET copies = 1023";
	const struct msg_log_note note = {.peer = PEER, .user = "officer"};
	struct world *w = *state;
	sqlite3 *db = NULL;
	struct shelf s;

	fill(w, &s);
	given_asks(w, 10, their_case);
	gives(w, 1, 1, &s.application);
	given_in(&world_delivered(w, 2)->envelope);
	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, query, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	w->n_deliveries = 0;
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0); /* RXP-LOG-032 */
	gives(w, 1, 2, &s.supplement);
	ends(w, 2, 3, 10); /* the 1,024th */
	given_asks(w, 11, other_case);
	pump_for(w->loop, 100);
	assert_int_equal(w->n_deliveries, 2);
	world_move_clock(w, DAY);
	world_restart(w);
	w->n_deliveries = 0;
	gives(w, 1, 1, &s.other);
}

/* RXP-HIS-008: no more is given for the request, and the next one is taken. */
static void test_refused(void **state)
{
	struct world *w = *state;
	struct fake_answer refusal;
	struct shelf s;

	fill(w, &s);
	given_asks(w, 10, their_case);
	given_in(&world_delivered(w, 1)->envelope);
	refusal = world_refusal(&w->deliveries[0], RXP_REFUSAL_STATE, true);
	world_deliver(w, &w->deliveries[0], 409, &refusal);
	pump_for(w->loop, 100);
	assert_int_equal(w->n_deliveries, 1);
	given_asks(w, 11, other_case);
	gives(w, 2, 1, &s.other);
}

static void test_crash(void **state)
{
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	link_pause(w->sealer, true);
	world_restart(w);
	given_asks(w, 10, their_case);
	given_in(&world_delivered(w, 1)->envelope);
	world_restart(w);
	w->n_deliveries = 0;
	gives(w, 1, 1, &s.application);
	given_in(&world_delivered(w, 2)->envelope);
	world_restart(w);
	w->n_deliveries = 0;
	gives(w, 1, 2, &s.supplement);
	ends(w, 2, 3, 10);
}

/* --- what is not given ------------------------------------------------------------------------------ */

static void correct(struct world *w, const char *what)
{
	given_correct(w, their_case, what);
}

static void test_blocked_and_erased(void **state)
{
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	correct(w, "block");
	given_asks(w, 10, their_case);
	gives(w, 1, 1, &s.supplement);
	ends(w, 2, 2, 10);
	correct(w, "unblock");
	given_asks(w, 11, their_case);
	gives(w, 3, 1, &s.application);
	gives(w, 4, 2, &s.supplement);
	ends(w, 5, 3, 11);
	correct(w, "erase");
	given_asks(w, 12, their_case);
	gives(w, 6, 1, &s.supplement);
	ends(w, 7, 2, 12);
}

/* RXP-RET-006: of who withdrew nothing is shown but that. */
static void test_hidden(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	struct shelf s;

	fill(w, &s);
	e = case_document(4, their_case, WITHDRAWAL, 3, case_facts("withdraw", 1, 1, NULL));
	case_previous(&e, &s.supplement);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	given_asks(w, 10, NULL);
	gives(w, 1, 1, &e);
	gives(w, 2, 2, &s.other);
	ends(w, 3, 3, 10);
}

/* Nothing can be left out of what is sealed: where one of two persons withdrew, the document of both is not given. */
static void test_one_hidden(void **state)
{
	struct world *w = *state;
	struct fake_envelope both, e;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	both = case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	assert_int_equal(world_admit(w, &both)->http_status, 200);
	e = case_document(2, their_case, WITHDRAWAL, 2, case_facts("withdraw", 1, 1, NULL));
	case_previous(&e, &both);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	given_asks(w, 10, NULL);
	gives(w, 1, 1, &e);
	ends(w, 2, 2, 10);
}

/* Our message with the n-th copy. */
static void copy_id(struct world *w, uint8_t id[16], unsigned n)
{
	const struct world_delivery *d = &w->deliveries[n - 1];

	assert_int_equal(
	    store_outbox_of_message(store_db(w->assembly->node.store), id, d->envelope.message_id),
	    0);
}

/* The n-th delivery is a Void of the message of that one, which the peer never got. */
static void takes_back(struct world *w, unsigned n, const struct world_delivery *of)
{
	const struct world_delivery *d = world_delivered(w, n);
	struct fake_answer voided = world_refusal(of, RXP_REFUSAL_VOIDED, true);

	assert_string_equal(d->envelope.type, "Void");
	world_deliver(w, d, 409, &voided);
}

/* The n-th delivery is a copy without a document, which is not the last. */
static void gives_none(struct world *w, unsigned n, uint64_t number)
{
	struct rec_node_history_copy says = given_in(&world_delivered(w, n)->envelope);

	assert_int_equal(says.number, number);
	assert_int_equal(says.last, 0);
	assert_int_equal(says.pieces, 0);
	case_receipt(w, n, NULL);
}

/* RXP-HIS-009, 015: with the document goes the copy of it that is under way, and its Number goes once more. */
static void gone_while_it_waits(struct world *w, const char *what)
{
	struct world_delivery first;
	struct rec_message_row row;
	struct rxp_buf octets;
	struct store_outbox m;
	unsigned is_void; /* the two go at once */
	uint8_t id[16];
	struct shelf s;

	fill(w, &s);
	given_asks(w, 10, their_case);
	given_in(&world_delivered(w, 1)->envelope);
	first = w->deliveries[0];
	copy_id(w, id, 1);
	rxp_buf_init(&octets, RXP_MAX_ENVELOPE_OCTETS);
	assert_int_equal(store_outbox_get(store_db(w->assembly->node.store), &m, &octets, id), 0);
	assert_true(octets.len > 0);
	correct(w, what);
	rxp_buf_reset(&octets);
	assert_int_equal(store_outbox_get(store_db(w->assembly->node.store), &m, &octets, id), 0);
	assert_int_equal(octets.len, 0);
	world_deliver(w, &first, 404, NULL);
	world_until_state(w, id, "voiding", &row);
	world_delivered(w, 3);
	is_void = strcmp(w->deliveries[1].envelope.type, "Void") == 0 ? 2 : 3;
	gives_none(w, 5 - is_void, 1);
	takes_back(w, is_void, &first);
	world_until_state(w, id, "refused", &row);
	gives(w, 4, 2, &s.supplement);
	ends(w, 5, 3, 10);
	rxp_buf_free(&octets);
}

/* RXP-HIS-015: what a person takes back, or gives up, ends nothing. */
static void test_taken_back(void **state)
{
	struct world *w = *state;
	struct msg_message_void m = {.user = "officer"};
	struct world_delivery first;
	struct rec_message_row row;
	unsigned is_void;
	struct shelf s;

	fill(w, &s);
	given_asks(w, 10, their_case);
	given_in(&world_delivered(w, 1)->envelope);
	first = w->deliveries[0];
	copy_id(w, m.local_id, 1);
	world_deliver(w, &first, 404, NULL);
	world_until_state(w, m.local_id, "in-doubt", &row);
	assert_int_equal(world_ask(w, IPC_message_void, &m)->result, 0);
	world_delivered(w, 3);
	is_void = strcmp(w->deliveries[1].envelope.type, "Void") == 0 ? 2 : 3;
	gives_none(w, 5 - is_void, 1);
	takes_back(w, is_void, &first);
	world_until_state(w, m.local_id, "refused", &row);
	gives(w, 4, 2, &s.supplement);
	ends(w, 5, 3, 10);
}

static void test_erased_while_it_waits(void **state)
{
	gone_while_it_waits(*state, "erase");
}

static void test_blocked_while_it_waits(void **state)
{
	gone_while_it_waits(*state, "block");
}

static void edit(struct world *w, const char *query)
{
	const struct msg_log_note note = {.peer = PEER, .user = "officer"};
	sqlite3 *db = NULL;

	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, query, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	w->n_deliveries = 0;
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0); /* RXP-LOG-032 */
}

/* Who has the first piece of a document gets something under the next Number, also if that is given no more. */
static void test_second_piece(void **state)
{
	struct rec_node_history_copy says;
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	given_asks(w, 10, their_case);
	given_in(&world_delivered(w, 1)->envelope);
	edit(w, "UPDATE history_given SET pieces = 2");
	gives(w, 1, 1, &s.application);
	says = given_in(&world_delivered(w, 2)->envelope);
	assert_int_equal(says.number, 2);
	assert_int_equal(says.piece, 2);
	assert_memory_equal(says.message_id, s.application.message_id, sizeof says.message_id);
	case_receipt(w, 2, NULL);
	gives(w, 3, 3, &s.supplement);
	ends(w, 4, 4, 10);
}

static void test_second_piece_gone(void **state)
{
	struct world *w = *state;
	struct shelf s;

	fill(w, &s);
	given_asks(w, 10, their_case);
	given_in(&world_delivered(w, 1)->envelope);
	edit(w,
	    "UPDATE history_given SET pieces = 2; UPDATE history_copy SET source = zeroblob(16)");
	given_in(&world_delivered(w, 1)->envelope);
	correct(w, "block");
	gives(w, 1, 1, &s.application);
	gives_none(w, 2, 2);
	gives(w, 3, 3, &s.supplement);
	ends(w, 4, 4, 10);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_given),
	    WORLD_TEST(test_order),
	    WORLD_TEST(test_nothing),
	    WORLD_TEST(test_one_at_a_time),
	    WORLD_TEST(test_so_many_a_day),
	    WORLD_TEST(test_so_many_copies_a_day),
	    WORLD_TEST(test_refused),
	    WORLD_TEST(test_crash),
	    WORLD_TEST(test_blocked_and_erased),
	    WORLD_TEST(test_hidden),
	    WORLD_TEST(test_one_hidden),
	    WORLD_TEST(test_erased_while_it_waits),
	    WORLD_TEST(test_taken_back),
	    WORLD_TEST(test_second_piece),
	    WORLD_TEST(test_second_piece_gone),
	    WORLD_TEST(test_blocked_while_it_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
