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
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "daemon/base/ipc.h"
#include "daemon/base/link.h"
#include "daemon/base/loop.h"
#include "daemon/desk/api.h"
#include "daemon/desk/ask.h"
#include "daemon/desk/http.h"
#include "daemon/desk/problem.h"
#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/limits.h"

#define GUARD_MS 10000
#define ID "01890a5d-ac96-774b-bcce-b302099a8057"
#define ROOT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEAD_LINES " HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n"
#define GET(path) "GET " path HEAD_LINES "\r\n"
#define POST(path) "POST " path HEAD_LINES "Content-Length: 0\r\n\r\n"

struct client {
	struct loop *loop;
	int fd;
	struct watch *watch;
	struct rxp_buf out, in; /* in: the answer, with a NUL after it once closed */
	size_t sent;
	bool closed;
	unsigned *open; /* the loop stops when none is left */
};

/* The registry's part: what it was asked, and what it is to answer. */
struct registry {
	struct link *link;
	unsigned asked;
	enum ipc_type type;
	char user[RECORD_NAME_MAX], list[RECORD_NAME_MAX];
	char party[RXP_PARTY_TEXT], after[RXP_ID_TEXT];
	uint32_t number; /* limit or wait_ms */
	size_t octets; /* of a descriptor */
	int result;
	const char *health;
	bool hold; /* keep requests until release() */
	struct held {
		enum ipc_type type;
		uint64_t request;
	} held[HTTP_CONNECTIONS_MAX];
	size_t n_held;
};

struct fixture {
	struct loop *loop;
	struct timer *guard;
	struct api api;
	struct http *http;
	struct registry registry;
	struct sockaddr_un address;
	socklen_t address_len;
};

/* --- the registry ------------------------------------------------------------------------------ */
static void make_row(struct rec_message_row *row)
{
	*row = (struct rec_message_row){.direction = "out",
	    .peer = "QMB",
	    .type = "Ping",
	    .state = "delivered",
	    .created_ms = 1700000000000,
	    .received_ms = 1700000000100,
	    .answered_ms = 1700000000143,
	    .log_count = 12};
	rxp_id_parse(row->local_id, ID, 7);
	memcpy(row->log_id, row->local_id, sizeof(row->log_id));
}

static void answer_list(struct registry *g, uint64_t request)
{
	struct msg_listed a = {.result = (uint32_t)g->result, .more = 1};
	struct rec_peer_row peer = {.party = "QMB", .state = "active"};
	struct rec_message_row message;
	struct rxp_buf rows;

	rxp_buf_init(&rows, 4096);
	make_row(&message);
	if (strcmp(g->list, "peers") == 0)
		record_list_put(&rows, REC_peer_row, &record_peer_row, &peer);
	else
		record_list_put(&rows, REC_message_row, &record_message_row, &message);
	a.rows = (struct bytes){rows.data, rows.len};
	assert_int_equal(link_answer(g->link, IPC_listed, request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

static void answer_message(struct registry *g, uint64_t request)
{
	struct msg_message_shown a = {.result = (uint32_t)g->result, .final = 1};
	struct rec_message_row message;
	struct rxp_buf row;

	rxp_buf_init(&row, 4096);
	make_row(&message);
	record_encode(&row, &record_message_row, &message);
	a.row = (struct bytes){row.data, row.len};
	if (!g->hold)
		a.answer = (struct bytes){(const uint8_t *)"<Receipt/>", 10};
	assert_int_equal(link_answer(g->link, IPC_message_shown, request, &a, NULL, 0), 0);
	rxp_buf_free(&row);
}

static void answer_status(struct registry *g, uint64_t request)
{
	struct msg_status_is a = {.result = (uint32_t)g->result};
	struct rec_metric_row metric = {.metric = "commits_total", .value = 7};
	struct rxp_buf rows;

	rxp_buf_init(&rows, 4096);
	record_list_put(&rows, REC_metric_row, &record_metric_row, &metric);
	a.rows = (struct bytes){rows.data, rows.len};
	snprintf(a.health, sizeof(a.health), "%s", g->health != NULL ? g->health : "");
	assert_int_equal(link_answer(g->link, IPC_status_is, request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

static void answer(struct registry *g, enum ipc_type type, uint64_t request)
{
	uint32_t result = (uint32_t)g->result;
	struct msg_peer_added added = {.result = result, .problem = "as told", .party = "QMB"};
	struct msg_peer_distrusted distrusted = {.result = result};
	struct msg_peer_pinged pinged = {.result = result, .problem = "as told"};
	struct msg_message_requeued requeued = {.result = result};
	struct msg_descriptor_got got = {
	    .result = result, .root = {0xab}, .octets = {(const uint8_t *)"<Descriptor/>", 13}};

	rxp_id_parse(pinged.local_id, ID, 7);
	if (type == IPC_list)
		answer_list(g, request);
	else if (type == IPC_message_show)
		answer_message(g, request);
	else if (type == IPC_status)
		answer_status(g, request);
	else if (type == IPC_peer_add)
		link_answer(g->link, IPC_peer_added, request, &added, NULL, 0);
	else if (type == IPC_peer_distrust)
		link_answer(g->link, IPC_peer_distrusted, request, &distrusted, NULL, 0);
	else if (type == IPC_peer_ping)
		link_answer(g->link, IPC_peer_pinged, request, &pinged, NULL, 0);
	else if (type == IPC_message_requeue)
		link_answer(g->link, IPC_message_requeued, request, &requeued, NULL, 0);
	else
		link_answer(g->link, IPC_descriptor_got, request, &got, NULL, 0);
}

static void note(struct registry *g, const struct link_message *m)
{
	const struct msg_list *list = m->body;
	const struct msg_message_show *show = m->body;
	const struct msg_peer_add *add = m->body;
	const struct msg_peer_ping *ping = m->body;
	const struct msg_message_requeue *requeue = m->body;

	if (m->type == IPC_list) {
		strcpy(g->list, list->list);
		strcpy(g->party, list->peer);
		rxp_id_text(g->after, list->after);
		g->number = list->limit;
	} else if (m->type == IPC_message_show) {
		rxp_id_text(g->after, show->local_id);
		g->number = show->wait_ms;
	} else if (m->type == IPC_peer_add) {
		strcpy(g->user, add->user);
		g->octets = add->descriptor.len;
		assert_int_equal(add->root[31], 0xff);
	} else if (m->type == IPC_peer_ping || m->type == IPC_peer_distrust) {
		strcpy(g->user, ping->user);
		strcpy(g->party, ping->party);
	} else if (m->type == IPC_message_requeue) {
		strcpy(g->user, requeue->user);
		rxp_id_text(g->after, requeue->local_id);
	}
}

static void on_asked(void *arg, struct link *l, const struct link_message *m)
{
	struct registry *g = arg;

	(void)l;
	g->asked++;
	g->type = m->type;
	note(g, m);
	if (!g->hold) {
		answer(g, m->type, m->request);
		return;
	}
	assert_true(g->n_held < HTTP_CONNECTIONS_MAX);
	g->held[g->n_held++] = (struct held){m->type, m->request};
}

static void release(struct registry *g)
{
	for (size_t i = 0; i < g->n_held; i++)
		answer(g, g->held[i].type, g->held[i].request);
	g->n_held = 0;
}

static void on_link_closed(void *arg, struct link *l, int why)
{
	(void)arg;
	(void)l;
	fail_msg("the link closed: %s", rxp_err_text(why));
}

static void on_lost(void *arg, int why)
{
	(void)arg;
	fail_msg("the registry was lost: %s", rxp_err_text(why));
}

/* --- clients ----------------------------------------------------------------------------------- */
static void client_closed(struct client *c)
{
	rxp_buf_putc(&c->in, '\0');
	c->closed = true;
	watch_free(c->watch);
	c->watch = NULL;
	if (--*c->open == 0)
		loop_stop(c->loop);
}

static void on_client(void *arg, int fd, unsigned events)
{
	struct client *c = arg;
	char octets[4096];
	ssize_t n;

	if ((events & LOOP_WRITE) != 0 && c->sent < c->out.len) {
		n = send(fd, c->out.data + c->sent, c->out.len - c->sent, MSG_NOSIGNAL);
		if (n > 0)
			c->sent += (size_t)n;
		if (c->sent == c->out.len || n < 0)
			watch_set(c->watch, LOOP_READ);
	}
	if ((events & ~(unsigned)LOOP_WRITE) == 0)
		return;
	n = recv(fd, octets, sizeof(octets), 0);
	if (n > 0)
		assert_int_equal(rxp_buf_put(&c->in, octets, (size_t)n), 0);
	else
		client_closed(c);
}

static void client_new(
    struct client *c, struct fixture *f, const void *request, size_t len, unsigned *open)
{
	*c = (struct client){.loop = f->loop, .open = open};
	rxp_buf_init(&c->in, 1024 * 1024);
	rxp_buf_init(&c->out, 4 * 1024 * 1024);
	assert_int_equal(rxp_buf_put(&c->out, request, len), 0);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(c->fd, (struct sockaddr *)&f->address, f->address_len), 0);
	assert_int_equal(
	    watch_new(&c->watch, f->loop, c->fd, LOOP_READ | LOOP_WRITE, on_client, c), 0);
	++*open;
}

static void client_free(struct client *c)
{
	watch_free(c->watch);
	close(c->fd);
	rxp_buf_free(&c->in);
	rxp_buf_free(&c->out);
}

static void on_guard(void *arg)
{
	(void)arg;
	fail_msg("no answer in time");
}

static void run(struct fixture *f)
{
	timer_arm(f->guard, GUARD_MS);
	assert_int_equal(loop_run(f->loop), 0);
	timer_disarm(f->guard);
}

/* One request, one answer, which lives until the next call. */
static const char *exchange_octets(struct fixture *f, const void *request, size_t len)
{
	static char last[256 * 1024];
	struct client c;
	unsigned open = 0;

	client_new(&c, f, request, len, &open);
	run(f);
	snprintf(last, sizeof(last), "%s", (const char *)c.in.data);
	client_free(&c);
	return last;
}

static const char *exchange(struct fixture *f, const char *request)
{
	return exchange_octets(f, request, strlen(request));
}

static unsigned status_of(const char *answer_text)
{
	if (strncmp(answer_text, "HTTP/1.1 ", 9) != 0)
		return 0;
	return (unsigned)strtoul(answer_text + 9, NULL, 10);
}

static const char *body_of(const char *answer_text)
{
	const char *at = strstr(answer_text, "\r\n\r\n");

	assert_non_null(at);
	return at + 4;
}

static void assert_member(const char *answer_text, const char *name, const char *value)
{
	json_t *json = json_loads(body_of(answer_text), JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(json);
	assert_non_null(json_object_get(json, name));
	assert_string_equal(json_string_value(json_object_get(json, name)), value);
	json_decref(json);
}

static void assert_problem(const char *answer_text, enum problem p)
{
	char type[128];

	if (status_of(answer_text) != problem_row(p)->status)
		fail_msg("not %u: %.2000s", problem_row(p)->status, answer_text);
	assert_non_null(strstr(answer_text, "\r\nContent-Type: application/problem+json\r\n"));
	snprintf(type, sizeof(type), "urn:rxp:problem:%s", problem_row(p)->code);
	assert_member(answer_text, "type", type);
	assert_member(answer_text, "code", problem_row(p)->code);
	assert_member(answer_text, "detail", problem_row(p)->detail);
	assert_true((status_of(answer_text) == 503) ==
		    (strstr(answer_text, "\r\nRetry-After: 1\r\n") != NULL));
}

/* --- fixture ------------------------------------------------------------------------------------ */
static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int pair[2], listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_non_null(f);
	assert_int_equal(loop_new(&f->loop), 0);
	assert_int_equal(timer_new(&f->guard, f->loop, on_guard, f), 0);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(ask_new(&f->api.ask, f->loop, pair[0], on_lost, f), 0);
	assert_int_equal(link_new(&f->registry.link, f->loop,
			     &(struct link_config){.fd = pair[1],
				 .self = IPC_REGISTRY,
				 .peer = IPC_DESK,
				 .handler = on_asked,
				 .closed = on_link_closed,
				 .arg = &f->registry}),
	    0);
	memcpy(f->api.own, "QMA", 4);
	/* The kernel chooses a free name in the abstract namespace. */
	f->address.sun_family = AF_UNIX;
	assert_int_equal(
	    bind(listener, (struct sockaddr *)&f->address, sizeof(f->address.sun_family)), 0);
	f->address_len = sizeof(f->address);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&f->address, &f->address_len), 0);
	assert_int_equal(listen(listener, 128), 0);
	assert_int_equal(http_new(&f->http, f->loop, listener, &f->api), 0);
	assert_int_equal(http_warm_up(f->http), 0);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	link_free(f->registry.link);
	http_free(f->http);
	ask_free(f->api.ask);
	timer_free(f->guard);
	loop_free(f->loop);
	free(f);
	return 0;
}

/* --- tests ----------------------------------------------------------------------------------------- */
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
	f->registry.user[0] = '\0';
	assert_int_equal(status_of(exchange(f, POST("/v1/peers/QMB/distrust"))), 204);
	assert_string_equal(f->registry.user, user);
}

static void message_routes(void **state)
{
	static const char *const LISTS[][2] = {
	    {GET("/v1/messages?peer=QMB&after=" ID "&limit=100"), "messages"},
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
		size_t len = over == 2 ? HTTP_DISCARD_OCTETS + 1 : RXP_MAX_DESCRIPTOR_OCTETS + over;
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
#include "protocol/err.def"
#undef ERR
	};
	static const char *const REQUESTS[] = {GET("/v1/status"), GET("/metrics"),
	    GET("/health/ready"), GET("/v1/descriptor"), GET("/v1/descriptor?format=json"),
	    GET("/v1/peers"), GET("/v1/peers/QMB"), GET("/v1/messages"), GET("/v1/messages/" ID),
	    GET("/v1/messages/" ID "/answer"), POST("/v1/peers/QMB/test"),
	    POST("/v1/peers/QMB/distrust"), POST("/v1/queue/" ID "/requeue")};
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
	rxp_buf_init(&request, 2 * HTTP_CONNECTION_OCTETS);
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
