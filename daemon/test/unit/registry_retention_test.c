/*
 * Goals of retention, with everything around the registry played (RXP-RET-001 to 011):
 * - nothing goes a millisecond before it is due, and all of it goes then: content keys, envelopes, drafts, digests
 *   of what the desk sent, attachments and their keys; no octet of an envelope stays in the files;
 * - what proves a document stays, and the case is folded from it as before;
 * - a document stays until its last person may go; one on its way stays; a profile that says nothing erases
 *   nothing;
 * - what is erased is journalled, counted back to the peer's share, and stays erased over a start.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_retention_rig.h"

static void test_received(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = retention_their_application(1);
	struct shown before, after;
	int64_t octets, until_ms;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	retention_restart(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM case_ WHERE look_ms IS NULL"), 1);
	retention_withdraw(w, 2, 2, &application, 1);
	case_show(w, their_case, &before);
	assert_string_equal(before.row.state, "ended");
	assert_true(retention_in_files(MARK));
	octets = retention_on_disk(w, "SELECT octets FROM peer");
	until_ms = retention_due_of_case(w, their_case) - clock_wall_ms();
	assert_true(until_ms > 58 * DAY && until_ms < 64 * DAY);
	retention_pass(w, until_ms - 10000);
	assert_int_equal(retention_count(w, their_case, PLAN_BLOCKED), 1);
	assert_int_equal(retention_count(w, their_case, PLAN_HELD), 1); /* the withdrawal */
	assert_true(retention_in_files(MARK));
	retention_pass(w, until_ms);
	assert_int_equal(retention_count(w, their_case, PLAN_ERASED), 2);
	assert_false(retention_in_files(MARK));
	case_show(w, their_case, &after);
	assert_string_equal(after.row.state, "erased");
	assert_string_equal(after.persons[1], "withdrawn");
	assert_int_equal(after.n, before.n);
	for (size_t i = 0; i < before.n; i++) {
		assert_memory_equal(after.timeline[i].fingerprint, before.timeline[i].fingerprint,
		    sizeof after.timeline[i].fingerprint);
		assert_string_equal(after.timeline[i].effect, before.timeline[i].effect);
		assert_int_equal(after.timeline[i].received_ms, before.timeline[i].received_ms);
	}
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM inbox WHERE envelope IS NULL AND "
				 "wrapped_key IS NULL AND evidence IS NOT NULL AND facts IS NOT "
				 "NULL AND state = 'handed-over'"),
	    2);
	assert_true(
	    retention_on_disk(w, "SELECT octets FROM peer") < octets - (int64_t)sizeof application);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'content-erase' "
				 "AND user = 'node' AND role = 'node' AND reason = 'retention' "
				 "AND case_id = (SELECT case_id FROM case_)"),
	    2);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM answer WHERE LENGTH(octets) > 0"), 2);
	/* The peer repeats itself: the stored receipt, and nothing comes back. */
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	assert_false(retention_in_files(MARK));
	assert_int_equal(retention_count(w, their_case, PLAN_ERASED), 2);
}

/* Whoever withdrew is not shown while the application is kept for the other; alone, they block all of it. */
static void test_blocked(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = retention_their_application(2), first;
	struct msg_content_get m = {.user = "uid:7", .reason = "review"};
	struct plan p;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	retention_restart(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	p = retention_plan_of(w, their_case);
	memcpy(m.local_id, p.documents[0].local_id, sizeof m.local_id);
	plan_clear(&p);
	assert_int_equal(world_ask(w, IPC_content_get, &m)->result, 0);
	assert_int_equal(w->last_ticket.hidden, 0);
	first = retention_withdraw(w, 2, 2, &application, 2);
	assert_int_equal(world_ask(w, IPC_content_get, &m)->result, 0);
	assert_int_equal(w->last_ticket.hidden, 2);
	m.disputes = 1;
	assert_int_equal(world_ask(w, IPC_content_get, &m)->result, 0);
	assert_int_equal(w->last_ticket.hidden, 0);
	retention_withdraw(w, 3, 3, &first, 1);
	assert_int_equal(world_ask(w, IPC_content_get, &m)->result, 0);
	m.disputes = 0;
	assert_int_equal((int)world_ask(w, IPC_content_get, &m)->result, RXP_ERR_STATE);
	assert_int_equal(w->tickets, 4);
	retention_pass(w, 4 * MONTH);
	m.disputes = 1;
	assert_int_equal((int)world_ask(w, IPC_content_get, &m)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'content-read'"), 2);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'blocked-read' "
				 "AND role = 'dispute'"),
	    2);
}

static void test_last_person_decides(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = retention_their_application(2), first;
	struct plan p;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	retention_restart(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	first = retention_withdraw(w, 2, 2, &application, 2);
	retention_pass(w, 4 * MONTH);
	p = retention_plan_of(w, their_case);
	assert_int_equal(p.n, 2);
	assert_int_equal(p.documents[0].content, PLAN_HELD); /* of both */
	assert_int_equal(p.documents[0].persons, 3);
	assert_int_equal(p.documents[0].hidden, 2);
	assert_true(p.documents[0].due_ms == RXP_DUE_NEVER);
	assert_int_equal(p.documents[1].content, PLAN_ERASED); /* of P2 alone */
	plan_clear(&p);
	assert_true(retention_in_files(MARK));
	retention_withdraw(w, 3, 3, &first, 1);
	retention_pass(w, 8 * MONTH);
	assert_int_equal(retention_count(w, their_case, PLAN_ERASED), 3);
	assert_false(retention_in_files(MARK));
}

static void test_sent(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16], waits[16];
	struct msg_content_get read = {.user = "uid:7", .reason = "review"};
	struct msg_case_hold hold = {.user = "uid:7", .persons = 1, .reason = "health"};
	struct facts withdraw_one = case_facts("withdraw", 1, 1, NULL);
	struct rec_message_row row;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	retention_restart(w);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	case_receipt(w, 1, id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, withdraw_one, waits);
	world_delivered(w, 2);
	retention_pass(w, 4 * MONTH);
	assert_int_equal(retention_count(w, case_id, PLAN_ON_ITS_WAY), 1);
	assert_int_equal(retention_count(w, case_id, PLAN_HELD), 1);
	memcpy(hold.case_id, case_id, sizeof hold.case_id);
	assert_int_equal(world_ask(w, IPC_case_hold, &hold)->result, 0);
	case_receipt(w, 2, NULL);
	world_until_state(w, waits, "delivered-late", &row);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM hold WHERE reason = 'health'"), 1);
	retention_pass(w, 8 * MONTH);
	assert_int_equal(retention_count(w, case_id, PLAN_ERASED), 2);
	/* RXP-JRN-004: that somebody was held stays, and why does not. */
	assert_int_equal(retention_on_disk(w, "SELECT COUNT(*) FROM hold"), 0);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'case-hold'"), 1);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM journal WHERE reason LIKE '%health%'"), 0);
	assert_int_equal((int)world_ask(w, IPC_case_hold, &hold)->result, RXP_ERR_STATE);
	memcpy(read.local_id, id, sizeof read.local_id);
	assert_int_not_equal(world_ask(w, IPC_content_get, &read)->result, 0);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM outbox WHERE COALESCE(wrapped_key, "
				 "envelope, draft, idem_key, body_digest) IS NULL AND evidence "
				 "IS NOT NULL AND answer IS NOT NULL AND state LIKE 'delivered%'"),
	    2);
}

/* RXP-RET-009, RXP-RET-010: a receipt with a false time erases nothing that the true one would keep, and keeps
 * nothing that it would erase. */
static void false_time(struct world *w, int64_t received_ms)
{
	const struct world_delivery *d;
	struct rec_message_row row;
	uint8_t case_id[16], id[16];
	struct fake_answer f;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	retention_restart(w);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	case_receipt(w, 1, id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), id);
	d = world_delivered(w, 2);
	f = world_receipt(d);
	f.checked.received_ms = received_ms;
	world_deliver(w, d, 200, &f);
	world_until_state(w, id, "delivered", &row);
	pump_for(w->loop, 3 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(retention_count(w, case_id, PLAN_ERASED), 0);
	retention_pass(w, 4 * MONTH);
	assert_int_equal(retention_count(w, case_id, PLAN_ERASED), 2);
}

static void test_before_it_was_made(void **state)
{
	false_time(*state, 1000);
}

static void test_long_after_it_came(void **state)
{
	false_time(*state, clock_wall_ms() + 1000 * MONTH);
}

#define KEYED "SELECT COUNT(*) FROM outbox WHERE COALESCE(idem_key, body_digest) IS NOT NULL"

/* RXP-RET-011: also of what was given up, and of what is on its way. */
static void test_keys(void **state)
{
	struct world *w = *state;
	struct facts withdraw_one = case_facts("withdraw", 1, 1, NULL);
	struct msg_message_discard discard = {.user = "uid:7"};
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	retention_restart(w);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	case_receipt(w, 1, id);
	case_accepted(w, "key-2", case_id, WITHDRAWAL, withdraw_one, id);
	world_delivered(w, 2);
	case_accepted(
	    w, "key-3", case_id, WITHDRAWAL, case_facts("withdraw", 2, 2, NULL), discard.local_id);
	assert_int_equal(world_ask(w, IPC_message_discard, &discard)->result, 0);
	retention_pass(w, 90 * DAY - 60000);
	assert_int_equal(retention_on_disk(w, KEYED), 3);
	retention_pass(w, 90 * DAY + 60000);
	assert_int_equal(retention_on_disk(w, KEYED), 0);
}

/* RXP-RET-011: the repeated request of a client that did not hear of it. */
static void test_key_of_erased(void **state)
{
	struct world *w = *state;
	struct facts apply = case_facts("apply", 1, 1, NULL);
	struct facts withdraw_one = case_facts("withdraw", 1, 1, NULL);
	char text[RXP_ID_TEXT], words[RECORD_NAME_MAX];
	const struct world_answer *a;
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	retention_restart(w);
	case_accepted(w, "key-1", case_id, APPLICATION, apply, id);
	case_receipt(w, 1, id);
	assert_int_equal(case_submit(w, "key-1", NULL, APPLICATION, &apply)->more, 1);
	assert_int_equal(retention_correct(w, id, "erase")->result, 0);
	rxp_id_text(text, id);
	snprintf(words, sizeof words, "done as %s, which is erased", text);
	a = case_submit(w, "key-1", NULL, APPLICATION, &apply);
	assert_int_equal((int)a->result, RXP_ERR_STATE);
	assert_string_equal(a->words, words);
	a = case_submit(w, "key-1", case_id, WITHDRAWAL, &withdraw_one);
	assert_int_equal((int)a->result, RXP_ERR_MISMATCH);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM outbox WHERE body_digest IS NOT NULL"), 0);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM outbox WHERE case_id IS NOT NULL"), 1);
}

/* The negative twin: the same case and time, and a profile without the word. */
static void test_without_a_word(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = retention_their_application(1);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	world_restart(w);
	retention_say(w, RXP_RETENTION_REFUSED, 1);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	retention_withdraw(w, 2, 2, &application, 1);
	retention_pass(w, 100 * MONTH);
	assert_int_equal(retention_count(w, their_case, PLAN_ERASED), 0);
	assert_true(retention_in_files(MARK));
	retention_say(w, RXP_RETENTION_WITHDRAWN, 2); /* it comes: at the next look, within a day */
	retention_pass(w, 100 * MONTH + DAY + 1);
	assert_int_equal(retention_count(w, their_case, PLAN_ERASED), 2);
}

static void test_refused_for_good(void **state)
{
	struct world *w = *state;
	const struct world_delivery *d;
	struct rec_message_row row;
	uint8_t case_id[16], id[16];
	struct fake_answer f;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	retention_restart(w);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
	d = world_delivered(w, 1);
	f = world_refusal(d, RXP_REFUSAL_SCHEMA, true);
	world_deliver(w, d, 422, &f);
	world_until_state(w, id, "refused", &row);
	retention_pass(w, MONTH);
	assert_int_equal(retention_count(w, case_id, PLAN_HELD), 1);
	retention_pass(w, 4 * MONTH);
	assert_int_equal(retention_count(w, case_id, PLAN_ERASED), 1);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_received),
	    WORLD_TEST(test_blocked),
	    WORLD_TEST(test_last_person_decides),
	    WORLD_TEST(test_sent),
	    WORLD_TEST(test_before_it_was_made),
	    WORLD_TEST(test_long_after_it_came),
	    WORLD_TEST(test_keys),
	    WORLD_TEST(test_key_of_erased),
	    WORLD_TEST(test_without_a_word),
	    WORLD_TEST(test_refused_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
