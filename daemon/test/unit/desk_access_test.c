/*
 * desk_access_test - goals:
 *   root and the owner of the socket may do everything but what only those do who are named, others what their user and their groups are
 *   named for and nothing else; before the parent has told, and after rows that cannot be, only root
 *   roles are for each kind of case apart: a row with social counts for referrals alone, any other for all else alone
 *   every route is closed to a caller without its role and open to one with no other, over the real socket
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

#include "daemon/desk/access.h"
#include "daemon/test/unit/desk_fixture.h"

#define STRANGER 65534
#define OWNER 1000
#define CASE "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
#define ALL (API_ROLE_BIT(API_ROLES) - 1)
#define UNNAMED (ALL & ~API_ROLE_BIT(API_PROTECT)) /* what root has without being named */

static int set(struct access *a, const struct rec_api_allow *rows, size_t n)
{
	struct rxp_buf b;
	int rc;

	rxp_buf_init(&b, 65536);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(
		    record_list_put(&b, REC_api_allow, &record_api_allow, &rows[i]), 0);
	rc = access_set(a, OWNER, (struct bytes){b.data, b.len});
	rxp_buf_free(&b);
	return rc;
}

static void roles(void **state)
{
	static const struct rec_api_allow rows[] = {
	    {.group = 1, .id = 20, .roles = API_ROLE_BIT(API_OBSERVE)},
	    {.group = 1, .id = 20, .roles = API_ROLE_BIT(API_SUBMIT)},
	    {.group = 1, .id = 30, .roles = API_ROLE_BIT(API_OPERATE) | 0xff00u},
	    {.group = 0, .id = 20, .roles = API_ROLE_BIT(API_RECEIVE)},
	};
	static const gid_t both[] = {7, 20, 30}, one[] = {20}, other[] = {7};
	struct rec_api_allow many[API_ALLOW_MAX + 1] = {{0}};
	static const struct rec_api_allow officers[] = {
	    {.group = 0, .id = 0, .roles = API_ROLE_BIT(API_PROTECT)},
	    {.group = 1, .id = 20, .roles = API_ROLE_BIT(API_PROTECT)},
	};
	struct access a = {0};

	(void)state;
	assert_int_equal(access_roles(&a, API_CASES_OTHER, 0, NULL, 0), UNNAMED);
	assert_int_equal(access_roles(&a, API_CASES_OTHER, STRANGER, one, 1), 0);
	assert_int_equal(set(&a, rows, 4), 0);
	assert_int_equal(access_roles(&a, API_CASES_OTHER, OWNER, NULL, 0), UNNAMED);
	assert_int_equal(access_roles(&a, API_CASES_OTHER, STRANGER, other, 1), 0);
	assert_int_equal(access_roles(&a, API_CASES_OTHER, STRANGER, one, 1),
	    API_ROLE_BIT(API_OBSERVE) | API_ROLE_BIT(API_SUBMIT));
	assert_int_equal(access_roles(&a, API_CASES_OTHER, STRANGER, both, 3),
	    API_ROLE_BIT(API_OBSERVE) | API_ROLE_BIT(API_SUBMIT) | API_ROLE_BIT(API_OPERATE));
	assert_int_equal(
	    access_roles(&a, API_CASES_OTHER, 20, other, 1), API_ROLE_BIT(API_RECEIVE));
	assert_int_equal(set(&a, officers, 2), 0);
	assert_int_equal(access_roles(&a, API_CASES_OTHER, 0, NULL, 0), ALL);
	assert_int_equal(access_roles(&a, API_CASES_OTHER, OWNER, other, 1), UNNAMED);
	assert_int_equal(access_roles(&a, API_CASES_OTHER, OWNER, one, 1), ALL);
	assert_int_equal(
	    access_roles(&a, API_CASES_OTHER, STRANGER, one, 1), API_ROLE_BIT(API_PROTECT));
	assert_int_equal(set(&a, many, API_ALLOW_MAX), 0);
	assert_int_equal(set(&a, many, API_ALLOW_MAX + 1), RXP_ERR_BOUND);
	assert_int_equal(access_roles(&a, API_CASES_OTHER, OWNER, NULL, 0), 0);
	assert_int_equal(
	    access_set(&a, OWNER, (struct bytes){(const uint8_t *)"abc", 3}), RXP_ERR_SYNTAX);
	assert_int_equal(access_roles(&a, API_CASES_OTHER, OWNER, NULL, 0), 0);
}

/* RXP-RIN-007: what a row gives is for referrals if it says social, and for all else if not; no caller has with the
 * one kind what only a row about the other gives. */
static void cases(void **state)
{
#define SOCIAL API_ROLE_BIT(API_SOCIAL)
#define OBSERVE API_ROLE_BIT(API_OBSERVE)
#define RECEIVE API_ROLE_BIT(API_RECEIVE)
	static const struct rec_api_allow rows[] = {
	    {.group = 1, .id = 20, .roles = RECEIVE},
	    {.group = 1, .id = 30, .roles = OBSERVE | SOCIAL},
	    {.group = 0, .id = 40, .roles = OBSERVE | SOCIAL},
	    {.group = 1, .id = 50, .roles = OBSERVE},
	    {.group = 0, .id = 60, .roles = SOCIAL},
	};
	static const struct {
		uid_t uid;
		gid_t groups[2];
		unsigned others, referrals;
	} callers[] = {
	    {0, {7, 7}, UNNAMED, UNNAMED},
	    {OWNER, {7, 7}, UNNAMED, UNNAMED},
	    {STRANGER, {7, 7}, 0, 0},
	    {STRANGER, {7, 20}, RECEIVE, 0},
	    {STRANGER, {30, 7}, 0, OBSERVE | SOCIAL},
	    {STRANGER, {20, 30}, RECEIVE, OBSERVE | SOCIAL},
	    {STRANGER, {50, 30}, OBSERVE, OBSERVE | SOCIAL},
	    {40, {20, 7}, RECEIVE, OBSERVE | SOCIAL},
	    {60, {20, 50}, RECEIVE | OBSERVE, SOCIAL},
	};
	struct access a = {0};

	(void)state;
	assert_int_equal(set(&a, rows, sizeof rows / sizeof rows[0]), 0);
	for (size_t i = 0; i < sizeof callers / sizeof callers[0]; i++) {
		const uid_t uid = callers[i].uid;

		assert_int_equal(access_roles(&a, API_CASES_OTHER, uid, callers[i].groups, 2),
		    callers[i].others);
		assert_int_equal(access_roles(&a, API_CASES_REFERRALS, uid, callers[i].groups, 2),
		    callers[i].referrals);
	}
#undef SOCIAL
#undef OBSERVE
#undef RECEIVE
}

static void cases_of_a_role(void **state)
{
	static const struct access_rights rights = {
	    .others = API_ROLE_BIT(API_OBSERVE) | API_ROLE_BIT(API_RECEIVE),
	    .referrals = API_ROLE_BIT(API_OBSERVE) | API_ROLE_BIT(API_SUBMIT)};

	(void)state;
	assert_int_equal(access_cases(&rights, API_OBSERVE), API_CASES_ALL);
	assert_int_equal(access_cases(&rights, API_RECEIVE), API_CASES_OTHER);
	assert_int_equal(access_cases(&rights, API_SUBMIT), API_CASES_REFERRALS);
	assert_int_equal(access_cases(&rights, API_OPERATE), 0);
}

/* A request of this route whose query, headers and body may be wrong. */
static void request_of(char *out, size_t size, const struct route *r)
{
	static const char *const values[][2] = {{"{party}", "QMB"}, {"{id}", ID}, {"{case}", CASE},
	    {"{number}", "1"}, {"{profile}", "a"}, {"{version}", "1"}};
	char path[256];
	char *at;

	snprintf(path, sizeof path, "%s", r->path);
	for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
		char rest[256];

		at = strstr(path, values[i][0]);
		if (at == NULL)
			continue;
		snprintf(rest, sizeof rest, "%s", at + strlen(values[i][0]));
		snprintf(at, sizeof path - (size_t)(at - path), "%s%s", values[i][1], rest);
	}
	snprintf(out, size, "%s %s?none=1" HEAD_LINES "Content-Length: 0\r\n\r\n",
	    route_method_name(r->method), path);
}

/* One request as another user of this machine: the kernel keeps who connected. */
static const char *exchange_as_stranger(struct fixture *f, const char *request)
{
	const char *answer;

	assert_int_equal(seteuid(STRANGER), 0);
	answer = exchange(f, request);
	assert_int_equal(seteuid(0), 0);
	return answer;
}

static void routes(void **state)
{
	struct fixture *f = *state;
	char request[512], reason[64];

	if (geteuid() != 0)
		skip(); /* only root can be another */
	for (size_t i = 0; i < route_count; i++) {
		const struct route *r = &route_table[i];
		const char *a;

		request_of(request, sizeof request, r);
		f->api.access = (struct access){
		    .n = 1, .rows = {{.id = STRANGER, .roles = ALL & ~API_ROLE_BIT(r->role)}}};
		a = exchange_as_stranger(f, request);
		assert_problem(a, PROBLEM_FORBIDDEN);
		snprintf(reason, sizeof reason, "it needs the role %s", api_role_word(r->role));
		assert_member(a, "reason", reason);
		/* Its twin passes, and the parameter that no route knows is what is wrong then. */
		f->api.access.rows[0].roles = API_ROLE_BIT(r->role);
		assert_problem(exchange_as_stranger(f, request), PROBLEM_QUERY);
		assert_problem(exchange(f, request),
		    r->role == API_PROTECT ? PROBLEM_FORBIDDEN : PROBLEM_QUERY);
	}
	assert_int_equal(f->registry.asked, 0);
	assert_problem(exchange_as_stranger(f, GET("/v1/none")), PROBLEM_UNKNOWN_PATH);
}

static uint32_t told;

static void on_listed(void *arg, struct link *l, const struct link_message *m)
{
	struct msg_listed none = {0};

	(void)arg;
	assert_int_equal(m->type, IPC_list);
	told = ((const struct msg_list *)m->body)->unseen;
	assert_int_equal(link_answer(l, IPC_listed, m->request, &none, NULL, 0), 0);
}

/* What the caller does not see goes with each question, whoever put it together. */
static void the_registry_is_told(void **state)
{
	static const struct {
		unsigned roles, more, unseen;
	} rows[] = {
	    {API_ROLE_BIT(API_OBSERVE), 0, API_CASES_REFERRALS},
	    {API_ROLE_BIT(API_OBSERVE) | API_ROLE_BIT(API_SOCIAL), 0, API_CASES_OTHER},
	    /* What another row lets him do with referrals adds nothing to what he may do here. */
	    {API_ROLE_BIT(API_OBSERVE), API_ROLE_BIT(API_RECEIVE) | API_ROLE_BIT(API_SOCIAL),
		API_CASES_REFERRALS},
	    {API_ROLE_BIT(API_OBSERVE), API_ROLE_BIT(API_OBSERVE) | API_ROLE_BIT(API_SOCIAL), 0},
	};
	struct fixture *f = *state;

	f->registry.handler = on_listed;
	assert_int_equal(status_of(exchange(f, GET("/v1/messages"))), 200);
	assert_int_equal(told, 0);
	if (geteuid() != 0)
		skip(); /* only root can be another */
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		f->api.access = (struct access){.n = 2,
		    .rows = {{.id = STRANGER, .roles = rows[i].roles},
			{.id = STRANGER, .roles = rows[i].more}}};
		assert_int_equal(status_of(exchange_as_stranger(f, GET("/v1/messages"))), 200);
		assert_int_equal(told, rows[i].unseen);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(roles),
	    cmocka_unit_test(cases),
	    cmocka_unit_test(cases_of_a_role),
	    cmocka_unit_test_setup_teardown(the_registry_is_told, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(routes, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
