/*
 * Goals of the journey out, with everything around the registry played:
 * - a Ping is committed before the desk hears of it, closed once, and the attempt is committed before
 *   the octets leave; the same octets are sent until the final answer, also after a crash
 *   (RXP-MSG-005);
 * - each kind of answer leads to its state: receipt, late receipt, final refusal, `expired`;
 * - an answer that differs in one field from what was sent is no answer (RXP-ANS-012);
 * - three answers that lead nowhere park the message, transport faults never do; a person requeues;
 * - it is tried hourly after Expires;
 * - a receipt outside our attempts' time is flagged, whatever the gateway says of the time;
 * - what was distrusted in between does not leave; damaged rows hide no others.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include <sqlite3.h>

#define HOUR INT64_C(3600000)

static void test_delivered(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	world_begin(w, id);
	d = world_delivered(w, 1);
	world_show(w, id, &row);
	assert_string_equal(row.state, "sending");
	assert_int_equal(row.attempts, 1);
	assert_memory_equal(row.message_id, d->envelope.message_id, 16);
	assert_int_equal(row.expires_ms - row.created_ms, RXP_DEFAULT_LIFETIME_MS);
	f = world_receipt(d);
	world_deliver(w, d, 200, &f);
	world_until_state(w, id, "delivered", &row);
	assert_int_equal(row.log_count, 4);
	assert_int_equal(row.flags.len, 0);
	assert_int_equal(w->closed, 1);
	assert_int_equal(w->n_deliveries, 1);
}

static void test_crash_in_doubt(void **state)
{
	struct world *w = *state;
	struct world_delivery first;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	world_begin(w, id);
	first = *world_delivered(w, 1);
	world_restart(w);
	d = world_delivered(w, 1);
	assert_memory_equal(&d->envelope, &first.envelope, sizeof first.envelope);
	assert_int_equal(w->closed, 1);
	f = world_receipt(d);
	world_deliver(w, d, 200, &f);
	world_until_state(w, id, "delivered", &row);
	assert_int_equal(row.attempts, 2);
	world_restart(w);
	pump_for(w->loop, 20);
	assert_int_equal(w->n_deliveries, 0);
}

/* Gone while a sealer closes it: closed anew, under a new MessageId. */
static void test_crash_waiting(void **state)
{
	struct world *w = *state;
	uint8_t id[16];
	struct rec_message_row row;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	link_pause(w->sealer, true);
	world_ping(w, id);
	world_restart(w);
	world_delivered(w, 1);
	world_show(w, id, &row);
	assert_string_equal(row.state, "sending");
	assert_int_equal(w->closed, 1);
}

static void test_final_refusals(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	world_begin(w, id);
	d = world_delivered(w, 1);
	f = world_refusal(d, RXP_REFUSAL_SCHEMA, true);
	world_deliver(w, d, 422, &f);
	world_until_state(w, id, "refused", &row);
	assert_string_equal(row.refusal, "schema");
	world_ping(w, id);
	d = world_delivered(w, 2);
	f = world_refusal(d, RXP_REFUSAL_EXPIRED, true);
	world_deliver(w, d, 422, &f);
	world_until_state(w, id, "expired", &row);
}

static void assert_flags(const struct rec_message_row *row, const char *words)
{
	assert_int_equal(row->flags.len, strlen(words));
	assert_memory_equal(row->flags.data, words, strlen(words));
}

/* As many and as long as they may be, and ours besides (RXP-ANS-015, 019). */
static void test_flags_whole(void **state)
{
	static const char four[] = "abcdefghijklmnopqrstuvw bcdefghijklmnopqrstuvwx "
				   "cdefghijklmnopqrstuvwxy d-f-h-j-l-n-p-r-t-v-x-z";
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	char all[160];
	uint8_t id[16];

	world_begin(w, id);
	for (unsigned disputed = 0; disputed < 2; disputed++) {
		d = world_delivered(w, 1 + disputed);
		f = world_receipt(d);
		memcpy(f.flags, four, sizeof four);
		if (disputed)
			f.checked.received_ms += 2 * REGISTRY_DISPUTE_MS;
		world_deliver(w, d, 200, &f);
		world_until_state(w, id, "delivered", &row);
		snprintf(all, sizeof all, "%s%s", four, disputed ? " time-disputed" : "");
		assert_flags(&row, all);
		world_ping(w, id);
	}
}

static void test_late_and_disputed(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	world_begin(w, id);
	d = world_delivered(w, 1);
	f = world_receipt(d);
	f.checked.received_ms += 2 * REGISTRY_DISPUTE_MS;
	strcpy(f.flags, "late");
	world_deliver(w, d, 200, &f);
	world_until_state(w, id, "delivered", &row);
	assert_flags(&row, "late time-disputed");

	world_ping(w, id);
	d = world_delivered(w, 2);
	world_deliver_fault(w, d);
	world_until_state(w, id, "in-doubt", &row);
	assert_string_equal(row.last_error, "connection refused");
	world_move_clock(w, RXP_DEFAULT_LIFETIME_MS + 60000);
	d = world_delivered(w, 3);
	world_deliver_fault(w, d);
	world_until_state(w, id, "in-doubt", &row);
	assert_in_range(row.next_try_ms, clock_wall_ms() + HOUR - 10000, clock_wall_ms() + HOUR);
	world_move_clock(w, RXP_DEFAULT_LIFETIME_MS + 60000 + HOUR);
	d = world_delivered(w, 4);
	f = world_receipt(d);
	world_deliver(w, d, 200, &f);
	world_until_state(w, id, "delivered-late", &row);
	assert_int_equal(w->closed, 2);
}

/* One field each; the unchanged twin is test_delivered. */
static void spoil(struct fake_answer *f, unsigned what)
{
	struct msg_answer_checked *c = &f->checked;

	switch (what) {
	case 0:
		c->message_id[0] ^= 1;
		break;
	case 1:
		c->envelope_digest[0] ^= 1;
		break;
	case 2:
		c->fingerprint[0] ^= 1;
		break;
	case 3:
		strcpy(c->from, "QRC");
		break;
	case 4:
		strcpy(c->to, "QRC");
		break;
	case 5:
		c->has_fingerprint = 0;
		break;
	default:
		f->result = (uint32_t)RXP_ERR_SEAL;
		break;
	}
}

static void test_false_answers(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (unsigned what = 0; what <= 6; what++) {
		world_ping(w, id);
		d = world_delivered(w, 2 * what + 1);
		f = world_receipt(d);
		spoil(&f, what);
		world_deliver(w, d, 200, &f);
		world_until_state(w, id, "in-doubt", &row);
		assert_string_equal(row.last_error,
		    what < 6 ? "answer to something else" : rxp_err_text(RXP_ERR_SEAL));
		world_move_clock(w, (what + 1) * REGISTRY_RETRY_LAST_MS);
		d = world_delivered(w, 2 * what + 2);
		f = world_receipt(d);
		world_deliver(w, d, 200, &f);
		world_until_state(w, id, "delivered", &row);
	}
}

/* Three tries by the moved clock, then a person; then three more. */
static void park(struct world *w, const uint8_t id[16], unsigned *n, const struct fake_answer *like)
{
	struct rec_message_row row;

	for (unsigned i = 1; i <= REGISTRY_STRIKES_MAX; i++) {
		const struct world_delivery *d = world_delivered(w, ++*n);
		struct fake_answer f = world_receipt(d);

		if (like != NULL) {
			f.checked.kind = like->checked.kind;
			f.checked.refusal = like->checked.refusal;
			f.checked.final = 0;
			f.checked.has_fingerprint = 0;
		}
		world_deliver(w, d, 422, like != NULL ? &f : NULL);
		if (i == REGISTRY_STRIKES_MAX)
			break;
		world_until_state(w, id, "in-doubt", &row);
		world_move_clock(w, *n * REGISTRY_RETRY_LAST_MS);
	}
	world_until_state(w, id, "parked", &row);
	assert_int_equal(row.next_try_ms, 0);
}

static void test_parked(void **state)
{
	static const enum rxp_refusal hopeless[] = {
	    RXP_REFUSAL_UNOPENABLE, RXP_REFUSAL_REKEY, RXP_REFUSAL_RECIPIENT};
	struct world *w = *state;
	struct msg_message_requeue m = {.user = "officer"};
	struct msg_message_show polled = {.wait_ms = 30000};
	struct fake_answer f = {.checked = {.kind = RXP_ANSWER_REFUSAL}};
	struct rec_message_row row;
	unsigned n = 0;
	uint8_t id[16];

	world_begin(w, id);
	memcpy(m.local_id, id, sizeof m.local_id);
	memcpy(polled.local_id, id, sizeof polled.local_id);
	park(w, id, &n, NULL);
	/* Nothing moves it but a person: who waits for it hears so at once. */
	assert_int_equal(world_ask(w, IPC_message_show, &polled)->final, 0);
	for (size_t i = 0; i < sizeof hopeless / sizeof hopeless[0]; i++) {
		assert_int_equal(world_ask(w, IPC_message_requeue, &m)->result, 0);
		assert_int_equal((int)world_ask(w, IPC_message_requeue, &m)->result, RXP_ERR_STATE);
		f.checked.refusal = 1 + (uint32_t)hopeless[i];
		park(w, id, &n, &f);
	}
	world_show(w, id, &row);
	assert_string_equal(row.last_error, "refused for now: recipient");
	assert_int_equal(w->closed, 1);
	world_restart(w);
	pump_for(w->loop, 20);
	assert_int_equal(w->n_deliveries, 0);
}

/* Distrusted while it is closed: the octets do not leave, and it was never on a line. */
static void test_distrusted_in_between(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};
	struct rec_message_row row;
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	link_pause(w->sealer, true);
	world_ping(w, id);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	link_pause(w->sealer, false);
	world_until_state(w, id, "closed", &row);
	pump_for(w->loop, 50);
	assert_int_equal(w->n_deliveries, 0);
	world_show(w, id, &row);
	assert_string_equal(row.state, "closed");
	assert_int_equal(row.attempts, 0);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	world_delivered(w, 1);
}

/* The other process's clock is not believed beyond ours. */
static void test_time_of_the_gateway(void **state)
{
	struct world *w = *state;
	struct msg_delivery m = {.http_status = 200};
	struct rec_message_row row;
	struct fake_answer f;
	uint8_t id[16];

	world_begin(w, id);
	f = world_receipt(world_delivered(w, 1));
	f.checked.received_ms += 2 * HOUR;
	m.answered_ms = clock_wall_ms() + 3 * HOUR;
	m.answer = (struct bytes){(const uint8_t *)&f, sizeof f};
	assert_int_equal(
	    link_answer(w->gateway, IPC_delivery, w->deliveries[0].request, &m, NULL, 0), 0);
	world_until_state(w, id, "delivered", &row);
	assert_flags(&row, "time-disputed");
	assert_true(row.answered_ms <= clock_wall_ms());
}

/* More of them than one look at the queue takes. */
static void test_damaged_rows(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "officer", .party = PEER};
	struct msg_message_show polled = {.wait_ms = 30000};
	const struct msg_log_note note = {.peer = PEER, .user = "officer"};
	struct rec_message_row row;
	uint8_t ids[3 * REGISTRY_PEER_WINDOW][16];
	unsigned n = sizeof ids / sizeof ids[0], answers;
	sqlite3 *db = NULL;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	link_pause(w->sealer, true);
	for (unsigned i = 0; i < n; i++)
		world_ping(w, ids[i]);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db,
			     "UPDATE outbox SET from_office = hex(randomblob(50)) WHERE local_id < "
			     "(SELECT MAX(local_id) FROM outbox)",
			     NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_changes(db), n - 1);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
	assert_int_equal(world_start(w), 0);
	assert_int_equal(world_ask(w, IPC_log_note, &note)->result, 0); /* RXP-LOG-032 */
	memcpy(polled.local_id, ids[0], sizeof polled.local_id);
	answers = w->n_answers;
	assert_int_equal(link_request(w->desk, IPC_message_show, &polled, NULL, 0, NULL), 0);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	world_until(w, &w->n_answers, answers + 2); /* who waits for it hears so at once */
	world_delivered(w, 1);
	world_show(w, ids[0], &row);
	assert_string_equal(row.state, "parked");
	assert_string_equal(row.last_error, "what is stored of it is damaged");
	world_show(w, ids[n - 1], &row);
	assert_string_equal(row.state, "sending");
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_PARKED], n - 1);
	assert_int_equal(peers_find(w->assembly->peers, PEER)->counts[STATE_WAITING], 0);
}

/* What arrives in one round shares its commit. */
static void test_group_commit(void **state)
{
	struct world *w = *state;
	struct msg_peer_ping m = {.user = "officer", .party = PEER};
	struct store_count before, after;

	world_add_peer(w, 1);
	pump_for(w->loop, 20);
	link_pause(w->sealer, true);
	before = store_counts(w->assembly->node.store);
	w->n_answers = 0;
	while (link_has_room(w->desk, IPC_peer_ping))
		assert_int_equal(link_request(w->desk, IPC_peer_ping, &m, NULL, 0, NULL), 0);
	world_until(w, &w->n_answers, 8);
	after = store_counts(w->assembly->node.store);
	assert_int_equal(after.items - before.items, 8);
	assert_int_equal(after.commits - before.commits, 1);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_delivered),
	    WORLD_TEST(test_crash_in_doubt),
	    WORLD_TEST(test_crash_waiting),
	    WORLD_TEST(test_final_refusals),
	    WORLD_TEST(test_flags_whole),
	    WORLD_TEST(test_late_and_disputed),
	    WORLD_TEST(test_false_answers),
	    WORLD_TEST(test_parked),
	    WORLD_TEST(test_distrusted_in_between),
	    WORLD_TEST(test_time_of_the_gateway),
	    WORLD_TEST(test_damaged_rows),
	    WORLD_TEST(test_group_commit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
