/*
 * desk_http_test - goals: the desk over a real Unix socket, with a registry played on the same loop:
 *   every route answers as the API says, with the user that the kernel names
 *   errors of path, method, query, body size and content type are answered before the registry is asked
 *   every result code of the registry becomes its problem
 *   a full window and too many long polls give 503 with Retry-After; a long poll ends when the answer comes
 *   garbage, too long headers and a body without end do not stay; the warm-up works
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
#include "protocol/base/limits.h"

#define DESCRIPTOR(path) \
	"POST " path HEAD_LINES "Content-Type: application/xml\r\nContent-Length: 4\r\n\r\n<D/>"
#define EMPTY(path) \
	"POST " path HEAD_LINES "Content-Type: application/xml\r\nContent-Length: 0\r\n\r\n"

static void node_routes(void **state)
{
	struct fixture *f = *state;
	const char *a;

	assert_member(exchange(f, GET("/health/live")), "status", "live");
	assert_int_equal(f->registry.asked, 0);
	assert_member(exchange(f, GET("/health/ready")), "status", "ready");
	f->registry.health = "no working part yet";
	a = exchange(f, GET("/health/ready"));
	assert_problem(a, PROBLEM_NOT_READY);
	assert_member(a, "reason", "no working part yet");
	a = exchange(f, GET("/v1/status"));
	assert_int_equal(status_of(a), 200);
	assert_member(a, "party", "QMA");
	assert_non_null(strstr(a, "{\"metric\":\"commits_total\",\"label\":null,\"value\":7}"));
	assert_non_null(strstr(a, "\"endings\":[{\"party\":\"QMB\",\"what\":\"root\","
				  "\"until\":\"1970-01-01T00:00:00.001Z\",\"near\":1}]"));
	assert_non_null(strstr(a, "\"alarms\":[{\"alarm\":\"parked\",\"peer\":\"QMB\",\"count\":2,"
				  "\"meaning\":\"so many messages wait for a person\",\"next\":"));
	a = exchange(f, GET("/metrics"));
	assert_non_null(
	    strstr(a, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_non_null(strstr(a, "\nreadmitd_commits_total 7\n"));
	assert_non_null(strstr(a, "\nreadmitd_healthy 0\n"));
	assert_non_null(strstr(a, "\r\nCache-Control: no-store\r\n"));
	a = exchange(f, GET("/v1/descriptor"));
	assert_string_equal(body_of(a), "<Descriptor/>");
	assert_non_null(strstr(a, "\r\nrxp-root-fingerprint: ab00"));
	assert_member(
	    exchange(f, GET("/v1/descriptor?format=json")), "descriptor", "<Descriptor/>");
	assert_problem(exchange(f, GET("/v1/descriptor?format=pdf")), PROBLEM_QUERY);
	a = exchange(f, "HEAD /v1/status" HEAD_LINES "\r\n");
	assert_int_equal(status_of(a), 200);
	assert_string_equal(body_of(a), "");
}

static void peer_routes(void **state)
{
	struct fixture *f = *state;
	char user[32];
	const char *a;

	snprintf(user, sizeof(user), "uid:%lu", (unsigned long)getuid());
	a = exchange(f, GET("/v1/peers?after=QMA&limit=7"));
	assert_member(a, "next", "QMB");
	assert_string_equal(f->registry.list, "peers");
	assert_int_equal(f->registry.number, 7);
	assert_member(exchange(f, GET("/v1/peers/QMB")), "state", "active");
	assert_string_equal(f->registry.party, "QMB");
	assert_problem(exchange(f, GET("/v1/peers/QMC")), PROBLEM_NOT_FOUND);

	a = exchange(f,
	    "POST /v1/peers?root=" ROOT HEAD_LINES
	    "Content-Type: Application/XML; charset=utf-8\r\nContent-Length: 4\r\n\r\n<D/>");
	assert_int_equal(status_of(a), 201);
	assert_non_null(strstr(a, "\r\nLocation: /v1/peers/QMB\r\n"));
	assert_string_equal(f->registry.user, user);
	assert_int_equal(f->registry.octets, 4);
	f->registry.result = RXP_ERR_EXISTS;
	a = exchange(f, "POST /v1/peers?root=" ROOT HEAD_LINES
			"Content-Type: application/rxp+xml\r\nContent-Length: 4\r\n\r\n<D/>");
	assert_int_equal(status_of(a), 200);
	f->registry.result = 0;

	a = exchange(f, POST("/v1/peers/QMB/test"));
	assert_int_equal(status_of(a), 202);
	assert_non_null(strstr(a, "\r\nLocation: /v1/messages/" ID "\r\n"));
	assert_member(a, "local_id", ID);
	f->registry.result = RXP_ERR_STATE;
	a = exchange(f, POST("/v1/peers/QMB/test"));
	assert_problem(a, PROBLEM_STATE);
	assert_member(a, "reason", "as told");
	f->registry.result = 0;
	a = exchange(f, DESCRIPTOR("/v1/peers/QMB/diff"));
	assert_int_equal(status_of(a), 200);
	assert_non_null(strstr(a, "\"known_serial\":3"));
	assert_non_null(strstr(a, "\"identity_serial\":4"));
	assert_non_null(strstr(a, "\"acceptable\":true"));
	assert_non_null(strstr(a, "\"change\":\"pin\",\"added\":1,\"text\":\"lists the TLS pin\""));
	f->registry.user[0] = '\0';
	assert_int_equal(status_of(exchange(f, DESCRIPTOR("/v1/peers/QMB/descriptor"))), 204);
	assert_string_equal(f->registry.user, user);
	assert_int_equal(f->registry.octets, 4);
	assert_problem(exchange(f, EMPTY("/v1/peers/QMB/diff")), PROBLEM_MALFORMED);
	assert_problem(exchange(f, EMPTY("/v1/peers/QMB/descriptor")), PROBLEM_MALFORMED);
	f->registry.result = RXP_ERR_MISMATCH;
	assert_member(exchange(f, DESCRIPTOR("/v1/peers/QMB/diff")), "reason", "as told");
	assert_member(exchange(f, DESCRIPTOR("/v1/peers/QMB/descriptor")), "reason", "as told");
	f->registry.result = 0;
	f->registry.user[0] = '\0';
	assert_int_equal(status_of(exchange(f, POST("/v1/peers/QMB/distrust"))), 204);
	assert_string_equal(f->registry.user, user);
}

static void message_routes(void **state)
{
	static const char *const LISTS[][2] = {
	    {GET("/v1/messages?peer=QMB&after=" ID "&limit=100"), "messages"},
	    {GET("/v1/messages?peer=QMB&after=" ID "&limit=100&order=oldest"), "messages"},
	    {GET("/v1/messages?peer=QMB&after=" ID "&limit=100&order=newest"), "newest"},
	    {GET("/v1/queue?limit=100&after=" ID "&peer=QMB"), "queue"},
	    {GET("/v1/inbox?after=" ID "&peer=QMB&limit=100"), "inbox"}};
	struct fixture *f = *state;
	const char *a;

	for (size_t i = 0; i < sizeof(LISTS) / sizeof(LISTS[0]); i++) {
		assert_member(exchange(f, LISTS[i][0]), "next", ID);
		assert_string_equal(f->registry.list, LISTS[i][1]);
		assert_string_equal(f->registry.party, "QMB");
		assert_string_equal(f->registry.after, ID);
		assert_int_equal(f->registry.number, 100);
	}
	exchange(f, GET("/v1/messages"));
	assert_int_equal(f->registry.number, API_PAGE_DEFAULT);
	a = exchange(f, GET("/v1/messages/" ID "?wait=30"));
	assert_int_equal(f->registry.number, 30000);
	assert_member(a, "received", "2023-11-14T22:13:20.100Z");
	assert_non_null(strstr(a, "\"final\":true"));
	assert_non_null(strstr(a, "\"answer_octets\":10"));
	a = exchange(f, GET("/v1/messages/" ID "/answer"));
	assert_string_equal(body_of(a), "<Receipt/>");
	assert_non_null(strstr(a, "\r\nContent-Type: application/rxp+xml\r\n"));
	assert_int_equal(status_of(exchange(f, POST("/v1/queue/" ID "/requeue"))), 204);
	assert_string_equal(f->registry.after, ID);
	f->registry.after[0] = '\0';
	assert_int_equal(status_of(exchange(f, POST("/v1/queue/" ID "/discard"))), 204);
	assert_string_equal(f->registry.after, ID);
}

/* The fixed text of every field of a request is changed in one place; none reaches the registry. */
static void refused_before_the_registry(void **state)
{
	static const struct {
		const char *request;
		enum problem problem;
	} BAD[] = {
	    {GET("/v1/nothing"), PROBLEM_UNKNOWN_PATH},
	    {GET("/v1/peers/qmb"), PROBLEM_UNKNOWN_PATH},
	    {GET("/v1/peers/%51MB"), PROBLEM_UNKNOWN_PATH},
	    {GET("/v1/peers/QMB/test"), PROBLEM_METHOD},
	    {"DELETE /v1/peers" HEAD_LINES "\r\n", PROBLEM_METHOD},
	    {GET("/v1/peers?limit=0"), PROBLEM_QUERY},
	    {GET("/v1/messages?order=new"), PROBLEM_QUERY},
	    {GET("/v1/inbox?order=newest"), PROBLEM_QUERY},
	    {GET("/v1/peers?limit=101"), PROBLEM_QUERY},
	    {GET("/v1/peers?limit=4294967297"), PROBLEM_QUERY},
	    {GET("/v1/peers?limit=-1"), PROBLEM_QUERY},
	    {GET("/v1/peers?limit=07"), PROBLEM_QUERY},
	    {GET("/v1/peers?limit="), PROBLEM_QUERY},
	    {GET("/v1/peers?limit"), PROBLEM_QUERY},
	    {GET("/v1/peers?limit=7&limit=8"), PROBLEM_QUERY},
	    {GET("/v1/peers?colour=red"), PROBLEM_QUERY},
	    {GET("/v1/peers?after=qmb"), PROBLEM_QUERY},
	    {GET("/v1/messages?after=QMB"), PROBLEM_QUERY},
	    {GET("/v1/messages?peer=Q"), PROBLEM_QUERY},
	    {GET("/v1/messages/" ID "?wait=61"), PROBLEM_QUERY},
	    {"POST /v1/peers" HEAD_LINES
	     "Content-Type: application/xml\r\nContent-Length: 4\r\n\r\n<D/>",
		PROBLEM_QUERY},
	    {"POST /v1/peers?root=00" HEAD_LINES
	     "Content-Type: application/xml\r\nContent-Length: 4\r\n\r\n<D/>",
		PROBLEM_QUERY},
	    {"POST /v1/peers?root=" ROOT HEAD_LINES
	     "Content-Type: application/xml\r\nContent-Length: 0\r\n\r\n",
		PROBLEM_MALFORMED},
	    {"POST /v1/peers?root=" ROOT HEAD_LINES
	     "Content-Type: text/xml\r\nContent-Length: 4\r\n\r\n<D/>",
		PROBLEM_MEDIA},
	    {"POST /v1/peers?root=" ROOT HEAD_LINES "Content-Length: 4\r\n\r\n<D/>", PROBLEM_MEDIA},
	    {"POST /v1/peers?root=" ROOT HEAD_LINES
	     "Content-Type: application/xml\r\nContent-Length: 262145\r\n\r\n",
		PROBLEM_TOO_LARGE},
	    {"POST /v1/peers/QMB/test" HEAD_LINES "Content-Length: 1\r\n\r\nx", PROBLEM_TOO_LARGE},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(BAD) / sizeof(BAD[0]); i++)
		assert_problem(exchange(f, BAD[i].request), BAD[i].problem);
	assert_int_equal(f->registry.asked, 0);
	assert_non_null(strstr(
	    exchange(f, "PUT /v1/peers" HEAD_LINES "\r\n"), "\r\nAllow: GET, HEAD, POST\r\n"));
}

static void bodies_have_a_bound(void **state)
{
	static const char HEAD[] =
	    "POST /v1/peers?root=" ROOT HEAD_LINES
	    "Content-Type: application/xml\r\nTransfer-Encoding: chunked\r\n\r\n";
	struct fixture *f = *state;
	struct rxp_buf request;
	uint8_t *room = NULL;

	for (size_t over = 0; over < 3; over++) {
		size_t len =
		    over == 2 ? HTTP_DISCARD_OCTETS + 1 : (size_t)RXP_MAX_DESCRIPTOR_OCTETS + over;
		char size[32];
		const char *a;

		rxp_buf_init(&request, 2 * HTTP_DISCARD_OCTETS);
		rxp_buf_puts(&request, HEAD);
		snprintf(size, sizeof(size), "%zx\r\n", len);
		rxp_buf_puts(&request, size);
		assert_int_equal(rxp_buf_room(&request, len, &room), 0);
		memset(room, 'x', len);
		rxp_buf_puts(&request, "\r\n0\r\n\r\n");
		a = exchange_octets(f, request.data, request.len);
		rxp_buf_free(&request);
		if (over == 0)
			assert_int_equal(status_of(a), 201);
		else if (over == 1)
			assert_problem(a, PROBLEM_TOO_LARGE);
		else
			assert_true(status_of(a) == 0); /* cut */
	}
	assert_int_equal(f->registry.asked, 1);
	assert_int_equal(f->registry.octets, RXP_MAX_DESCRIPTOR_OCTETS);
}

static void results_become_problems(void **state)
{
	static const int ERRORS[] = {
#define ERR(name, code, text) code,
#include "protocol/base/err.def"
#undef ERR
	};
	static const char *const REQUESTS[] = {GET("/v1/status"), GET("/metrics"),
	    GET("/health/ready"), GET("/v1/descriptor"), GET("/v1/descriptor?format=json"),
	    GET("/v1/peers"), GET("/v1/peers/QMB"), GET("/v1/messages"), GET("/v1/messages/" ID),
	    GET("/v1/messages/" ID "/answer"), POST("/v1/peers/QMB/test"),
	    POST("/v1/peers/QMB/distrust"), POST("/v1/queue/" ID "/requeue"),
	    POST("/v1/queue/" ID "/discard")};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(ERRORS) / sizeof(ERRORS[0]); i++) {
		size_t k = i % (sizeof(REQUESTS) / sizeof(REQUESTS[0]));
		const char *a;

		f->registry.result = ERRORS[i];
		a = exchange(f, REQUESTS[k]);
		if (k == 1 && ERRORS[i] == RXP_ERR_DAMAGED)
			assert_problem(a, PROBLEM_INTERNAL);
		else
			assert_problem(a, problem_of(ERRORS[i]));
	}
	for (size_t k = 0; k < sizeof(REQUESTS) / sizeof(REQUESTS[0]); k++) {
		f->registry.result = RXP_ERR_NOT_FOUND;
		assert_problem(exchange(f, REQUESTS[k]), PROBLEM_NOT_FOUND);
	}
	f->registry.result = -9999;
	assert_problem(exchange(f, GET("/v1/status")), PROBLEM_INTERNAL);
}

/* Runs until so many requests have come to the registry or been answered. */
struct until {
	struct fixture *f;
	unsigned asked;
};

static void stop_when_asked(void *arg)
{
	struct until *u = arg;

	if (u->asked > 0 && u->f->registry.asked >= u->asked)
		loop_stop(u->f->loop);
}

static void long_polls_are_bounded(void **state)
{
	struct fixture *f = *state;
	static const char LONG[] = GET("/v1/messages/" ID "?wait=60");
	struct client clients[ASK_LONG_MAX];
	struct until until = {f, ASK_LONG_MAX};
	unsigned open = 0;

	loop_on_round(f->loop, stop_when_asked, &until);
	f->registry.hold = true;
	for (size_t i = 0; i < ASK_LONG_MAX; i++)
		client_new(&clients[i], f, LONG, strlen(LONG), &open);
	run(f);
	until.asked = 0;
	assert_int_equal(f->registry.n_held, ASK_LONG_MAX);
	assert_int_equal(open, ASK_LONG_MAX);

	/* One more is turned away, a question that does not wait is not. */
	assert_problem(exchange(f, LONG), PROBLEM_BUSY);
	assert_int_equal(status_of(exchange(f, GET("/health/live"))), 200);
	release(&f->registry);
	run(f);
	for (size_t i = 0; i < ASK_LONG_MAX; i++) {
		assert_int_equal(status_of((char *)clients[i].in.data), 200);
		client_free(&clients[i]);
	}
	f->registry.hold = false;
	assert_int_equal(status_of(exchange(f, LONG)), 200);
}

static void full_window(void **state)
{
	struct fixture *f = *state;
	const unsigned window = ipc_row(IPC_peer_ping)->window;
	struct client clients[HTTP_CONNECTIONS_MAX];
	struct until until = {f, window};
	unsigned open = 0;

	loop_on_round(f->loop, stop_when_asked, &until);
	f->registry.hold = true;
	for (size_t i = 0; i < window; i++)
		client_new(&clients[i], f, POST("/v1/peers/QMB/test"),
		    strlen(POST("/v1/peers/QMB/test")), &open);
	run(f);
	until.asked = 0;
	assert_problem(exchange(f, POST("/v1/peers/QMB/test")), PROBLEM_BUSY);
	assert_int_equal(f->registry.asked, window);
	/* The clients go away; the answers come to nobody and harm nothing. */
	for (size_t i = 0; i < window; i++)
		client_free(&clients[i]);
	release(&f->registry);
	f->registry.hold = false;
	assert_int_equal(status_of(exchange(f, GET("/v1/status"))), 200);
	assert_int_equal(status_of(exchange(f, POST("/v1/peers/QMB/test"))), 202);
}

static void ends_with_waiting_clients(void **state)
{
	struct fixture *f = *state;
	struct client c;
	struct until until = {f, 1};
	unsigned open = 0;

	loop_on_round(f->loop, stop_when_asked, &until);
	f->registry.hold = true;
	client_new(&c, f, GET("/v1/status"), strlen(GET("/v1/status")), &open);
	run(f);
	client_free(&c);
	assert_int_equal(f->registry.n_held, 1); /* and the teardown finds it suspended */
}

static void garbage_does_not_stay(void **state)
{
	static const char *const GARBAGE[] = {"\x16\x03\x01\x02\r\n\r\n", "GET\r\n\r\n",
	    "GET /v1/status HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	    "POST /v1/peers/QMB/test HTTP/1.1\r\nHost: desk\r\nContent-Length: x\r\n\r\n"};
	struct fixture *f = *state;
	struct rxp_buf request;
	uint8_t *room = NULL;
	unsigned status;

	for (size_t i = 0; i < sizeof(GARBAGE) / sizeof(GARBAGE[0]); i++) {
		status = status_of(exchange(f, GARBAGE[i]));
		assert_true(status == 0 || (status >= 400 && status < 600));
	}
	rxp_buf_init(&request, HTTP_DISCARD_OCTETS);
	rxp_buf_puts(&request, "GET /v1/status HTTP/1.1\r\nHost: desk\r\nX: ");
	assert_int_equal(rxp_buf_room(&request, HTTP_CONNECTION_OCTETS, &room), 0);
	memset(room, 'x', HTTP_CONNECTION_OCTETS);
	rxp_buf_puts(&request, "\r\n\r\n");
	status = status_of(exchange_octets(f, request.data, request.len));
	assert_true(status == 0 || status == 431 || status == 413);
	rxp_buf_free(&request);
	assert_int_equal(f->registry.asked, 0);
	assert_int_equal(status_of(exchange(f, GET("/health/live"))), 200);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(node_routes),
	    TEST(peer_routes),
	    TEST(message_routes),
	    TEST(refused_before_the_registry),
	    TEST(bodies_have_a_bound),
	    TEST(results_become_problems),
	    TEST(long_polls_are_bounded),
	    TEST(full_window),
	    TEST(ends_with_waiting_clients),
	    TEST(garbage_does_not_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
