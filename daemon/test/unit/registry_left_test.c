/*
 * Goals of what is asked for once more (RXP-RCV-026), with everything around the registry played: a document of ours that came back
 * before what it has seen is left, and its case asked for again when that is here, in a hold and outside of one, over a power cut at
 * any step, and no other case with it; not while that is not here, or something else is asked for; left again, it waits for a
 * person. What is not sealed yet in its case waits until then, and what the peer would have refused with `fork` is put off.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_history_rig.h"

#include "daemon/registry/recovery/recovery.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_left.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_tray.h"

#define REQUEST "HistoryRequest"
#define QUESTION "SupplementRequest"
#define SUPPLEMENT "Supplement"

static struct db *db_of(const struct world *w)
{
	return store_db(w->assembly->node.store);
}

static struct peer *peer_of(const struct world *w)
{
	return peers_find(w->assembly->peers, PEER);
}

/* The case that the peer opened: its application, our question, its supplement, our reply. */
static struct fake_envelope application, supplement;

static struct fake_envelope seen(
    uint8_t id, const char *type, uint64_t position, struct facts f, const struct fake_envelope *e)
{
	struct fake_envelope of = case_document(id, their_case, type, position, f);

	case_seen(&of, e);
	return of;
}

static int set_up(void **state)
{
	struct fake_envelope *back = history_back.of;
	int rc = world_set_up(state);
	struct world *w = *state;

	if (rc != 0)
		return rc;
	w->proves_nothing = true;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	lose();
	history_back.n = 4;
	application =
	    case_document(70, their_case, APPLICATION, 1, case_facts("apply", 1, 1, NULL));
	back[2] = seen(52, QUESTION, 1, case_facts("ask-supplement", 1, 1, NULL), &application);
	supplement = seen(71, SUPPLEMENT, 2, case_facts("supplement", 1, 1, NULL), &back[2]);
	case_previous(&supplement, &application);
	back[3] =
	    seen(53, REPLY, 2, case_facts("accept", 1, 1, application.fingerprint), &supplement);
	case_previous(&back[3], &back[2]);
	return 0;
}

static uint64_t left(struct world *w)
{
	uint64_t n = 99;

	assert_int_equal(store_left_count(db_of(w), &n, PEER), 0);
	return n;
}

static void cut_power(struct world *w)
{
	world_restart(w);
	w->other = history_restore;
	w->n_deliveries = 0;
}

/* Nothing has come for as long as it takes to be sure. */
static void quiet(struct world *w)
{
	recovery_kick(w->assembly->recovery);
	pump_for(w->loop, 20);
	peer_of(w)->came_back_mono -= REGISTRY_QUIET_MS;
	peer_of(w)->left_mono -= REGISTRY_QUIET_MS;
	recovery_kick(w->assembly->recovery);
	pump_for(w->loop, 50);
}

static unsigned requests(const struct world *w)
{
	unsigned n = 0;

	for (unsigned i = 0; i < w->n_deliveries; i++)
		n += strcmp(w->deliveries[i].envelope.type, REQUEST) == 0;
	return n;
}

/* The n-th delivery asks for their case alone; it is receipted, and has that MessageId. */
static void asked_again(struct world *w, unsigned n, uint8_t message_id[16])
{
	const struct world_delivery *d = world_delivered(w, n);
	struct record_cursor c = {.at = d->envelope.facts, .left = d->envelope.facts_len};
	struct rec_node_history_request r;
	struct fake_answer a = world_receipt(d);
	struct rec_message_row row;
	struct store_asked asked;
	struct bytes fields;
	uint16_t tag;

	assert_string_equal(d->envelope.type, REQUEST);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(
	    record_decode(&r, &record_node_history_request, fields.data, fields.len), 0);
	assert_int_equal(r.cases.len, sizeof their_case);
	assert_memory_equal(r.cases.data, their_case, sizeof their_case);
	memcpy(message_id, d->envelope.message_id, 16);
	world_deliver(w, d, 200, &a);
	assert_int_equal(store_asked_get(db_of(w), &asked, PEER), 0);
	world_until_state(w, asked.request, "delivered", &row);
}

/* What the peer gives for it: so many documents, and the last one. */
static void given(struct world *w, uint8_t id, const uint8_t request[16],
    const struct fake_envelope *const *documents, unsigned n)
{
	struct fake_envelope e;

	for (unsigned i = 0; i < n; i++) {
		e = copy_of((uint8_t)(id + i), request, i + 1U, documents[i]);
		history_comes(w, &e);
	}
	e = copy_of((uint8_t)(id + n), request, n + 1U, NULL);
	history_comes(w, &e);
}

/* The n-th delivery is that one, which is sent again, and gets its first receipt. */
static void is_back(struct world *w, unsigned n, const struct fake_envelope *document)
{
	struct fake_answer f;

	assert_memory_equal(world_delivered(w, n)->envelope.fingerprint, document->fingerprint, 32);
	f = first_receipt(&w->deliveries[n - 1], document, clock_wall_ms());
	world_deliver(w, &w->deliveries[n - 1], 200, &f);
	pump_for(w->loop, 20);
}

/* A person asked; our question came back first, and what it has seen is not here. */
static void left_behind(struct world *w)
{
	const struct fake_envelope *question = &history_back.of[2];
	uint8_t request[16];

	history_asks(w, 1, NULL, request);
	given(w, 60, request, &question, 1);
	assert_int_equal(history_counted(w, 1).left_out, 1);
	assert_int_equal(left(w), 1);
	cut_power(w);
	quiet(w);
	assert_int_equal(requests(w), 0); /* what it has seen may never come */
}

static void test_asked_once_more(void **state)
{
	const struct fake_envelope *question = &history_back.of[2];
	struct world *w = *state;
	uint8_t request[16];

	left_behind(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	cut_power(w);
	recovery_kick(w->assembly->recovery);
	pump_for(w->loop, 50);
	assert_int_equal(requests(w), 0); /* more may come with it */
	quiet(w);
	asked_again(w, 1, request);
	given(w, 80, request, &question, 1);
	is_back(w, 2, question);
	assert_int_equal(history_counted(w, 1).taken, 1);
	assert_int_equal(left(w), 0);
	quiet(w);
	assert_int_equal(requests(w), 1);
}

/* What the request named stays left until it has ended, and is asked for by no other meanwhile. */
static void test_cut_off_while_asked(void **state)
{
	const struct fake_envelope *question = &history_back.of[2];
	struct fake_envelope last;
	struct world *w = *state;
	uint8_t request[16];

	left_behind(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	quiet(w);
	asked_again(w, 1, request);
	cut_power(w);
	quiet(w);
	assert_int_equal(requests(w), 0);
	assert_int_equal(left(w), 1);
	last = copy_of(80, request, 1, question);
	history_comes(w, &last);
	is_back(w, 1, question);
	assert_int_equal(left(w), 1);
	last = copy_of(81, request, 2, NULL);
	history_comes(w, &last);
	assert_int_equal(left(w), 0);
}

/* Step by step: each request brings one back, and names what the next one lacks. */
static void test_step_by_step(void **state)
{
	const struct fake_envelope *ours[] = {&history_back.of[2], &history_back.of[3]};
	struct world *w = *state;
	uint8_t request[16];

	history_asks(w, 1, NULL, request);
	given(w, 60, request, ours, 2);
	assert_int_equal(history_counted(w, 2).left_out, 2);
	assert_int_equal(left(w), 2);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	quiet(w);
	asked_again(w, 2, request);
	given(w, 80, request, ours, 2);
	is_back(w, 3, ours[0]);
	assert_int_equal(history_counted(w, 2).left_out, 1);
	assert_int_equal(left(w), 1);
	quiet(w);
	assert_int_equal(requests(w), 2);
	assert_int_equal(world_admit(w, &supplement)->http_status, 200);
	quiet(w);
	asked_again(w, 4, request);
	given(w, 90, request, ours, 2);
	is_back(w, 5, ours[1]);
	assert_int_equal(history_counted(w, 2).held, 1);
	assert_int_equal(left(w), 0);
}

/* All that it names is here, and it has no place: a person is needed. */
static void test_left_again(void **state)
{
	const struct fake_envelope *question;
	struct world *w = *state;
	uint8_t request[16];

	history_back.of[2] =
	    seen(52, REPLY, 1, case_facts("accept", 2, 2, application.fingerprint), &application);
	question = &history_back.of[2];
	left_behind(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	quiet(w);
	asked_again(w, 1, request);
	given(w, 80, request, &question, 1);
	assert_int_equal(history_counted(w, 1).left_out, 1);
	assert_int_equal(left(w), 1);
	quiet(w);
	assert_int_equal(requests(w), 1);
	cut_power(w);
	quiet(w);
	assert_int_equal(requests(w), 0);
}

/* The peer gives nothing of the case any more: nothing is left. */
static void test_given_no_more(void **state)
{
	struct world *w = *state;
	uint8_t request[16];

	left_behind(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	quiet(w);
	asked_again(w, 1, request);
	given(w, 80, request, NULL, 0);
	pump_for(w->loop, 20);
	assert_int_equal(left(w), 0);
}

/* Whoever asks for all takes its place; a case that was not asked for then is asked for behind it. */
static void test_person_asks_meanwhile(void **state)
{
	const struct fake_envelope *question = &history_back.of[2];
	struct world *w = *state;
	uint8_t request[16], case_id[16], id[16];

	left_behind(w);
	case_accepted(w, "key", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	(void)case_receipt(w, 1, id);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	quiet(w);
	asked_again(w, 2, request);
	history_asks(w, 3, case_id, request);
	quiet(w);
	assert_int_equal(requests(w), 2);
	given(w, 80, request, NULL, 0);
	assert_int_equal(left(w), 1);
	quiet(w);
	asked_again(w, 4, request);
	given(w, 90, request, &question, 1);
	is_back(w, 5, question);
	assert_int_equal(left(w), 0);
}

/* The peer refuses the request: nothing is asked for again, and it stays told. */
static void test_refused(void **state)
{
	struct world *w = *state;
	struct fake_answer a;

	left_behind(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	quiet(w);
	a = world_refusal(world_delivered(w, 1), RXP_REFUSAL_UNSUPPORTED, true);
	world_deliver(w, &w->deliveries[0], 422, &a);
	quiet(w);
	quiet(w);
	assert_int_equal(requests(w), 1);
	assert_int_equal(left(w), 1);
}

/* RXP-RCV-003 of one case: what is not sealed yet in it waits, and no other; a person who has compared ends that. */
static void test_case_waits(void **state)
{
	struct facts f = case_facts("ask-supplement", 1, 1, NULL);
	const struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER};
	struct world *w = *state;
	uint8_t case_id[16], id[16];

	left_behind(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	assert_int_equal(case_submit(w, "waits", their_case, QUESTION, &f)->result, 0);
	case_accepted(w, "goes", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	(void)case_receipt(w, 1, id);
	pump_for(w->loop, 50);
	assert_int_equal(w->n_deliveries, 1);
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	assert_int_equal(left(w), 0);
	assert_int_equal(
	    (int)world_ask(w, IPC_recovery_confirm, &confirm)->result, RXP_ERR_NOT_FOUND);
	cut_power(w);
	assert_string_equal(world_delivered(w, 1)->envelope.type, QUESTION);
}

/* It waits for what comes back, which has its place before it; one of its type waits for a person then (RXP-RCV-011). */
static void test_what_waits_stands_behind(void **state)
{
	struct facts f = case_facts("ask-supplement", 1, 1, NULL);
	const struct fake_envelope *question = &history_back.of[2];
	struct world *w = *state;
	struct rec_message_row row;
	uint8_t request[16], id[16];

	left_behind(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	memcpy(id, case_submit(w, "waits", their_case, QUESTION, &f)->id, sizeof id);
	quiet(w);
	asked_again(w, 1, request);
	given(w, 80, request, &question, 1);
	is_back(w, 2, question);
	world_until_state(w, id, "parked", &row);
	assert_int_equal(left(w), 0);
}

/* RXP-HIS-014: what has seen the one that is left is put off, also while nothing is asked for. */
static void test_put_off(void **state)
{
	struct world *w = *state;

	left_behind(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	assert_int_equal(world_admit(w, &supplement)->http_status, 503);
	assert_string_equal(w->last_seal.requirement, "RXP-HIS-014");
	assert_int_equal(store_left_drop(db_of(w), PEER, true), 0);
	supplement.message_id[15]++;
	assert_int_equal(world_admit(w, &supplement)->http_status, 409);
}

static struct store_recovery recovery(const struct world *w)
{
	struct store_recovery r;

	assert_int_equal(store_recovery_get(db_of(w), &r, PEER), 0);
	return r;
}

static void waits_in_tray(struct world *w, uint8_t n, const uint8_t case_id[16])
{
	static const uint8_t key[RXP_DIGEST_OCTETS] = {1}; /* the first that a world makes */
	const uint8_t id[16] = {n};

	assert_int_equal(store_tray_put(db_of(w), &(struct store_trayed){.peer = PEER,
						      .message_id = id,
						      .case_id = case_id,
						      .envelope = {key, 1},
						      .key_id = key,
						      .now_ms = clock_wall_ms()}),
	    0);
	assert_int_equal(store_tray_tried(db_of(w), PEER, id, clock_wall_ms()), 0);
	assert_int_equal(store_tray_rests(db_of(w), PEER, id), 0);
}

/* In a hold what is here of the case keeps it, and the case alone is asked for again: not the whole history. */
static void test_in_a_hold(void **state)
{
	const struct fake_envelope *ours[] = {
	    &history_back.of[0], &history_back.of[3], &history_back.of[2], &history_back.of[3]};
	struct fake_envelope e;
	struct world *w = *state;
	uint8_t request[16];

	history_hold(w, request);
	for (unsigned i = 0; i < 2; i++) {
		e = copy_of((uint8_t)(60 + i), request, i + 1U, ours[i]);
		history_comes(w, &e);
	}
	is_back(w, 3, ours[0]);
	e = copy_of(62, request, 3, NULL);
	history_comes(w, &e);
	quiet(w); /* its wait ends … */
	assert_int_equal(history_counted(w, 2).left_out, 1);
	quiet(w); /* … and of its case nothing is here */
	assert_int_equal(recovery(w).stage, RECOVERY_OVER);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	/* Another loss, in which all is asked for, and then the case alone. */
	w->n_deliveries = 0;
	history_hold(w, request);
	given(w, 80, request, &ours[2], 2);
	is_back(w, 3, ours[2]);
	quiet(w);
	assert_int_equal(history_counted(w, 2).left_out, 1);
	quiet(w);
	assert_int_equal(recovery(w).stage, RECOVERY_STUCK);
	waits_in_tray(w, 1, their_case);
	assert_int_equal(store_recovery_count(db_of(w), PEER, STORE_BACK_ANSWER), 0);
	quiet(w);
	assert_int_equal(requests(w), 1); /* that something else came says nothing of it */
	assert_int_equal(store_tray_drop_case(db_of(w), PEER, their_case), 0);
	assert_int_equal(world_admit(w, &supplement)->http_status, 200);
	quiet(w);
	asked_again(w, 4, request);
	given(w, 90, request, &ours[3], 1);
	is_back(w, 5, ours[3]);
	quiet(w);
	assert_int_equal(recovery(w).stage, RECOVERY_OVER);
	assert_int_equal(requests(w), 2);
}

/* Who ends a hold has compared the cases that are here; said once more, it ends the wait for those that are not. */
static void test_person_ends_it(void **state)
{
	static const uint8_t lost[RXP_DIGEST_OCTETS] = {1};
	const struct store_left here = {.peer = PEER, .case_id = their_case, .seen = lost};
	const struct store_left not_here = {.peer = PEER, .case_id = other_case, .seen = lost};
	const struct msg_recovery_confirm confirm = {.user = "uid:7", .peer = PEER};
	struct world *w = *state;
	uint8_t request[16];

	assert_int_equal(world_admit(w, &application)->http_status, 200);
	history_hold(w, request);
	assert_int_equal(store_left_add(db_of(w), &here), 0);
	assert_int_equal(store_left_add(db_of(w), &not_here), 0);
	given(w, 60, request, NULL, 0);
	quiet(w);
	assert_int_equal(recovery(w).stage, RECOVERY_STUCK);
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	assert_int_equal(recovery(w).stage, RECOVERY_OVER);
	assert_false(store_left_of(db_of(w), PEER, their_case));
	assert_true(store_left_of(db_of(w), PEER, other_case));
	assert_int_equal(world_ask(w, IPC_recovery_confirm, &confirm)->result, 0);
	assert_int_equal(left(w), 0);
	assert_int_equal(
	    (int)world_ask(w, IPC_recovery_confirm, &confirm)->result, RXP_ERR_NOT_FOUND);
}

/* A document of the peer that waits may wait for one of ours which the peer had not got back when it was asked: its case is
 * asked for when something comes, and once. */
static void test_waits_for_ours(void **state)
{
	struct world *w = *state;
	uint8_t request[16];

	history_hold(w, request);
	waits_in_tray(w, 1, their_case);
	given(w, 60, request, NULL, 0);
	quiet(w);
	assert_int_equal(recovery(w).stage, RECOVERY_STUCK);
	assert_int_equal(store_recovery_count(db_of(w), PEER, STORE_BACK_ANSWER), 0);
	quiet(w);
	asked_again(w, 3, request);
	given(w, 80, request, NULL, 0);
	quiet(w);
	quiet(w);
	assert_int_equal(recovery(w).stage, RECOVERY_STUCK);
	assert_int_equal(requests(w), 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(test_asked_once_more),
	    TEST(test_cut_off_while_asked),
	    TEST(test_step_by_step),
	    TEST(test_left_again),
	    TEST(test_given_no_more),
	    TEST(test_person_asks_meanwhile),
	    TEST(test_refused),
	    TEST(test_case_waits),
	    TEST(test_what_waits_stands_behind),
	    TEST(test_put_off),
	    TEST(test_in_a_hold),
	    TEST(test_person_ends_it),
	    TEST(test_waits_for_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
