/*
 * Goals of attachments and their documents, with everything around the registry played:
 * - a file of the desk is kept under its digest over a restart; given up, of a wrong length or there
 *   already it is dropped;
 * - a document of which an attachment is missing is refused with `attachment`, its twin receipted;
 * - after 72 hours what no document has is dropped, and nothing else;
 * - reading is journalled before the permit is asked for; what is owed to an erasure is not read.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_file_rig.h"

#include <sqlite3.h>

#include "daemon/registry/store/store_erasure.h"
#include "daemon/registry/store/store_file.h"
#include "protocol/case/correction.h"

/* --- the desk ------------------------------------------------------------------------------------ */

static void test_kept(void **state)
{
	struct world *w = *state;
	struct sample s = rig_sample("portrait"), t = rig_sample("passport");
	struct msg_attachment_done done;
	uint8_t ids[2][16];

	rig_keep(w, &s, ids[0]);
	assert_true(rig_there("", &s));
	assert_int_equal(rig_files(), 1);
	world_restart(w);
	assert_int_equal(rig_list(w, ids[0], 1)->result, 0);
	assert_true(rig_there("", &s));

	done = rig_begin(w, &s); /* that very ciphertext again */
	assert_int_equal((int)world_ask(w, IPC_attachment_done, &done)->result, RXP_ERR_EXISTS);
	done = rig_begin(w, &t);
	done.ciphertext_length--;
	assert_int_equal((int)world_ask(w, IPC_attachment_done, &done)->result, RXP_ERR_MISMATCH);
	done = rig_begin(w, &t);
	done.length++;
	assert_int_equal((int)world_ask(w, IPC_attachment_done, &done)->result, RXP_ERR_MISMATCH);
	done = rig_begin(w, &t);
	done.key.len = 0;
	assert_int_equal(world_ask(w, IPC_attachment_done, &done)->result, 0);
	assert_int_equal((int)world_ask(w, IPC_attachment_done, &done)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(rig_files(), 1);
	memcpy(ids[1], done.attachment, 16);
	assert_int_equal((int)rig_list(w, ids[0], 2)->result, RXP_ERR_NOT_FOUND);
	rig_begin(w, &t); /* the valid twin; and one that a crash ends */
	rig_keep(w, &t, ids[1]);
	assert_int_equal(rig_list(w, ids[0], 2)->result, 0);
	assert_int_equal(rig_files(), 3);
	world_restart(w);
	assert_int_equal(rig_files(), 2);
	assert_true(rig_there("", &s) && rig_there("", &t));
}

/* --- journey in ---------------------------------------------------------------------------------- */

static uint32_t receive(struct world *w, uint8_t number, const struct sample *s, size_t n)
{
	static uint8_t rows[WORLD_ANSWER_MAX];
	struct fake_envelope e = world_envelope(number);

	w->attachments = (struct bytes){rows, rig_name(rows, sizeof rows, s, n)};
	strcpy(e.type, TYPE);
	e.place.in_case = true;
	e.place.case_id[0] = number;
	e.place.position = 1;
	e.facts_len = (uint32_t)rig_facts(e.facts, sizeof e.facts, "apply");
	return world_admit(w, &e)->http_status;
}

static void refused(struct world *w, uint8_t number, const struct sample *s, size_t n)
{
	assert_int_equal(receive(w, number, s, n), 409);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_ATTACHMENT);
}

/* RXP-ATT-035: finally, so that the same is not tried again. */
static void refused_for_good(struct world *w, uint8_t number, const struct sample *s, size_t n)
{
	assert_int_equal(receive(w, number, s, n), 422);
	assert_int_equal(w->last_seal.refusal, 1 + RXP_REFUSAL_SCHEMA);
	assert_string_equal(w->last_seal.requirement, "RXP-ATT-035");
}

static void first_received(struct world *w, uint8_t id[16])
{
	static const struct msg_list m = {.list = "inbox"};
	const struct world_answer *a = world_ask(w, IPC_list, &m);
	struct record_cursor c = {a->octets, a->len};
	struct rec_message_row row;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(record_decode(&row, &record_message_row, fields.data, fields.len), 0);
	memcpy(id, row.local_id, sizeof row.local_id);
}

static void test_in(void **state)
{
	struct world *w = *state;
	struct sample s[2] = {rig_sample("portrait"), rig_sample("passport")}, spoilt[2];
	char path[FILE_PATH_MAX];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_bring(w, &s[0]);
	refused(w, 1, s, 2);
	rig_put(w, &s[1], 0);
	rig_write_part(&s[1], 0, 5);
	rig_end_put(w, &s[1], 5);
	refused(w, 1, s, 2); /* a part is not held */
	rig_put(w, &s[1], 5);
	rig_write_part(&s[1], 5, s[1].total);
	rig_end_put(w, &s[1], s[1].total);
	memcpy(spoilt, s, sizeof spoilt);
	spoilt[1].length++;
	refused(w, 1, spoilt, 2);
	memcpy(spoilt, s, sizeof spoilt);
	spoilt[1] = spoilt[0];
	refused_for_good(w, 3, spoilt, 2); /* one file for two attachments */
	file_path_whole(path, PEER, s[1].digest);
	assert_int_equal(rename(path, "away"), 0);
	refused(w, 1, s, 2); /* its row says that it is held, and it is lost */
	assert_int_equal(rename("away", path), 0);
	assert_int_equal(receive(w, 1, s, 2), 200);
	/* Another document has it; and what that says of the file plays no part: this one says the truth. */
	refused_for_good(w, 2, s, 1);
	spoilt[0] = rig_sample("another");
	spoilt[1] = s[1];
	refused_for_good(w, 4, spoilt, 2); /* though another is not there yet */
	rig_bring(w, &spoilt[0]);
	assert_int_equal(receive(w, 5, spoilt, 1), 200); /* encrypted anew */
	world_restart(w);
	rig_head(w, &s[0]);
	rig_expect(200, s[0].total);
	assert_int_equal(rig_files(), 3);
}

/* --- 72 hours ------------------------------------------------------------------------------------ */

static void test_unclaimed(void **state)
{
	struct world *w = *state;
	struct sample kept = rig_sample("kept"), held = rig_sample("held"),
		      part = rig_sample("part");
	struct sample out = rig_sample("out"), in = rig_sample("in");
	uint8_t ids[2][16], id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_keep(w, &kept, ids[0]);
	rig_keep(w, &out, ids[1]);
	rig_accepted(w, "key-1", ids[1], 1, id);
	rig_expect_upload(w, 1, &out);
	rig_bring(w, &held);
	rig_bring(w, &in);
	assert_int_equal(receive(w, 1, &in, 1), 200);
	rig_put(w, &part, 0);
	rig_write_part(&part, 0, 4);
	rig_end_put(w, &part, 4);
	world_move_clock(w, 71 * HOUR);
	pump_for(w->loop, 2 * REGISTRY_TEST_TICK_MS);
	assert_int_equal(rig_files(), 5);
	world_move_clock(w, 73 * HOUR);
	pump_while(w->loop, rig_files() > 2);
	assert_int_equal(rig_files(), 2);
	assert_true(rig_there("", &out) && rig_there(PEER, &in));
	assert_int_equal((int)rig_list(w, ids[0], 1)->result, RXP_ERR_NOT_FOUND);
	rig_head(w, &held);
	rig_expect(404, 0);
	rig_head(w, &part);
	rig_expect(404, 0);
}

/* --- reading ------------------------------------------------------------------------------------- */

static int not_read(struct world *w, const struct msg_attachment_get *m)
{
	int result = (int)world_ask(w, IPC_attachment_get, m)->result;

	assert_int_equal(rig_seen.got, 1);
	return result;
}

static int64_t journalled(struct world *w, int number)
{
	sqlite3_stmt *q = NULL;
	sqlite3 *db = NULL;
	int64_t n;

	world_stop(w);
	assert_int_equal(sqlite3_open("readmit.db", &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db,
			     "SELECT COUNT(*) FROM journal WHERE action = 'attachment-read' "
			     "AND number = ?1 AND user = 'officer' AND peer = 'QRB' "
			     "AND reason = 'case-work' AND role = 'receive'",
			     -1, &q, NULL),
	    SQLITE_OK);
	sqlite3_bind_int(q, 1, number);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	n = sqlite3_column_int64(q, 0);
	sqlite3_finalize(q);
	sqlite3_close(db);
	assert_int_equal(world_start(w), 0);
	return n;
}

/* A document with two of its peer's files. */
static void received_with(struct world *w, const struct sample s[2], uint8_t local_id[16])
{
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	rig_bring(w, &s[0]);
	rig_bring(w, &s[1]);
	assert_int_equal(receive(w, 1, s, 2), 200);
	first_received(w, local_id);
}

static void test_read(void **state)
{
	struct world *w = *state;
	struct sample s[2] = {rig_sample("portrait"), rig_sample("passport")};
	struct msg_attachment_get m = {.user = "officer", .reason = "case-work", .number = 2};
	char octets[TEXT_MAX], path[FILE_PATH_MAX];
	uint64_t before;

	received_with(w, s, m.local_id);
	before = store_counts(w->assembly->node.store).commits;
	world_ask(w, IPC_attachment_get, &m);
	assert_int_equal(rig_seen.got, 1);
	assert_int_equal(rig_seen.commits_at_ticket, before + 1);
	assert_int_equal(pread(rig_seen.fd, octets, sizeof octets, 0), s[1].total);
	assert_memory_equal(octets, s[1].octets, s[1].total);
	assert_int_equal(pwrite(rig_seen.fd, "x", 1, 0), -1);
	assert_int_equal(rig_seen.row.number, 2);
	assert_int_equal(rig_seen.row.length, s[1].length);
	assert_int_equal(rig_seen.row.key.len, 0);
	assert_string_equal(rig_seen.row.media_type, "image/jpeg");

	m.number = 3;
	assert_int_equal(not_read(w, &m), RXP_ERR_NOT_FOUND);
	m.number = 0;
	assert_int_equal(not_read(w, &m), RXP_ERR_NOT_FOUND);
	m.number = 2;
	m.reason[0] = '\0';
	assert_int_equal(not_read(w, &m), RXP_ERR_SYNTAX);
	strcpy(m.reason, "case-work");
	m.local_id[0] ^= 1;
	assert_int_equal(not_read(w, &m), RXP_ERR_NOT_FOUND);
	m.local_id[0] ^= 1;
	file_path_whole(path, PEER, s[1].digest);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(not_read(w, &m), RXP_ERR_DAMAGED);
	assert_int_equal(rig_seen.tickets, 1);
	assert_int_equal(journalled(w, 2), 1);
	assert_int_equal(journalled(w, 3), 0);
}

/* What was erased before these data were restored is shown to nobody, what lies beside it is (RXP-RET-018). */
static void test_owed(void **state)
{
	struct world *w = *state;
	struct sample s[2] = {rig_sample("portrait"), rig_sample("passport")};
	struct msg_attachment_get m = {.user = "officer", .reason = "case-work", .number = 2};
	struct erasure owed[] = {{.n = 1, .at_ms = 7, .attachment = 1}, /* of another document */
	    {.n = 2, .at_ms = 7, .attachment = 2},
	    {.n = 3, .at_ms = 7, .attachment = RXP_CORRECTION_EVERY_FILE}};

	received_with(w, s, m.local_id);
	memcpy(owed[1].local_id, m.local_id, sizeof owed[1].local_id);
	memcpy(owed[2].local_id, m.local_id, sizeof owed[2].local_id);
	assert_int_equal(store_erasure_owe(store_db(w->assembly->node.store), &owed[0]), 0);
	assert_int_equal(store_erasure_owe(store_db(w->assembly->node.store), &owed[1]), 0);
	assert_int_equal((int)world_ask(w, IPC_attachment_get, &m)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(rig_seen.got, 0);
	m.number = 1;
	world_ask(w, IPC_attachment_get, &m);
	assert_int_equal(rig_seen.got, 1);
	assert_int_equal(store_erasure_owe(store_db(w->assembly->node.store), &owed[2]), 0);
	assert_int_equal(not_read(w, &m), RXP_ERR_NOT_FOUND);
}

int main(void)
{
#define TEST(t) cmocka_unit_test_setup_teardown(t, rig_set_up, rig_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_kept),
	    TEST(test_in),
	    TEST(test_unclaimed),
	    TEST(test_read),
	    TEST(test_owed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
