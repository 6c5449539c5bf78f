/*
 * desk_journal_test - goals: the journal through the desk, with the registry played: what is asked of it for
 * each parameter, what a wrong one gives, and the page as JSON.
 * links: desk
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/test/unit/desk_fixture.h"

#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"

static void on_journal_list(void *arg, struct link *l, const struct link_message *m)
{
	struct fixture *f = arg;
	const struct rec_journal_row row = {.n = 7,
	    .at_ms = 1000,
	    .user = "uid:7",
	    .role = "receive",
	    .action = "content-read",
	    .reason = "review",
	    .peer = "QMB"};
	struct msg_journal_listed a = {.more = 1};
	struct rxp_buf rows;

	assert_int_equal(m->type, IPC_journal_list);
	*(struct msg_journal_list *)f->more = *(const struct msg_journal_list *)m->body;
	rxp_buf_init(&rows, 4096);
	assert_int_equal(record_list_put(&rows, REC_journal_row, &record_journal_row, &row), 0);
	a.rows = (struct bytes){rows.data, rows.len};
	assert_int_equal(link_answer(l, IPC_journal_listed, m->request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

static void asks(void **state)
{
	static const uint8_t none[16] = {0};
	struct fixture *f = *state;
	struct msg_journal_list q;
	const char *a;
	char id[RXP_ID_TEXT];

	f->more = &q;
	f->registry.handler = on_journal_list;
	a = exchange(f, GET("/v1/journal"));
	assert_int_equal(status_of(a), 200);
	assert_string_equal(body_of(a),
	    "{\"items\":[{\"n\":7,\"at\":\"1970-01-01T00:00:01.000Z\",\"user\":\"uid:7\","
	    "\"role\":\"receive\",\"action\":\"content-read\",\"reason\":\"review\","
	    "\"peer\":\"QMB\",\"case_id\":null,\"local_id\":null,\"number\":0,\"head\":null}],"
	    "\"next\":7}");
	assert_string_equal(q.user, "");
	assert_memory_equal(q.case_id, none, sizeof none);
	assert_int_equal(q.limit, 50);
	a = exchange(f,
	    GET("/v1/journal?user=0&case=" CASE "&since=1970-01-01T00:00:02.000Z&after=7&limit=3"));
	assert_int_equal(status_of(a), 200);
	rxp_id_text(id, q.case_id);
	assert_string_equal(id, CASE);
	assert_string_equal(q.user, "uid:0");
	assert_int_equal(q.since_ms, 2000);
	assert_int_equal(q.after, 7);
	assert_int_equal(q.limit, 3);
}

static void refuses(void **state)
{
	static const char *const BAD[] = {GET("/v1/journal?user=root"), GET("/v1/journal?user=-1"),
	    GET("/v1/journal?since=2026-11-29"), GET("/v1/journal?case=" ID),
	    GET("/v1/journal?after=x"), GET("/v1/journal?limit=0"), GET("/v1/journal?peer=QMB")};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		assert_problem(exchange(f, BAD[i]), PROBLEM_QUERY);
	assert_int_equal(f->registry.asked, 0);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {TEST(asks), TEST(refuses)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
