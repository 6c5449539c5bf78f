/*
 * Goals of histories that we ask for, with everything around the registry played: only what is our own next document
 * of a case is taken, in doubt until its first receipt comes, one after the other; what is held, what lacks something
 * before it, another one and none of ours is left and counted; copies of nothing that is open are refused; a document
 * that has seen ours waits for it; a crash changes nothing; what was erased after the data were copied is shown to nobody, and is
 * erased when it has its answer (RXP-RET-020); what waited and is the same in other words waits for a person, and keeps nothing
 * back (RXP-RCV-011).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_history_rig.h"

#include <sqlite3.h>

#include "daemon/registry/store/store_erasure.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_watch.h"

static void not_taken(struct world *w, const struct fake_envelope *e)
{
	assert_int_equal(world_admit(w, e)->http_status, 409);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_STATE);
	assert_string_equal(w->last_seal.requirement, "RXP-HIS-011");
}

static void waits(struct world *w, const struct fake_envelope *e)
{
	assert_int_equal(world_admit(w, e)->http_status, 503);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_BUSY);
	assert_string_equal(w->last_seal.requirement, "RXP-BND-014");
	assert_true(w->last_seal.retry_ms > clock_wall_ms());
}

static void test_taken(void **state)
{
	struct world *w = *state;
	struct fake_envelope first, second, last;
	struct fake_answer f;
	uint8_t request_id[16];
	struct shown s;
	int64_t then = clock_wall_ms() - 1000;
	uint64_t differences = 1;
	bool open;

	w->proves_nothing = true; /* the node looks at its own rows whenever it comes to that */
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	lose();
	assert_int_equal(store_difference_put(store_db(w->assembly->node.store),
			     &(struct store_difference){.peer = PEER,
				 .what = RXP_LOG_UNKNOWN,
				 .message_id = history_back.of[0].message_id,
				 .at_ms = 1},
			     &open),
	    0);
	history_back.of[0].created_ms = history_back.of[1].created_ms = then;
	history_asks(w, 1, NULL, request_id);
	first = copy_of(60, request_id, 1, &history_back.of[0]);
	second = copy_of(61, request_id, 2, &history_back.of[1]);
	last = copy_of(62, request_id, 3, NULL);
	history_comes(w, &first);
	history_comes(w, &second);
	history_comes(w, &last);
	/* The peer's log names it, and it is known now (RXP-LOG-026). */
	assert_int_equal(history_counted(w, 1).taken, 1);
	assert_int_equal(
	    store_difference_open(store_db(w->assembly->node.store), &differences, PEER), 0);
	assert_int_equal(differences, 0);
	/* The second waits for the answer of the first, over a crash. */
	assert_memory_equal(
	    world_delivered(w, 2)->envelope.fingerprint, history_back.of[0].fingerprint, 32);
	assert_int_equal(history_counted(w, 1).taken, 1);
	assert_string_equal(history_shown(w).state, "ended");
	world_restart(w);
	w->other = history_restore;
	w->n_deliveries = 0;
	f = first_receipt(world_delivered(w, 1), &history_back.of[0], then);
	world_deliver(w, &w->deliveries[0], 200, &f);
	assert_memory_equal(
	    world_delivered(w, 2)->envelope.fingerprint, history_back.of[1].fingerprint, 32);
	f = first_receipt(&w->deliveries[1], &history_back.of[1], then + 5);
	world_deliver(w, &w->deliveries[1], 200, &f);
	assert_int_equal(history_counted(w, 2).taken, 2);
	pump_for(w->loop, 50);
	case_show(w, other_case, &s);
	assert_string_equal(s.row.role, "requesting");
	assert_string_equal(s.row.state, "open");
	assert_int_equal(s.n, 2);
	assert_int_equal(s.timeline[0].received_ms, then);
	assert_int_equal(s.timeline[1].received_ms, then + 5);
	assert_string_equal(s.timeline[1].state, "delivered");
}

static int64_t content(struct world *w, const char *where)
{
	sqlite3_stmt *q = NULL;
	sqlite3 *db = NULL;
	char text[128];
	int64_t n;

	snprintf(text, sizeof text, "SELECT COUNT(*) FROM outbox WHERE case_id IS NOT NULL AND %s",
	    where);
	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	w->other = history_restore;
	w->n_deliveries = 0;
	return n;
}

static void test_taken_after_it_was_erased(void **state)
{
	struct erasure_document d = {.peer = PEER, .own = true};
	struct erasure e = {.n = 1, .at_ms = 7, .local_id = {9}, .named = true};
	struct world *w = *state;
	struct fake_envelope first;
	struct fake_answer f;
	uint8_t request_id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	lose();
	memcpy(d.message_id, history_back.of[0].message_id, sizeof d.message_id);
	memcpy(d.fingerprint, history_back.of[0].fingerprint, sizeof d.fingerprint);
	assert_int_equal(erasure_name(e.name, &d), 0);
	assert_int_equal(store_erasure_owe(store_db(w->assembly->node.store), &e), 0);
	assert_int_equal(store_erasure_await(store_db(w->assembly->node.store), 1), 0);
	history_asks(w, 1, NULL, request_id);
	first = copy_of(60, request_id, 1, &history_back.of[0]);
	history_comes(w, &first);
	assert_int_equal(history_counted(w, 1).taken, 1);
	assert_int_equal(content(w, "envelope IS NOT NULL AND blocked_ms = 7"), 1);
	f = first_receipt(
	    world_delivered(w, 1), &history_back.of[0], history_back.of[0].created_ms);
	world_deliver(w, &w->deliveries[0], 200, &f);
	pump_for(w->loop, 20);
	(void)content(w, "1");
	assert_int_equal(
	    content(w, "envelope IS NULL AND wrapped_key IS NULL AND erased_ms = 7"), 1);
}

/* A long document comes in two copies, one behind the other; a piece without the other is nothing. */
static void test_two_pieces(void **state)
{
	struct world *w = *state;
	struct rec_history_row r;
	struct fake_envelope e;
	uint8_t request_id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	lose();
	history_back.seconds = 0;
	history_asks(w, 1, NULL, request_id);
	e = piece_of(60, request_id, 1, &history_back.of[0], 2, 2);
	history_comes(w, &e);
	e = piece_of(61, request_id, 2, &history_back.of[0], 1, 2);
	history_comes(w, &e);
	e = piece_of(62, request_id, 3, &history_back.of[1], 2, 2);
	history_comes(w, &e);
	r = history_counted(w, 3);
	assert_int_equal(r.spoilt, 3);
	assert_int_equal(history_back.seconds, 0);
	e = piece_of(63, request_id, 4, &history_back.of[0], 1, 2);
	history_comes(w, &e);
	pump_for(w->loop, 20);
	world_restart(w);
	w->other = history_restore;
	e = piece_of(64, request_id, 5, &history_back.of[0], 2, 2);
	history_comes(w, &e);
	assert_int_equal(history_counted(w, 4).taken, 1);
	assert_int_equal(history_back.seconds, 1);
	e = piece_of(65, request_id, 6, &history_back.of[1], 1, 2);
	history_comes(w, &e);
	e = piece_of(66, request_id, 7, NULL, 0, 0);
	history_comes(w, &e);
	assert_int_equal(history_counted(w, 5).spoilt, 4);
}

/* RXP-HIS-016: what gives nothing is taken at its turn, once more behind it, and in the place of a second piece, and is no
 * falsehood. With a document a Number that came is refused. */
static void test_gives_nothing(void **state)
{
	struct world *w = *state;
	struct rec_history_row r;
	struct fake_envelope e;
	uint8_t request_id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	lose();
	history_asks(w, 1, NULL, request_id);
	e = none_of(60, request_id, 2);
	waits(w, &e);
	e = none_of(61, request_id, 1);
	history_comes(w, &e);
	e = none_of(62, request_id, 1);
	history_comes(w, &e);
	e = copy_of(63, request_id, 1, &history_back.of[0]);
	not_taken(w, &e);
	e = none_of(60, request_id, 2);
	history_comes(w, &e);
	e = piece_of(64, request_id, 3, &history_back.of[1], 1, 2);
	history_comes(w, &e);
	e = none_of(65, request_id, 4);
	history_comes(w, &e);
	e = piece_of(66, request_id, 5, &history_back.of[1], 1, 2);
	history_comes(w, &e);
	e = none_of(67, request_id, 6);
	history_comes(w, &e);
	e = none_of(68, request_id, 3);
	history_comes(w, &e);
	e = copy_of(69, request_id, 7, &history_back.of[0]);
	history_comes(w, &e);
	r = history_counted(w, 1);
	assert_int_equal(r.taken, 1);
	assert_string_equal(r.state, "open");
	e = copy_of(70, request_id, 8, NULL);
	history_comes(w, &e);
	assert_string_equal(history_counted(w, 1).state, "ended");
	e = none_of(71, request_id, 3);
	not_taken(w, &e);
}

/* An answer that names neither our envelope nor the one given with the copy is none; the twin is test_taken. */
static void test_receipt_of_another_envelope(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	struct fake_answer f;
	struct rec_message_row row;
	uint8_t request_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	lose();
	history_asks(w, 1, NULL, request_id);
	e = copy_of(60, request_id, 1, &history_back.of[0]);
	history_comes(w, &e);
	world_delivered(w, 2);
	f = first_receipt(&w->deliveries[1], &history_back.of[1], history_back.of[0].created_ms);
	world_deliver(w, &w->deliveries[1], 200, &f);
	assert_int_equal(store_outbox_of_message(
			     store_db(w->assembly->node.store), id, history_back.of[0].message_id),
	    0);
	world_until_state(w, id, "in-doubt", &row);
	assert_string_equal(row.last_error, "answer to something else");
}

/* Of each but one of them one thing is wrong. */
static void test_not_open(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	uint8_t request_id[16], other[16] = {5};

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	lose();
	e = copy_of(59, other, 1, &history_back.of[0]);
	not_taken(w, &e); /* nothing was asked for */
	history_asks(w, 1, NULL, request_id);
	e = copy_of(60, other, 1, &history_back.of[0]);
	not_taken(w, &e);
	e = copy_of(61, request_id, 1 + REGISTRY_HISTORY_BUNDLE_MAX, &history_back.of[0]);
	not_taken(w, &e);
	e = copy_of(66, request_id, REGISTRY_HISTORY_BUNDLE_MAX, &history_back.of[0]);
	waits(w, &e); /* what is before it may still come (RXP-BND-014) */
	e = copy_of(67, request_id, 2, NULL);
	waits(w, &e);
	e = copy_of(62, request_id, 1, &history_back.of[0]);
	history_comes(w, &e);
	e = copy_of(63, request_id, 1, &history_back.of[0]);
	not_taken(w, &e);
	e = copy_of(67, request_id, 2, NULL);
	history_comes(w, &e);
	e = copy_of(65, request_id, 3, &history_back.of[1]);
	not_taken(w, &e);
	assert_int_equal(history_counted(w, 1).taken, 1);
}

/* A sealer that has no memory says nothing of the document. */
static void unable(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_restored a = {.result = (uint32_t)RXP_ERR_NOMEM};

	(void)w;
	link_answer(l, IPC_restored, m->request, &a, NULL, 0);
}

/* As long as no sealer can look at them so many wait; then the peer is asked to. */
static void test_many_wait(void **state)
{
	struct world *w = *state;
	struct fake_envelope e;
	uint8_t request_id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	lose();
	history_asks(w, 1, NULL, request_id);
	w->other = unable;
	for (unsigned i = 0; i < REGISTRY_HISTORY_PIECES_MAX; i++) {
		e = copy_of((uint8_t)(60 + i), request_id, i + 1, &history_back.of[0]);
		history_comes(w, &e);
	}
	e = copy_of(100, request_id, REGISTRY_HISTORY_PIECES_MAX + 1, &history_back.of[0]);
	assert_int_equal(world_admit(w, &e)->http_status, 503);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_BUSY);
	assert_true(w->last_seal.retry_ms > clock_wall_ms());
	world_restart(w);
	w->other = history_restore;
	pump_for(w->loop, 50);
	history_comes(w, &e);
}

/* What we hold, what lacks something before it, what is none of ours, what was not asked for. */
static void test_left(void **state)
{
	struct world *w = *state;
	struct fake_envelope e, ours;
	struct rec_history_row r;
	uint8_t request_id[16], ours_id[16];

	lose();
	ours = case_asked(w, ours_id);
	history_back.of[history_back.n++] = ours;
	history_asks(w, 2, ours_id, request_id);
	e = copy_of(60, request_id, 1, &ours);
	history_comes(w, &e);
	e = copy_of(61, request_id, 2, &history_back.of[0]); /* of another case */
	history_comes(w, &e);
	r = history_counted(w, 2);
	assert_int_equal(r.held, 1);
	assert_int_equal(r.spoilt, 1);
	assert_string_equal(r.cases, "named");
	assert_string_equal(r.state, "open");
	history_asks(w, 3, NULL, request_id);
	e = copy_of(62, request_id, 1, &history_back.of[1]); /* its first document is missing */
	history_comes(w, &e);
	history_back.n = 0;
	e = copy_of(63, request_id, 2, &history_back.of[0]); /* not of our seal */
	history_comes(w, &e);
	r = history_counted(w, 2);
	assert_int_equal(r.left_out, 1);
	assert_int_equal(r.spoilt, 1);
	assert_int_equal(r.taken, 0);
	assert_int_equal(w->n_deliveries, 3);
}

/* Another document of ours stands at its place, has its MessageId, or comes before it. */
static void test_forked(void **state)
{
	struct world *w = *state;
	struct fake_envelope e, ours;
	uint8_t request_id[16], ours_id[16];
	struct shown s;

	ours = case_asked(w, ours_id);
	history_back.n = 3;
	history_back.of[0] =
	    case_document(50, ours_id, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	history_back.of[1] = ours;
	history_back.of[1].fingerprint[31]++;
	history_back.of[2] =
	    case_document(51, ours_id, "Supplement", 2, case_facts("supplement", 1, 1, NULL));
	case_previous(&history_back.of[2], &history_back.of[0]);
	history_asks(w, 2, NULL, request_id);
	e = copy_of(60, request_id, 1, &history_back.of[0]);
	history_comes(w, &e);
	e = copy_of(61, request_id, 2, &history_back.of[1]);
	history_comes(w, &e);
	e = copy_of(62, request_id, 3, &history_back.of[2]);
	history_comes(w, &e);
	assert_int_equal(history_counted(w, 3).forked, 3);
	case_show(w, ours_id, &s);
	assert_int_equal(s.n, 1);
	assert_memory_equal(s.timeline[0].fingerprint, ours.fingerprint, 32);
}

/* RXP-HIS-014: a document that has seen ours waits for it, and is taken when that is back. */
static void test_spared(void **state)
{
	struct world *w = *state;
	struct fake_envelope reply, e, ours;
	uint8_t request_id[16], ours_id[16];
	struct fake_answer f;

	ours = case_asked(w, ours_id);
	history_back.n = 1;
	history_back.of[0] =
	    case_document(50, ours_id, "Supplement", 2, case_facts("supplement", 1, 1, NULL));
	case_previous(&history_back.of[0], &ours);
	reply = case_document(
	    70, ours_id, "SupplementRequest", 1, case_facts("ask-supplement", 1, 1, NULL));
	case_seen(&reply, &history_back.of[0]);
	assert_int_equal(world_admit(w, &reply)->http_status, 409);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_FORK);
	history_asks(w, 2, ours_id, request_id);
	assert_int_equal(world_admit(w, &reply)->http_status, 503);
	assert_int_equal(w->last_seal.refusal, 1 + (uint32_t)RXP_REFUSAL_BUSY);
	assert_string_equal(w->last_seal.requirement, "RXP-HIS-014");
	assert_true(w->last_seal.retry_ms > clock_wall_ms());
	e = copy_of(60, request_id, 1, &history_back.of[0]);
	history_comes(w, &e);
	f = first_receipt(world_delivered(w, 3), &history_back.of[0], clock_wall_ms());
	world_deliver(w, &w->deliveries[2], 200, &f);
	pump_for(w->loop, 50);
	assert_int_equal(world_admit(w, &reply)->http_status, 200);
}

/* RXP-RCV-011: what waits to be sealed while one of its type comes back waits for a person, who sees it; what follows
 * that in the case comes back all the same. */
static void test_doubled(void **state)
{
	struct facts f = case_facts("apply", 1, 1, NULL);
	struct world *w = *state;
	struct rec_message_row row;
	struct fake_envelope e;
	uint8_t request_id[16], id[16], case_id[16];
	const struct world_answer *a;
	struct fake_answer receipt;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	history_hold(w, request_id);
	a = case_submit(w, "waits", NULL, APPLICATION, &f);
	memcpy(id, a->id, sizeof id);
	world_show(w, id, &row);
	memcpy(case_id, row.case_id, sizeof case_id);
	history_back.n = 2;
	history_back.of[0] = case_document(50, case_id, APPLICATION, 1, f);
	history_back.of[1] =
	    case_document(51, case_id, "Supplement", 2, case_facts("supplement", 1, 1, NULL));
	case_previous(&history_back.of[1], &history_back.of[0]);
	for (uint8_t i = 0; i < 2; i++) {
		e = copy_of(60 + i, request_id, i + 1U, &history_back.of[i]);
		history_comes(w, &e);
		receipt =
		    first_receipt(world_delivered(w, 3U + i), &history_back.of[i], clock_wall_ms());
		world_deliver(w, &w->deliveries[2 + i], 200, &receipt);
	}
	assert_int_equal(history_counted(w, 2).taken, 2);
	world_until_state(w, id, "parked", &row);
	assert_string_not_equal(row.last_error, "");
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_PARKED], 1);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_WAITING], 0);
}

static void test_whom_to_ask(void **state)
{
	struct msg_history_ask m = {.user = "operator", .peer = "QRC"};
	struct msg_peer_distrust distrust = {.user = "operator", .party = PEER};
	struct world *w = *state;
	const struct world_answer *a = world_ask(w, IPC_history_ask, &m);

	assert_int_equal((int)a->result, RXP_ERR_NOT_FOUND);
	assert_string_equal(a->words, "the party is no peer");
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &distrust)->result, 0);
	memcpy(m.peer, PEER, sizeof m.peer);
	a = world_ask(w, IPC_history_ask, &m);
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, "the peer is not trusted any more");
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_taken),
	    WORLD_TEST(test_taken_after_it_was_erased),
	    WORLD_TEST(test_two_pieces),
	    WORLD_TEST(test_gives_nothing),
	    WORLD_TEST(test_receipt_of_another_envelope),
	    WORLD_TEST(test_not_open),
	    WORLD_TEST(test_many_wait),
	    WORLD_TEST(test_left),
	    WORLD_TEST(test_forked),
	    WORLD_TEST(test_spared),
	    WORLD_TEST(test_doubled),
	    WORLD_TEST(test_whom_to_ask),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
