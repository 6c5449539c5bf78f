/*
 * desk_hold_test - goals: holds through the desk, with the registry played:
 *   the registry is told who holds and lifts as the kernel names the caller, whatever the request says, and whom
 *     and why; two callers are two users
 *   a hold's answer lists what it met, and has the TransferChange, the same octets for the same persons
 *   persons that cannot be and a missing reason ask nobody; what the registry refuses becomes its problem
 *   a case shows its holds, its timeline shows none
 * links: desk
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/test/unit/desk_fixture.h"

#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define STRANGER 65534
#define CHANGE(persons) \
	"<TransferChange xmlns=\"urn:rxp:1:body\">" persons "<Cancelled/></TransferChange>"

/* What was asked, and what is to be answered. */
struct shelf {
	char user[RECORD_NAME_MAX], reason[RECORD_NAME_MAX];
	uint32_t persons;
	int result;
	uint32_t notified;
};

static void put_hold(struct rxp_buf *rows)
{
	struct rec_hold_row row = {.person = 2, .reason = "legal", .user = "uid:1001"};

	assert_int_equal(record_list_put(rows, REC_hold_row, &record_hold_row, &row), 0);
}

static void put_halted(struct rxp_buf *rows)
{
	struct rec_halted_row row = {.type = "Supplement", .outcome = "stopped"};

	assert_int_equal(rxp_id_parse(row.local_id, ID, 7), 0);
	assert_int_equal(record_list_put(rows, REC_halted_row, &record_halted_row, &row), 0);
}

static void answer_hold(struct shelf *s, struct link *l, const struct link_message *m)
{
	const struct msg_case_hold *q = m->body;
	struct msg_case_held a = {
	    .result = (uint32_t)s->result, .problem = "as told", .peer = "QMB"};
	struct rxp_buf rows;

	memcpy(s->user, q->user, sizeof s->user);
	memcpy(s->reason, q->reason, sizeof s->reason);
	s->persons = q->persons;
	rxp_buf_init(&rows, 4096);
	put_halted(&rows);
	a.notified = s->notified;
	a.rows = (struct bytes){rows.data, rows.len};
	assert_int_equal(link_answer(l, IPC_case_held, m->request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

static void answer_case(struct link *l, const struct link_message *m)
{
	struct rec_case_row row = {.peer = "QMB", .role = "requesting", .holds = 1};
	struct msg_case_shown a = {0};
	struct rxp_buf one, holds;

	rxp_buf_init(&one, 4096);
	rxp_buf_init(&holds, 4096);
	assert_int_equal(record_encode(&one, &record_case_row, &row), 0);
	put_hold(&holds);
	a.row = (struct bytes){one.data, one.len};
	a.holds = (struct bytes){holds.data, holds.len};
	assert_int_equal(link_answer(l, IPC_case_shown, m->request, &a, NULL, 0), 0);
	rxp_buf_free(&one);
	rxp_buf_free(&holds);
}

static void on_asked_of_holds(void *arg, struct link *l, const struct link_message *m)
{
	struct fixture *f = arg;
	struct shelf *s = f->more;

	if (m->type == IPC_case_hold) {
		answer_hold(s, l, m);
	} else if (m->type == IPC_case_lift) {
		const struct msg_case_lift *q = m->body;
		struct msg_case_lifted a = {.result = (uint32_t)s->result, .problem = "as told"};

		memcpy(s->user, q->user, sizeof s->user);
		memcpy(s->reason, q->reason, sizeof s->reason);
		s->persons = q->persons;
		assert_int_equal(link_answer(l, IPC_case_lifted, m->request, &a, NULL, 0), 0);
	} else {
		assert_int_equal(m->type, IPC_case_show);
		answer_case(l, m);
	}
}

/* The caller of the test may do everything. */
static void begin(struct fixture *f, struct shelf *s)
{
	*s = (struct shelf){.result = 0};
	f->more = s;
	f->registry.handler = on_asked_of_holds;
	f->api.access.n = 1;
	f->api.access.rows[0] =
	    (struct rec_api_allow){.id = getuid(), .roles = API_ROLE_BIT(API_ROLES) - 1};
}

static void holding(void **state)
{
	struct fixture *f = *state;
	struct shelf s;
	char user[32];
	const char *a;

	begin(f, &s);
	s.notified = 5;
	a = exchange(f, POST("/v1/cases/" CASE "/hold?person=P1&person=P24&reason=health"));
	assert_int_equal(status_of(a), 200);
	snprintf(user, sizeof user, "uid:%lu", (unsigned long)getuid());
	assert_string_equal(s.user, user);
	assert_string_equal(s.reason, "health");
	assert_int_equal(s.persons, 1u | 1u << 23);
	assert_member(a, "transfer_change", CHANGE("<Person key=\"P1\"/><Person key=\"P3\"/>"));
	assert_member(a, "peer", "QMB");
	assert_non_null(strstr(a, "\"notified\":[\"P1\",\"P3\"]"));
	assert_non_null(strstr(a, "\"outcome\":\"stopped\""));
	s.notified = 0;
	a = exchange(f, POST("/v1/cases/" CASE "/hold?reason=legal"));
	assert_int_equal(s.persons, 0);
	assert_non_null(strstr(a, "\"transfer_change\":null"));
	assert_int_equal(status_of(exchange(f, POST("/v1/cases/" CASE "/lift"))), 204);
	assert_string_equal(s.user, user);
	assert_string_equal(s.reason, "");
	assert_int_equal(
	    status_of(exchange(f, POST("/v1/cases/" CASE "/lift?person=P2&reason=legal"))), 204);
	assert_int_equal(s.persons, 2);
	assert_string_equal(s.reason, "legal");
}

static void refused(void **state)
{
	static const char *const wrong[] = {
	    POST("/v1/cases/" CASE "/hold"),
	    POST("/v1/cases/" CASE "/hold?reason=legal&person=P0"),
	    POST("/v1/cases/" CASE "/hold?reason=legal&person=P25"),
	    POST("/v1/cases/" CASE "/hold?reason=legal&person=P01"),
	    POST("/v1/cases/" CASE "/hold?reason=legal&person=1"),
	    POST("/v1/cases/" CASE "/hold?reason=legal&person=P"),
	    POST("/v1/cases/" CASE "/lift?person=P1x"),
	};
	struct fixture *f = *state;
	struct shelf s;
	const char *a;

	begin(f, &s);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_problem(exchange(f, wrong[i]), PROBLEM_QUERY);
	assert_int_equal(f->registry.asked, 0);
	s.result = RXP_ERR_STATE;
	a = exchange(f, POST("/v1/cases/" CASE "/hold?reason=legal"));
	assert_problem(a, PROBLEM_STATE);
	assert_member(a, "reason", "as told");
	assert_problem(exchange(f, POST("/v1/cases/" CASE "/lift")), PROBLEM_STATE);
	s.result = RXP_ERR_SYNTAX;
	assert_problem(exchange(f, POST("/v1/cases/" CASE "/hold?reason=appeal")), PROBLEM_QUERY);
}

/* Who calls is not what the request says, and two callers are two. */
static void users(void **state)
{
	static const char claim[] = "POST /v1/cases/" CASE "/hold?reason=legal" HEAD_LINES
				    "Content-Length: 0\r\nReadmit-Officer: S-3001\r\n"
				    "Readmit-Second-Officer: S-3002\r\n\r\n";
	struct fixture *f = *state;
	struct shelf s;

	begin(f, &s);
	if (geteuid() != 0)
		skip(); /* only root can be another */
	assert_int_equal(status_of(exchange(f, claim)), 200);
	assert_string_equal(s.user, "uid:0");
	f->api.access.rows[0].id = STRANGER;
	assert_int_equal(seteuid(STRANGER), 0);
	assert_int_equal(status_of(exchange(f, claim)), 200);
	assert_int_equal(seteuid(0), 0);
	assert_string_equal(s.user, "uid:65534");
	/* Root alone, without a name, is no officer. */
	assert_problem(exchange(f, claim), PROBLEM_FORBIDDEN);
}

static void showing(void **state)
{
	struct fixture *f = *state;
	struct shelf s;
	const char *a;

	begin(f, &s);
	a = exchange(f, GET("/v1/cases/" CASE));
	assert_int_equal(status_of(a), 200);
	assert_non_null(strstr(a, "\"holds\":1"));
	assert_non_null(
	    strstr(a, "\"held\":[{\"person\":2,\"reason\":\"legal\",\"user\":\"uid:1001\""));
	a = exchange(f, GET("/v1/cases/" CASE "/timeline"));
	assert_int_equal(status_of(a), 200);
	assert_null(strstr(a, "hold"));
	assert_null(strstr(a, "held"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(holding, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(refused, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(users, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(showing, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
