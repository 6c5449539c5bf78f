/*
 * Goals of the HandedOver that the node writes, with everything around the registry played: taking a document
 * over and its HandedOver are one commit; it names the last document up to which the desk has all, each once;
 * while it cannot leave, one names what others would have; nobody but the node writes one, and it is said of no
 * document that nobody collects, to nobody who is distrusted, and not in a case that is nearly full.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include <sqlite3.h>

#define HANDED_OVER "HandedOver"
#define REMINDER "Reminder"

static int rows(const char *condition)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	char text[256];
	int n = -1;

	snprintf(text, sizeof text, "SELECT COUNT(*) FROM outbox WHERE type = 'HandedOver' AND %s",
	    condition);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &s, NULL), SQLITE_OK);
	if (sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

/* How many the node has written; it is started anew. */
static int written(struct world *w)
{
	int n;

	world_stop(w);
	n = rows("1");
	assert_int_equal(world_start(w), 0);
	return n;
}

/* The local id of the document of the peer with this fingerprint. */
static struct msg_inbox_ack ack_of(struct world *w, const struct fake_envelope *e)
{
	const struct msg_list list = {.list = "inbox"};
	const struct world_answer *a = world_ask(w, IPC_list, &list);
	struct record_cursor c = {a->octets, a->len};
	struct msg_inbox_ack m = {.user = "officer"};
	struct rec_message_row row;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&row, &record_message_row, fields.data, fields.len), 0);
		if (memcmp(row.fingerprint, e->fingerprint, sizeof row.fingerprint) == 0) {
			memcpy(m.local_id, row.local_id, sizeof m.local_id);
			return m;
		}
	}
	fail_msg("it is not in the inbox");
	return m;
}

static void take_over(struct world *w, const struct fake_envelope *e)
{
	const struct msg_inbox_ack m = ack_of(w, e);

	assert_int_equal(world_ask(w, IPC_inbox_ack, &m)->result, 0);
}

/* Does the n-th delivery name this document? */
static void assert_names(struct world *w, unsigned n, const struct fake_envelope *e)
{
	const struct world_delivery *d = world_delivered(w, n);
	struct facts f = case_facts_all("reach-requested-desk", e->fingerprint);

	assert_string_equal(d->envelope.type, HANDED_OVER);
	assert_int_equal(d->envelope.facts_len, f.len);
	assert_memory_equal(d->envelope.facts, f.octets, f.len);
}

/* A case that the peer opens, with a reminder behind its application. */
static struct fake_envelope application, reminder;

static void receive_both(struct world *w)
{
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	application = case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	reminder = case_document(2, their_case, REMINDER, 2, case_facts_all("remind-reply", NULL));
	case_previous(&reminder, &application);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	assert_int_equal(world_admit(w, &reminder)->http_status, 200);
}

static void test_one(void **state)
{
	struct world *w = *state;
	struct fake_envelope said;
	struct msg_inbox_ack m;
	struct shown s;

	receive_both(w);
	m = ack_of(w, &application);
	take_over(w, &application);
	assert_names(w, 1, &application);
	assert_string_equal(w->last_close.from_office, "READMISSION");
	assert_string_equal(w->last_close.to_office, "RETURNS");
	assert_memory_equal(w->last_close.seen, reminder.fingerprint, 32);
	said = case_receipt(w, 1, NULL);
	case_show(w, their_case, &s);
	assert_int_equal(s.n, 3);
	assert_string_equal(s.timeline[2].type, HANDED_OVER);
	assert_string_equal(s.timeline[2].from, OWN);
	assert_string_equal(s.timeline[2].effect, "effective");
	assert_memory_equal(s.timeline[2].fingerprint, said.fingerprint, 32);
	assert_string_equal(s.traits[1], "at-desk reminded");
	/* Asking again says nothing again. */
	assert_int_equal(world_ask(w, IPC_inbox_ack, &m)->result, 0);
	assert_int_equal(written(w), 1);
}

/* Gone before the commit: neither. Gone after it: both, and once. */
static void test_crash(void **state)
{
	struct world *w = *state;
	struct msg_inbox_ack m;
	uint64_t commits;

	receive_both(w);
	m = ack_of(w, &application);
	assert_int_equal(link_request(w->desk, IPC_inbox_ack, &m, NULL, 0, NULL), 0);
	assert_int_equal(written(w), 0);
	m = ack_of(w, &application);
	link_pause(w->sealer, true);
	link_pause(w->gateway, true);
	commits = store_counts(w->assembly->node.store).commits;
	assert_int_equal(link_request(w->desk, IPC_inbox_ack, &m, NULL, 0, NULL), 0);
	pump_while(w->loop, store_counts(w->assembly->node.store).commits == commits);
	assert_int_equal(written(w), 1);
	assert_int_equal(world_ask(w, IPC_inbox_ack, &m)->result, 0);
	assert_names(w, 1, &application);
	assert_int_equal(written(w), 1);
}

/* Nothing is said of a document while the desk lacks one before it. */
static void test_order(void **state)
{
	struct world *w = *state;

	receive_both(w);
	take_over(w, &reminder);
	assert_int_equal(written(w), 0);
	take_over(w, &application);
	assert_names(w, 1, &reminder);
	assert_int_equal(written(w), 1);
}

/* What the desk lacks in between is waited for, and what was said is not said again. */
static void test_hole(void **state)
{
	struct world *w = *state;
	struct fake_envelope third;

	receive_both(w);
	third = case_document(3, their_case, REMINDER, 3, case_facts_all("remind-reply", NULL));
	case_previous(&third, &reminder);
	assert_int_equal(world_admit(w, &third)->http_status, 200);
	take_over(w, &application);
	assert_names(w, 1, &application);
	case_receipt(w, 1, NULL);
	take_over(w, &third);
	assert_int_equal(written(w), 1);
	take_over(w, &reminder);
	assert_names(w, 1, &third);
	assert_int_equal(written(w), 2);
}

static void erase(struct world *w, const struct msg_inbox_ack *of)
{
	struct msg_content_correct m = {.user = "uid:9", .what = "erase"};

	memcpy(m.local_id, of->local_id, sizeof m.local_id);
	assert_int_equal(world_ask(w, IPC_content_correct, &m)->result, 0);
}

/* RXP-HND-006: nobody read the application, and the reminder behind it says no more than that. */
static void test_erased_unread(void **state)
{
	struct world *w = *state;
	struct msg_inbox_ack m;

	receive_both(w);
	m = ack_of(w, &application);
	erase(w, &m);
	take_over(w, &reminder);
	assert_int_equal(written(w), 0);
	assert_int_equal(world_ask(w, IPC_inbox_ack, &m)->result, 0);
	assert_int_equal(written(w), 0);
}

/* Its twin: somebody had read it. */
static void test_erased_later(void **state)
{
	struct world *w = *state;
	struct msg_inbox_ack m;

	receive_both(w);
	m = ack_of(w, &application);
	take_over(w, &application);
	assert_names(w, 1, &application);
	case_receipt(w, 1, NULL);
	erase(w, &m);
	take_over(w, &reminder);
	assert_names(w, 2, &reminder);
}

/* Whatever is taken over while one is under way costs one more, which names the last. */
static void test_bundled(void **state)
{
	struct world *w = *state;
	struct fake_envelope third, fourth;

	receive_both(w);
	third = case_document(3, their_case, REMINDER, 3, case_facts_all("remind-reply", NULL));
	case_previous(&third, &reminder);
	fourth = case_document(4, their_case, REMINDER, 4, case_facts_all("remind-reply", NULL));
	case_previous(&fourth, &third);
	assert_int_equal(world_admit(w, &third)->http_status, 200);
	assert_int_equal(world_admit(w, &fourth)->http_status, 200);
	take_over(w, &application);
	assert_names(w, 1, &application);
	take_over(w, &reminder);
	take_over(w, &third);
	take_over(w, &fourth);
	world_stop(w);
	assert_int_equal(rows("state = 'sending'"), 1);
	assert_int_equal(rows("state = 'draft'"), 1);
	assert_int_equal(rows("1"), 2);
	assert_int_equal(world_start(w), 0);
	case_receipt(w, 1, NULL);
	assert_names(w, 2, &fourth);
}

/* Behind what the officer gave before, which keeps its place. */
static void test_behind_others(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16];

	memcpy(case_id, their_case, sizeof case_id);
	receive_both(w);
	case_accepted(
	    w, "key-1", case_id, EXTENSION, case_facts_all("extend", application.fingerprint), id);
	world_delivered(w, 1);
	take_over(w, &application);
	world_stop(w);
	assert_int_equal(rows("state = 'draft'"), 1);
	assert_int_equal(world_start(w), 0);
	case_receipt(w, 1, id);
	assert_names(w, 2, &application);
	assert_int_equal(w->last_close.position, 2);
}

/* The peer's HandedOver waits for nobody, so that two nodes do not answer each other for ever. */
static void test_none_of_one(void **state)
{
	struct world *w = *state;
	struct msg_list inbox = {.list = "inbox"};
	struct fake_envelope own, said;
	uint8_t case_id[16];

	own = case_asked(w, case_id);
	said = case_document(
	    1, case_id, HANDED_OVER, 1, case_facts_all("reach-requested-desk", own.fingerprint));
	case_seen(&said, &own);
	assert_int_equal(world_admit(w, &said)->http_status, 200);
	assert_int_equal(case_listed(w, &inbox), 0);
	assert_int_equal(written(w), 0);
}

/* RXP-DOC-014; its twin is Reminder, which people write. */
static void test_not_by_people(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16];

	receive_both(w);
	memcpy(case_id, their_case, sizeof case_id);
	case_not_accepted(w, case_id, HANDED_OVER,
	    case_facts_all("reach-requested-desk", application.fingerprint), RXP_ERR_UNSUPPORTED,
	    "the node itself writes this type");
	case_accepted(w, "key-1", case_id, REMINDER, case_facts_all("remind", NULL), id);
}

static void test_distrusted(void **state)
{
	struct world *w = *state;
	struct msg_peer_distrust m = {.user = "operator", .party = PEER};

	receive_both(w);
	assert_int_equal(world_ask(w, IPC_peer_distrust, &m)->result, 0);
	take_over(w, &application);
	assert_int_equal(written(w), 0);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	take_over(w, &reminder);
	assert_int_equal(written(w), 1);
}

/* Copies of the only draft of the case, until it has so many documents. */
static void fill_case(int documents)
{
	sqlite3 *db = NULL;
	char text[512];

	snprintf(text, sizeof text,
	    "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < %d) "
	    "INSERT INTO outbox (local_id, peer, state, type, from_office, to_office, accepted_ms, "
	    "case_id, turn, draft, facts) SELECT randomblob(16), peer, 'draft', type, from_office, "
	    "to_office, accepted_ms, case_id, turn + n, draft, facts FROM k, outbox "
	    "WHERE type = 'Reminder' AND turn = 1",
	    documents);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, text, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

/* RXP-HND-005: two of the peer and one of ours are there already. */
static void test_room(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16];

	receive_both(w);
	memcpy(case_id, their_case, sizeof case_id);
	case_accepted(w, "key-1", case_id, REMINDER, case_facts_all("remind", NULL), id);
	world_delivered(w, 1);
	world_stop(w);
	fill_case(RXP_MAX_CASE_DOCUMENTS - 64 - 3 - 1);
	assert_int_equal(world_start(w), 0);
	take_over(w, &application);
	assert_int_equal(written(w), 1);
	world_stop(w);
	assert_int_equal(rows("state = 'draft'"), 1);
	assert_int_equal(world_start(w), 0);
}

static void test_no_room(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16], id[16];

	receive_both(w);
	memcpy(case_id, their_case, sizeof case_id);
	case_accepted(w, "key-1", case_id, REMINDER, case_facts_all("remind", NULL), id);
	world_delivered(w, 1);
	world_stop(w);
	fill_case(RXP_MAX_CASE_DOCUMENTS - 64 - 3);
	assert_int_equal(world_start(w), 0);
	take_over(w, &application);
	assert_int_equal(written(w), 0);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_one),
	    WORLD_TEST(test_crash),
	    WORLD_TEST(test_order),
	    WORLD_TEST(test_hole),
	    WORLD_TEST(test_erased_unread),
	    WORLD_TEST(test_erased_later),
	    WORLD_TEST(test_bundled),
	    WORLD_TEST(test_behind_others),
	    WORLD_TEST(test_none_of_one),
	    WORLD_TEST(test_not_by_people),
	    WORLD_TEST(test_distrusted),
	    WORLD_TEST(test_room),
	    WORLD_TEST(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
