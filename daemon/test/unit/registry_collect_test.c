/*
 * Goals of collecting, with everything around the registry played: content is read only after the
 * journal has it; a received document is taken over once. The journal says which officers gave a document.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include <sqlite3.h>

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

/* Who gave a document to the node stays here, and only here (RXP-SAF-027). */
static void test_officers(void **state)
{
	static const struct {
		const char *key, *first, *second, *reason;
		uint32_t confirmed;
	} cases[] = {
	    {"key-1", "S-3001", "S-3002", "by S-3001, read by S-3002", 0},
	    {"key-2", "S-3001", "", "by S-3001", 0},
	    {"key-3", "", "", "by ?", 0},
	    {"key-4", "0123456789ABCDEF", "F123456789ABCDEF",
		"by 0123456789ABCDEF, read by F123456789ABCDEF, names confirmed", 1},
	};
	struct world *w = *state;
	struct facts apply = case_facts("apply", 1, 1, NULL);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct msg_submit m = case_submission(cases[i].key, NULL, APPLICATION, &apply);

		snprintf(m.officer, sizeof m.officer, "%s", cases[i].first);
		snprintf(m.second_officer, sizeof m.second_officer, "%s", cases[i].second);
		m.names_confirmed = cases[i].confirmed;
		assert_int_equal(world_ask(w, IPC_submit, &m)->result, 0);
	}
	world_stop(w);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char condition[128];

		snprintf(condition, sizeof condition, "action = 'message-submit' AND reason = '%s'",
		    cases[i].reason);
		assert_int_equal(journal_rows(condition), 1);
	}
	assert_int_equal(world_start(w), 0);
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
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	struct msg_content_get m = {.user = "reader", .reason = "case-work"};
	const struct world_answer *a;
	uint64_t commits;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	assert_int_equal((int)world_ask(w, IPC_content_get, &m)->result, RXP_ERR_NOT_FOUND);
	inbox_id(w, m.local_id);
	m.reason[0] = '\0';
	assert_int_equal((int)world_ask(w, IPC_content_get, &m)->result, RXP_ERR_SYNTAX);
	snprintf(m.reason, sizeof m.reason, "%s", "case work"); /* no word of the list */
	assert_int_equal((int)world_ask(w, IPC_content_get, &m)->result, RXP_ERR_SYNTAX);
	assert_int_equal(w->tickets, 0);
	snprintf(m.reason, sizeof m.reason, "%s", "case-work");
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
	pump_while(w->loop, store_counts(w->assembly->node.store).commits == commits);
	world_stop(w);
	assert_int_equal(
	    journal_rows("action = 'content-read' AND user = 'reader' "
			 "AND reason = 'case-work' AND role = 'receive' AND peer = 'QRB'"),
	    2);
	assert_int_equal(world_start(w), 0);
	assert_int_equal(w->tickets, 1);
}

static void test_own_content(void **state)
{
	struct world *w = *state;
	struct msg_content_get m = {.user = "reader", .reason = "case-work"};
	uint8_t case_id[16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	case_accepted(w, "key-1", case_id, APPLICATION, case_facts("apply", 1, 2, NULL), id);
	world_delivered(w, 1);
	case_accepted(
	    w, "key-2", case_id, WITHDRAWAL, case_facts("withdraw", 1, 1, NULL), m.local_id);
	assert_int_equal((int)world_ask(w, IPC_content_get, &m)->result, RXP_ERR_STATE);
	memcpy(m.local_id, id, sizeof m.local_id);
	assert_int_equal(world_ask(w, IPC_content_get, &m)->result, 0);
	assert_int_equal(w->tickets, 1);
}

static void test_ack(void **state)
{
	struct world *w = *state;
	struct fake_envelope e =
	    case_document(1, their_case, APPLICATION, 1, case_facts("apply", 1, 2, NULL));
	struct msg_inbox_ack m = {.user = "officer"};
	struct msg_list waiting = {.list = "inbox", .wait_ms = 30000}, inbox = {.list = "inbox"};
	struct rec_message_row row;
	unsigned n;

	w->proves_nothing = true; /* the node looks at its own rows whenever it comes to that */
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
	    WORLD_TEST(test_content),
	    WORLD_TEST(test_own_content),
	    WORLD_TEST(test_ack),
	    WORLD_TEST(test_officers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
