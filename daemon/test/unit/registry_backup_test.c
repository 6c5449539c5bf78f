/*
 * Backups at the registry, with everything around it played (RXP-RET-016 to 018):
 * - the copy is the database of its last step, though it is written to between the steps; nothing of it is left at the end, nor by a crash;
 * - what is owed is erased before the next start is over, and stays in the list as one entry; what is not here is done with; what has no
 *   final answer is blocked, and erased when it has one; a crash in between costs nothing;
 * - what comes from the peer after the start, and is in the list by its name, is erased in the step that stores it; what is another
 *   document is not; what is here under another local id than the list says is found (RXP-RET-019, RXP-RET-020).
 *
 * links: registry
 */
#include "daemon/test/unit/registry_case_rig.h"

#include <sqlite3.h>

#include "daemon/registry/store/store_erasure.h"

static void seal_keys(struct world *w, struct link *l, const struct link_message *m)
{
	const struct msg_taken taken = {.number = 0};
	const struct msg_escrowed a = {.octets = {(const uint8_t *)"sealed", 6}};

	(void)w;
	assert_int_equal(m->type, IPC_escrow);
	assert_int_equal(link_answer(l, IPC_taken, m->request, &taken, NULL, 0), 0);
	assert_int_equal(link_answer(l, IPC_escrowed, m->request, &a, NULL, 0), 0);
}

static int64_t query(const char *file, const char *text)
{
	sqlite3_stmt *q = NULL;
	sqlite3 *db = NULL;
	int64_t n;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	return n;
}

static int64_t on_disk(struct world *w, const char *text)
{
	int64_t n;

	world_stop(w);
	n = query("readmit.db", text);
	assert_int_equal(world_start(w), 0);
	return n;
}

static struct db *db_of(struct world *w)
{
	return store_db(w->assembly->node.store);
}

static void receive(
    struct world *w, uint8_t id, uint64_t position, const struct fake_envelope *before)
{
	struct fake_envelope e = case_document(id, their_case,
	    before == NULL ? "ReadmissionApplication" : "Withdrawal", position,
	    before == NULL ? case_facts("apply", 1, 2, NULL)
			   : case_facts("withdraw", 1, 1, before->fingerprint));

	if (before != NULL)
		case_previous(&e, before);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
}

static void test_copy(void **state)
{
	struct world *w = *state;
	struct msg_backup begin = {.user = "uid:7", .what = IPC_BACKUP_BEGIN};
	struct msg_backup end = {.user = "uid:7", .what = IPC_BACKUP_END};
	struct fake_envelope e = {.salt = 0};
	uint8_t id = 10;

	w->other = seal_keys;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	receive(w, 1, 1, NULL);
	assert_int_equal(store_erasure_add(db_of(w), (const uint8_t[16]){1}, 0, 5), 0);
	assert_int_equal(world_ask(w, IPC_backup, &begin)->result, 0);
	for (; access("backup/keys", F_OK) != 0; id++) {
		assert_true(id < 200);
		e = world_envelope(id);
		assert_int_equal(world_admit(w, &e)->http_status, 200);
	}
	assert_int_equal(query("backup/readmit.db", "SELECT COUNT(*) FROM erasure"), 1);
	/* a whole database of a moment between the first of them and the last */
	assert_true(query("backup/readmit.db", "SELECT COUNT(*) FROM inbox") > 1);
	assert_true(query("backup/readmit.db", "SELECT COUNT(*) FROM inbox") <= id - 9);
	assert_int_equal(query("backup/readmit.db", "SELECT COUNT(*) FROM inbox"),
	    query("backup/readmit.db", "SELECT COUNT(*) FROM answer"));
	assert_int_equal(world_ask(w, IPC_backup, &end)->result, 0);
	assert_int_not_equal(access("backup/keys", F_OK), 0);
	assert_int_not_equal(access("backup/readmit.db", F_OK), 0);
	assert_int_equal(world_ask(w, IPC_backup, &begin)->result, 0);
	world_restart(w);
	assert_int_not_equal(access("backup/readmit.db", F_OK), 0);
	assert_int_equal(
	    on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'backup-make'"), 2);
}

static void owe(struct world *w, uint64_t n, const uint8_t local_id[16])
{
	struct erasure e = {.n = n, .at_ms = 7};

	memcpy(e.local_id, local_id, sizeof e.local_id);
	assert_int_equal(store_erasure_owe(db_of(w), &e), 0);
}

static void local_id_of(struct world *w, uint8_t out[16], const char *table)
{
	sqlite3_stmt *q = NULL;
	sqlite3 *db = NULL;
	char text[64];

	world_stop(w);
	snprintf(text, sizeof text, "SELECT local_id FROM %s LIMIT 1", table);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	memcpy(out, sqlite3_column_blob(q, 0), 16);
	sqlite3_finalize(q);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
}

static void test_owed(void **state)
{
	static const uint8_t nowhere[16] = {9};
	struct world *w = *state;
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	receive(w, 1, 1, NULL);
	local_id_of(w, id, "inbox");
	owe(w, 1, nowhere);
	owe(w, 2, id);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM inbox WHERE envelope IS NULL"), 0);
	/* the start before this query carried both out */
	assert_int_equal(
	    on_disk(w, "SELECT COUNT(*) FROM inbox WHERE envelope IS NULL AND wrapped_key IS NULL"),
	    1);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM erasure WHERE owed = 1"), 0);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM erasure"), 2);
	assert_int_equal(
	    on_disk(w,
		"SELECT COUNT(*) FROM journal WHERE action = 'content-erase' AND reason = 'restored'"),
	    1);
}

static void test_owed_without_an_answer(void **state)
{
	struct world *w = *state;
	uint8_t case_id[16] = {0}, id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	case_accepted(
	    w, "k1", case_id, "ReadmissionApplication", case_facts("apply", 1, 1, NULL), id);
	world_delivered(w, 1);
	owe(w, 1, id);
	assert_int_equal(
	    on_disk(
		w, "SELECT COUNT(*) FROM outbox WHERE envelope IS NOT NULL AND blocked_ms IS NULL"),
	    1);
	assert_int_equal(
	    on_disk(w, "SELECT COUNT(*) FROM outbox WHERE envelope IS NOT NULL AND blocked_ms = 7"),
	    1);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM erasure WHERE owed = 1"), 1);
	case_receipt(w, w->n_deliveries + 1, id); /* sent again after the start */
	(void)on_disk(w, "SELECT 1");
	assert_int_equal(
	    on_disk(
		w, "SELECT COUNT(*) FROM outbox WHERE envelope IS NULL AND erased_ms IS NOT NULL"),
	    1);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM erasure WHERE owed = 1"), 0);
}

/* Of an attachment alone: the document is shown and sent like any other, the attachment is shown to nobody. */
static void test_owed_attachment_without_an_answer(void **state)
{
	struct world *w = *state;
	struct msg_attachment_get get = {.number = 1, .user = "uid:7", .reason = "review"};
	uint8_t case_id[16] = {0}, id[16];
	struct erasure e = {.n = 1, .at_ms = 7, .attachment = 1};
	const struct world_answer *a;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	case_accepted(
	    w, "k1", case_id, "ReadmissionApplication", case_facts("apply", 1, 1, NULL), id);
	world_delivered(w, 1);
	memcpy(e.local_id, id, sizeof e.local_id);
	assert_int_equal(store_erasure_owe(db_of(w), &e), 0);
	world_restart(w);
	assert_int_equal(
	    on_disk(
		w, "SELECT COUNT(*) FROM outbox WHERE envelope IS NOT NULL AND blocked_ms IS NULL"),
	    1);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM erasure WHERE owed = 1"), 1);
	memcpy(get.local_id, id, sizeof get.local_id);
	a = world_ask(w, IPC_attachment_get, &get);
	assert_int_equal((int)a->result, RXP_ERR_NOT_FOUND);
	assert_non_null(strstr(a->words, "it was erased before"));
	assert_int_equal(store_erasure_owes(db_of(w), id, 2), RXP_ERR_NOT_FOUND);
	world_restart(w);
	case_receipt(w, w->n_deliveries + 1, id); /* sent again after the start */
	(void)on_disk(w, "SELECT 1");
	assert_int_equal(
	    on_disk(
		w, "SELECT COUNT(*) FROM outbox WHERE envelope IS NOT NULL AND blocked_ms IS NULL"),
	    1);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM erasure WHERE owed = 1"), 0);
}

/* An entry of other data: the document had a local id there that nothing has here. */
static void owe_named(struct world *w, uint64_t n, const struct fake_envelope *of)
{
	struct erasure_document d = {.peer = PEER};
	struct erasure e = {.n = n, .at_ms = 7, .local_id = {9}, .named = true};

	memcpy(d.message_id, of->message_id, sizeof d.message_id);
	memcpy(d.fingerprint, of->fingerprint, sizeof d.fingerprint);
	assert_int_equal(erasure_name(e.name, &d), 0);
	assert_int_equal(store_erasure_owe(db_of(w), &e), 0);
}

static struct fake_envelope application(uint8_t id)
{
	return case_document(
	    id, their_case, "ReadmissionApplication", 1, case_facts("apply", 1, 2, NULL));
}

#define ERASED \
	"SELECT COUNT(*) FROM inbox WHERE envelope IS NULL AND wrapped_key IS NULL AND " \
	"evidence IS NOT NULL AND erased_ms = 7 AND unread = 1 AND state = 'handed-over'"

static void test_comes_after_it_was_erased(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = application(1), other = application(1), again;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	other.fingerprint[0]++;
	owe_named(w, 1, &other);
	owe_named(w, 2, &e);
	world_restart(w);
	/* each waits, over a start too */
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM erasure WHERE owed = 2"), 2);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	assert_int_equal(on_disk(w, ERASED), 1);
	assert_int_equal(on_disk(w, "SELECT n FROM erasure WHERE owed = 2"), 1);
	assert_int_equal(
	    on_disk(w,
		"SELECT COUNT(*) FROM journal WHERE action = 'content-erase' AND reason = 'restored'"),
	    1);
	/* its answer is there as of any other */
	again = e;
	assert_int_equal(world_admit(w, &again)->http_status, 200);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM answer"), 1);
}

static void test_another_one_comes(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = application(1), other = application(1);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	other.message_id[15]++;
	owe_named(w, 1, &other);
	world_restart(w);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM inbox WHERE envelope IS NOT NULL"), 1);
}

static void test_here_under_another_id(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = application(1);

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	owe_named(w, 1, &e);
	world_restart(w);
	assert_int_equal(on_disk(w, ERASED), 1);
	assert_int_equal(on_disk(w, "SELECT COUNT(*) FROM erasure WHERE owed <> 0"), 0);
}

/* What is erased here is named in the list. */
static void test_named(void **state)
{
	struct world *w = *state;
	struct fake_envelope e = application(1);
	struct erasure_document d = {.peer = PEER};
	struct erasure first;
	uint8_t id[16], name[32];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &e)->http_status, 200);
	local_id_of(w, id, "inbox");
	assert_int_equal(store_erasure_add(db_of(w), id, 0, 5), 0);
	assert_int_equal(store_erasure_next(db_of(w), &first, 0), 0);
	memcpy(d.message_id, e.message_id, sizeof d.message_id);
	memcpy(d.fingerprint, e.fingerprint, sizeof d.fingerprint);
	assert_int_equal(erasure_name(name, &d), 0);
	assert_true(first.named);
	assert_memory_equal(first.name, name, sizeof name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_copy, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_owed, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_owed_without_an_answer, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_owed_attachment_without_an_answer, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_comes_after_it_was_erased, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_another_one_comes, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(
		test_here_under_another_id, world_set_up, world_tear_down),
	    cmocka_unit_test_setup_teardown(test_named, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
