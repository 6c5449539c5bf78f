/*
 * Goals of documents of no case, with everything around the registry played: what people write leaves without a place
 * and at once, once for each key, and with no case and no attachment; what a peer writes waits for the desk, is kept and
 * read, counts for the peer's share and tells nobody when it is taken over; what the node itself reads leaves only its
 * receipt.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include <sqlite3.h>

#define INCIDENT "IncidentNotice"

static const struct facts nothing;

static struct msg_submit incident(const char *key)
{
	struct msg_submit m = case_submission(key, NULL, INCIDENT, &nothing);

	m.draft = (struct bytes){(const uint8_t *)"draft", 5};
	m.facts = (struct bytes){NULL, 0};
	return m;
}

static const struct world_answer *submit(
    struct world *w, const struct msg_submit *m, int result, const char *words)
{
	const struct world_answer *a = world_ask(w, IPC_submit, m);

	assert_string_equal(a->words, words);
	assert_int_equal((int)a->result, result);
	return a;
}

static void test_sent(void **state)
{
	static const uint8_t none[16];
	struct world *w = *state;
	struct msg_submit m = incident("key-1");
	const struct world_answer *a;
	uint8_t id[16];

	submit(w, &m, RXP_ERR_NOT_FOUND, "the party is no peer");
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	a = submit(w, &m, 0, "");
	assert_memory_equal(a->case_id, none, sizeof none);
	assert_int_equal(a->more, 0);
	memcpy(id, a->id, sizeof id);
	case_receipt(w, 1, id);
	assert_string_equal(w->last_close.type, INCIDENT);
	assert_int_equal(w->last_close.in_case, 0);
	assert_string_equal(w->last_close.from_office, "DATA-PROTECTION");
	assert_string_equal(w->last_close.to_office, "DATA-PROTECTION");
	world_restart(w);
	a = submit(w, &m, 0, "");
	assert_int_equal(a->more, 1);
	assert_memory_equal(a->id, id, sizeof id);
	m.body_digest[0] ^= 1;
	submit(w, &m, RXP_ERR_MISMATCH, "the key was used for other content");
}

/* Each is the right order but for one thing. */
static void test_not_sent(void **state)
{
	struct world *w = *state;
	struct msg_submit m = incident("key-1"), good = m;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	m.case_id[0] = 1;
	submit(w, &m, RXP_ERR_STATE, "RXP-DOC-015: this type belongs to no case");
	m = good;
	m.attachments = (struct bytes){(const uint8_t *)"rows", 4};
	submit(w, &m, RXP_ERR_STATE, "RXP-DOC-015: this type has no attachments");
	m = good;
	m.draft.len = 0;
	submit(w, &m, RXP_ERR_SYNTAX, "there is no content");
	m = good;
	snprintf(m.type, sizeof m.type, "Void");
	submit(w, &m, RXP_ERR_UNSUPPORTED, "the node itself writes this type");
	assert_int_equal(w->closed, 0);
	submit(w, &good, 0, "");
	world_delivered(w, 1);
}

static int number_of(const char *text)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	int n = -1;

	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &s, NULL), SQLITE_OK);
	if (sqlite3_step(s) == SQLITE_ROW)
		n = sqlite3_column_int(s, 0);
	assert_int_equal(sqlite3_step(s), SQLITE_DONE);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}

/* What is stored of the only message received. */
static int stored(const char *column)
{
	char text[128];

	snprintf(text, sizeof text, "SELECT COALESCE(LENGTH(%s), 0) FROM inbox", column);
	return number_of(text);
}

static int counted(void)
{
	return number_of("SELECT octets FROM peer");
}

static void test_received(void **state)
{
	struct world *w = *state;
	struct msg_content_get get = {.user = "reader", .reason = "incident"};
	struct msg_inbox_ack ack = {.user = "officer"};
	struct msg_list inbox = {.list = "inbox"}, queue = {.list = "queue"};
	struct fake_envelope e = world_envelope(1);
	const struct world_answer *a;
	struct rec_message_row row;
	struct record_cursor c;
	struct bytes fields;
	uint16_t tag;

	snprintf(e.type, sizeof e.type, INCIDENT);
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	a = world_ask(w, IPC_list, &inbox);
	c = (struct record_cursor){a->octets, a->len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&row, &record_message_row, fields.data, fields.len), 0);
	memcpy(get.local_id, row.local_id, sizeof get.local_id);
	memcpy(ack.local_id, row.local_id, sizeof ack.local_id);
	assert_int_equal(world_ask(w, IPC_content_get, &get)->row_len, sizeof e);
	assert_int_equal(world_ask(w, IPC_inbox_ack, &ack)->result, 0);
	assert_int_equal(case_listed(w, &inbox), 0);
	assert_int_equal(case_listed(w, &queue), 0);
	/* What the peer occupies is counted: the answer, and what is kept of the message. */
	world_stop(w);
	assert_int_equal(counted(), sizeof(struct fake_sealed) + sizeof e + 7 + 8);
	assert_int_equal(stored("envelope"), sizeof e);
	assert_int_equal(stored("wrapped_key"), 7);
	assert_int_equal(stored("evidence"), 8);
	assert_int_equal(world_start(w), 0);
}

/* Its twin is test_received. */
static void test_heard(void **state)
{
	struct world *w = *state;
	struct msg_list inbox = {.list = "inbox"};
	struct rec_node_attachments says = {.fingerprint = {1}, .complete_ms = 1};
	struct fake_envelope e = world_envelope(1);
	struct rxp_buf list;

	snprintf(e.type, sizeof e.type, "AttachmentsReceived");
	rxp_buf_init(&list, sizeof e.facts);
	assert_int_equal(
	    record_list_put(&list, REC_node_attachments, &record_node_attachments, &says), 0);
	memcpy(e.facts, list.data, list.len);
	e.facts_len = (uint32_t)list.len - 1;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &e)->http_status, 503);
	e.facts_len++;
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	assert_int_equal(case_listed(w, &inbox), 0);
	world_stop(w);
	assert_int_equal(stored("envelope"), 0);
	assert_int_equal(stored("wrapped_key"), 0);
	assert_int_equal(stored("evidence"), 0);
	assert_int_equal(world_start(w), 0);
	rxp_buf_free(&list);
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_sent),
	    WORLD_TEST(test_not_sent),
	    WORLD_TEST(test_received),
	    WORLD_TEST(test_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
