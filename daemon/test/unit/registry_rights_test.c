/*
 * Goals of what a person, or who acts for one, may have of the content of a case, with everything around the registry played: a sheet
 * of what is told of the person (RXP-INF-001), figures of whole cases (RXP-STA-007), content that is blocked or erased by a
 * correction, and a legal hold that keeps it.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_retention_rig.h"

#include <time.h>

/* --- the sheet ------------------------------------------------------------------------------------ */

static size_t sheet(struct world *w, unsigned person, struct rec_sheet_row rows[8])
{
	struct msg_case_sheet m = {.user = "uid:7", .reason = "person-request", .person = person};
	const struct world_answer *a;
	struct record_cursor c;
	struct bytes fields;
	uint16_t tag;
	size_t n = 0;

	memcpy(m.case_id, their_case, sizeof m.case_id);
	a = world_ask(w, IPC_case_sheet, &m);
	if (a->result != 0)
		return 0;
	c = (struct record_cursor){a->octets, a->len};
	while (record_list_next(&c, &tag, &fields) == 1)
		assert_int_equal(
		    record_decode(&rows[n++], &record_sheet_row, fields.data, fields.len), 0);
	return n;
}

/* RXP-INF-001: what speaks of the person and nothing else, and never unseen. */
static void test_sheet(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = retention_their_application(2);
	struct msg_case_sheet m = {.user = "uid:7", .person = 1};
	struct rec_sheet_row rows[8] = {{.position = 0}};

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	retention_withdraw(w, 2, 2, &application, 2);
	assert_int_equal(sheet(w, 1, rows), 1);
	assert_string_equal(rows[0].type, APPLICATION);
	assert_string_equal(rows[0].from, PEER);
	assert_string_equal(rows[0].to, OWN);
	assert_string_equal(rows[0].office, "READMISSION");
	assert_true(rows[0].at_ms > 0);
	assert_int_equal(sheet(w, 2, rows), 2);
	assert_string_equal(rows[1].office, "READMISSION");
	assert_int_equal(sheet(w, 3, rows), 0);
	assert_int_equal(sheet(w, 25, rows), 0);
	memcpy(m.case_id, their_case, sizeof m.case_id);
	assert_int_equal((int)world_ask(w, IPC_case_sheet, &m)->result, RXP_ERR_SYNTAX);
	assert_int_equal(
	    retention_on_disk(w, "SELECT COUNT(*) FROM journal WHERE action = 'sheet-print' AND "
				 "reason = 'person-request' AND role = 'receive' AND number > 0"),
	    2);
}

/* --- statistics ----------------------------------------------------------------------------------- */

/* RXP-STA-007: case by case, of the quarter in which it was received. */
static void test_statistics(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = retention_their_application(2);
	struct msg_statistics_count m = {.period = "2026-Q9"};
	const struct world_answer *a;
	struct rec_statistic_row row;
	struct record_cursor c;
	struct bytes fields;
	uint16_t tag;
	uint64_t persons = 0;
	time_t now = (time_t)(clock_wall_ms() / 1000);
	struct tm utc;

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	assert_int_equal((int)world_ask(w, IPC_statistics_count, &m)->result, RXP_ERR_SYNTAX);
	assert_non_null(gmtime_r(&now, &utc));
	snprintf(m.period, sizeof m.period, "%04d-Q%d", utc.tm_year + 1900, utc.tm_mon / 3 + 1);
	a = world_ask(w, IPC_statistics_count, &m);
	assert_int_equal(a->result, 0);
	c = (struct record_cursor){a->octets, a->len};
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&row, &record_statistic_row, fields.data, fields.len), 0);
		assert_string_equal(row.role, "requested");
		assert_memory_equal(row.case_id, their_case, sizeof row.case_id);
		persons += strcmp(row.counter, "persons") == 0 ? row.count : 0;
	}
	assert_int_equal(persons, 2);
	snprintf(m.period, sizeof m.period, "%04d-Q%d", utc.tm_year + 1899, utc.tm_mon / 3 + 1);
	assert_int_equal(world_ask(w, IPC_statistics_count, &m)->len, 0);
}

/* --- corrections ---------------------------------------------------------------------------------- */

static int hold(struct world *w, const uint8_t case_id[16], bool lift)
{
	struct msg_case_legal_hold m = {.user = "uid:9", .lift = lift};

	memcpy(m.case_id, case_id, sizeof m.case_id);
	return (int)world_ask(w, IPC_case_legal_hold, &m)->result;
}

static void first_document(struct world *w, uint8_t id[16])
{
	struct plan p = retention_plan_of(w, their_case);

	memcpy(id, p.documents[0].local_id, 16);
	plan_clear(&p);
}

static void test_correction(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = retention_their_application(1);
	struct msg_content_get read = {.user = "uid:7", .reason = "case-work"};
	uint8_t id[16], unknown[16] = {0};

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	first_document(w, id);
	memcpy(read.local_id, id, sizeof read.local_id);
	assert_int_equal((int)retention_correct(w, unknown, "erase")->result, RXP_ERR_NOT_FOUND);
	assert_int_equal((int)retention_correct(w, id, "forget")->result, RXP_ERR_SYNTAX);
	assert_int_equal((int)retention_correct(w, id, "unblock")->result, RXP_ERR_STATE);
	assert_int_equal(retention_correct(w, id, "block")->result, 0);
	assert_int_equal((int)retention_correct(w, id, "block")->result, RXP_ERR_STATE);
	assert_int_equal((int)world_ask(w, IPC_content_get, &read)->result, RXP_ERR_STATE);
	assert_int_equal(retention_correct(w, id, "unblock")->result, 0);
	assert_int_equal(world_ask(w, IPC_content_get, &read)->result, 0);
	assert_true(retention_in_files(MARK));
	assert_int_equal(retention_correct(w, id, "erase")->result, 0);
	assert_false(retention_in_files(MARK));
	assert_int_equal(retention_count(w, their_case, PLAN_ERASED), 1);
	assert_int_equal((int)retention_correct(w, id, "erase")->result, RXP_ERR_NOT_FOUND);
	assert_int_equal((int)retention_correct(w, id, "block")->result, RXP_ERR_NOT_FOUND);
	assert_int_equal((int)world_ask(w, IPC_content_get, &read)->result, RXP_ERR_NOT_FOUND);
	assert_int_equal(retention_on_disk(w,
			     "SELECT COUNT(*) FROM journal WHERE action = 'content-erase' "
			     "AND user = 'uid:9' AND role = 'dispute' AND reason = 'correction'"),
	    1);
}

/* Under a legal hold nothing is erased: neither what is due nor what a correction asks for. */
static void test_legal_hold(void **state)
{
	struct world *w = *state;
	struct fake_envelope application = retention_their_application(1);
	const struct world_answer *a;
	uint8_t id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	retention_restart(w);
	assert_int_equal(world_admit(w, &application)->http_status, 200);
	retention_withdraw(w, 2, 2, &application, 1);
	first_document(w, id);
	assert_int_equal(hold(w, their_case, true), RXP_ERR_STATE);
	assert_int_equal(hold(w, their_case, false), 0);
	assert_int_equal(hold(w, their_case, false), RXP_ERR_STATE);
	a = retention_correct(w, id, "erase");
	assert_int_equal(a->result, 0);
	assert_string_equal(a->words, "the case is under a legal hold");
	retention_pass(w, 4 * MONTH);
	retention_restart(w);
	assert_int_equal(retention_count(w, their_case, PLAN_BLOCKED), 2);
	assert_true(retention_in_files(MARK));
	assert_int_equal(hold(w, their_case, true), 0);
	retention_pass(w, 4 * MONTH + 1);
	assert_int_equal(retention_count(w, their_case, PLAN_ERASED), 2);
	assert_false(retention_in_files(MARK));
}

int main(void)
{
#define WORLD_TEST(t) cmocka_unit_test_setup_teardown(t, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    WORLD_TEST(test_sheet),
	    WORLD_TEST(test_statistics),
	    WORLD_TEST(test_correction),
	    WORLD_TEST(test_legal_hold),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
