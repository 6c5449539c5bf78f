/*
 * desk_fixture - the desk over a real Unix socket, with registry, sealers and clients played on its
 * loop. Everything is static, so that a program that is not linked with the desk never sees it, and
 * inline, as no test uses it all.
 */
#ifndef DESK_FIXTURE_H
#define DESK_FIXTURE_H

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
#include "daemon/desk/http_request.h"
#include "daemon/desk/problem.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define CLIENT_MAX (72UL * 1024 * 1024) /* octets of a request or an answer */
#define ANSWER_MAX (4UL * 1024 * 1024) /* octets of one that is kept as text */
#define GUARD_MS 60000 /* it comes long before, but on a machine that is busy */
#define ID "01890a5d-ac96-774b-bcce-b302099a8057"
#define ROOT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEAD_LINES " HTTP/1.1\r\nHost: desk\r\nConnection: close\r\n"
#define GET(path) "GET " path HEAD_LINES "\r\n"
#define POST(path) "POST " path HEAD_LINES "Content-Length: 0\r\n\r\n"

struct client {
	struct loop *loop;
	struct watch *watch;
	struct rxp_buf out, in; /* in: the answer, with a NUL after it once closed */
	size_t sent;
	unsigned *open; /* the loop stops when none is left */
	int fd;
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
	link_handler *handler; /* instead of the answers of this file; its arg is the fixture */
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
	struct link *sealer;
	int sealer_fd; /* another descriptor of the sealers' end */
	link_handler *worker; /* plays the sealers; NULL: nobody may ask them */
	void *more; /* of the test */
	struct sockaddr_un address;
	socklen_t address_len;
};

static inline struct bytes as_bytes(const char *text)
{
	return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static inline void keep_text(char *out, size_t size, struct bytes b)
{
	snprintf(out, size, "%.*s", (int)b.len, b.len > 0 ? (const char *)b.data : "");
}

/* --- the registry ------------------------------------------------------------------------------ */
static inline void make_row(struct rec_message_row *row)
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

static inline void answer_list(struct registry *g, uint64_t request)
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

static inline void answer_message(struct registry *g, uint64_t request)
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

static inline void answer_status(struct registry *g, uint64_t request)
{
	struct msg_status_is a = {.result = (uint32_t)g->result};
	struct rec_metric_row metric = {.metric = "commits_total", .value = 7};
	struct rec_ending_row ending = {.party = "QMB", .what = "root", .until_ms = 1, .near = 1};
	struct rec_alarm_row alarm = {.alarm = "parked", .peer = "QMB", .count = 2};
	struct rxp_buf rows, endings, alarms;

	rxp_buf_init(&rows, 4096);
	rxp_buf_init(&endings, 4096);
	rxp_buf_init(&alarms, 4096);
	record_list_put(&alarms, REC_alarm_row, &record_alarm_row, &alarm);
	a.alarms = (struct bytes){alarms.data, alarms.len};
	record_list_put(&endings, REC_ending_row, &record_ending_row, &ending);
	a.endings = (struct bytes){endings.data, endings.len};
	record_list_put(&rows, REC_metric_row, &record_metric_row, &metric);
	a.rows = (struct bytes){rows.data, rows.len};
	snprintf(a.health, sizeof(a.health), "%s", g->health != NULL ? g->health : "");
	assert_int_equal(link_answer(g->link, IPC_status_is, request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
	rxp_buf_free(&endings);
	rxp_buf_free(&alarms);
}

static inline void answer_diff(struct registry *g, uint64_t request)
{
	static const struct rec_change_row change = {.change = "pin",
	    .added = 1,
	    .text = {(const uint8_t *)"lists the TLS pin", 17},
	    .value = {(const uint8_t *)"ab", 2}};
	struct msg_peer_differs a = {.result = (uint32_t)g->result,
	    .problem = "as told",
	    .known_serial = 3,
	    .serial = 4,
	    .root = {0xab}};
	struct rxp_buf rows;

	rxp_buf_init(&rows, 4096);
	record_list_put(&rows, REC_change_row, &record_change_row, &change);
	a.rows = (struct bytes){rows.data, rows.len};
	assert_int_equal(link_answer(g->link, IPC_peer_differs, request, &a, NULL, 0), 0);
	rxp_buf_free(&rows);
}

static inline void answer(struct registry *g, enum ipc_type type, uint64_t request)
{
	uint32_t result = (uint32_t)g->result;
	struct msg_peer_added added = {.result = result, .problem = "as told", .party = "QMB"};
	struct msg_peer_distrusted distrusted = {.result = result};
	struct msg_peer_updated updated = {.result = result, .problem = "as told"};
	struct msg_peer_pinged pinged = {.result = result, .problem = "as told"};
	struct msg_message_requeued requeued = {.result = result};
	struct msg_message_discarded gone = {.result = result, .problem = "as told"};
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
	else if (type == IPC_peer_update)
		link_answer(g->link, IPC_peer_updated, request, &updated, NULL, 0);
	else if (type == IPC_peer_diff)
		answer_diff(g, request);
	else if (type == IPC_peer_ping)
		link_answer(g->link, IPC_peer_pinged, request, &pinged, NULL, 0);
	else if (type == IPC_message_requeue)
		link_answer(g->link, IPC_message_requeued, request, &requeued, NULL, 0);
	else if (type == IPC_message_discard)
		link_answer(g->link, IPC_message_discarded, request, &gone, NULL, 0);
	else
		link_answer(g->link, IPC_descriptor_got, request, &got, NULL, 0);
}

static inline void note(struct registry *g, const struct link_message *m)
{
	const struct msg_list *list = m->body;
	const struct msg_message_show *show = m->body;
	const struct msg_peer_add *add = m->body;
	const struct msg_peer_ping *ping = m->body;
	const struct msg_message_requeue *requeue = m->body;

	if (m->type == IPC_list) {
		snprintf(g->list, sizeof(g->list), "%s", list->list);
		snprintf(g->party, sizeof(g->party), "%s", list->peer);
		rxp_id_text(g->after, list->after);
		g->number = list->limit;
	} else if (m->type == IPC_message_show) {
		rxp_id_text(g->after, show->local_id);
		g->number = show->wait_ms;
	} else if (m->type == IPC_peer_add) {
		snprintf(g->user, sizeof(g->user), "%s", add->user);
		g->octets = add->descriptor.len;
		assert_int_equal(add->root[31], 0xff);
	} else if (m->type == IPC_peer_update) {
		const struct msg_peer_update *update = m->body;

		snprintf(g->user, sizeof(g->user), "%s", update->user);
		g->octets = update->descriptor.len;
	} else if (m->type == IPC_peer_ping || m->type == IPC_peer_distrust) {
		snprintf(g->user, sizeof(g->user), "%s", ping->user);
		snprintf(g->party, sizeof(g->party), "%s", ping->party);
	} else if (m->type == IPC_message_requeue || m->type == IPC_message_discard) {
		snprintf(g->user, sizeof(g->user), "%s", requeue->user);
		rxp_id_text(g->after, requeue->local_id);
	}
}

static inline void on_asked(void *arg, struct link *l, const struct link_message *m)
{
	struct fixture *f = arg;
	struct registry *g = &f->registry;

	g->asked++;
	g->type = m->type;
	if (g->handler != NULL) {
		g->handler(f, l, m);
		return;
	}
	note(g, m);
	if (!g->hold) {
		answer(g, m->type, m->request);
		return;
	}
	assert_true(g->n_held < HTTP_CONNECTIONS_MAX);
	g->held[g->n_held++] = (struct held){m->type, m->request};
}

static inline void release(struct registry *g)
{
	for (size_t i = 0; i < g->n_held; i++)
		answer(g, g->held[i].type, g->held[i].request);
	g->n_held = 0;
}

static inline void on_work(void *arg, struct link *l, const struct link_message *m)
{
	struct fixture *f = arg;

	assert_non_null(f->worker);
	f->worker(f, l, m);
}

static inline void on_link_closed(void *arg, struct link *l, int why)
{
	(void)arg;
	(void)l;
	fail_msg("the link closed: %s", rxp_err_text(why));
}

static inline void on_lost(void *arg, int why)
{
	(void)arg;
	fail_msg("the registry was lost: %s", rxp_err_text(why));
}

/* --- clients ----------------------------------------------------------------------------------- */
static inline void client_closed(struct client *c)
{
	rxp_buf_putc(&c->in, '\0');
	watch_free(c->watch);
	c->watch = NULL;
	if (--*c->open == 0)
		loop_stop(c->loop);
}

static inline void on_client(void *arg, int fd, unsigned events)
{
	struct client *c = arg;
	static char octets[65536];
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

static inline void client_new(
    struct client *c, struct fixture *f, const void *request, size_t len, unsigned *open)
{
	*c = (struct client){.loop = f->loop, .open = open};
	rxp_buf_init(&c->in, CLIENT_MAX);
	rxp_buf_init(&c->out, CLIENT_MAX);
	assert_int_equal(rxp_buf_put(&c->out, request, len), 0);
	c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(c->fd, (struct sockaddr *)&f->address, f->address_len), 0);
	assert_int_equal(
	    watch_new(&c->watch, f->loop, c->fd, LOOP_READ | LOOP_WRITE, on_client, c), 0);
	++*open;
}

static inline void client_free(struct client *c)
{
	watch_free(c->watch);
	close(c->fd);
	rxp_buf_free(&c->in);
	rxp_buf_free(&c->out);
}

static inline void on_guard(void *arg)
{
	(void)arg;
	fail_msg("no answer in time");
}

static inline void run(struct fixture *f)
{
	timer_arm(f->guard, GUARD_MS);
	assert_int_equal(loop_run(f->loop), 0);
	timer_disarm(f->guard);
}

/* One request, one answer, which lives until the next call. */
static inline const char *exchange_octets(struct fixture *f, const void *request, size_t len)
{
	static char last[ANSWER_MAX];
	struct client c;
	unsigned open = 0;

	client_new(&c, f, request, len, &open);
	run(f);
	snprintf(last, sizeof(last), "%s", (const char *)c.in.data);
	client_free(&c);
	return last;
}

static inline const char *exchange(struct fixture *f, const char *request)
{
	return exchange_octets(f, request, strlen(request));
}

static inline unsigned status_of(const char *answer_text)
{
	if (strncmp(answer_text, "HTTP/1.1 ", 9) != 0)
		return 0;
	return (unsigned)strtoul(answer_text + 9, NULL, 10);
}

static inline const char *body_of(const char *answer_text)
{
	const char *at = strstr(answer_text, "\r\n\r\n");

	assert_non_null(at);
	return at + 4;
}

static inline void assert_member(const char *answer_text, const char *name, const char *value)
{
	json_t *json = json_loads(body_of(answer_text), JSON_REJECT_DUPLICATES, NULL);

	assert_non_null(json);
	assert_non_null(json_object_get(json, name));
	assert_string_equal(json_string_value(json_object_get(json, name)), value);
	json_decref(json);
}

static inline void assert_problem(const char *answer_text, enum problem p)
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
static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	int pair[2], work[2], listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_non_null(f);
	assert_int_equal(loop_new(&f->loop), 0);
	assert_int_equal(timer_new(&f->guard, f->loop, on_guard, f), 0);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, work), 0);
	f->api.loop = f->loop;
	assert_int_equal(ask_new(&f->api.ask, f->loop, pair[0], work[0], on_lost, f), 0);
	assert_int_equal(link_new(&f->registry.link, f->loop,
			     &(struct link_config){.fd = pair[1],
				 .self = IPC_REGISTRY,
				 .peer = IPC_DESK,
				 .handler = on_asked,
				 .closed = on_link_closed,
				 .arg = f}),
	    0);
	f->sealer_fd = dup(work[1]);
	assert_int_equal(link_new(&f->sealer, f->loop,
			     &(struct link_config){.fd = work[1],
				 .self = IPC_SEALER,
				 .peer = IPC_DESK,
				 .shared = true,
				 .handler = on_work,
				 .closed = on_link_closed,
				 .arg = f}),
	    0);
	memcpy(f->api.own, "QMA", 4);
	f->api.access.owner = (uint32_t)geteuid();
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

static inline int tear_down(void **state)
{
	struct fixture *f = *state;

	link_free(f->registry.link);
	link_free(f->sealer);
	close(f->sealer_fd);
	http_free(f->http);
	ask_free(f->api.ask);
	timer_free(f->guard);
	loop_free(f->loop);
	free(f);
	return 0;
}

/* The same with more of that size, zeros, and who plays registry and sealers. */
static inline int set_up_with(
    void **state, size_t more, link_handler *registry, link_handler *worker)
{
	struct fixture *f;

	assert_int_equal(set_up(state), 0);
	f = *state;
	f->more = calloc(1, more);
	assert_non_null(f->more);
	f->registry.handler = registry;
	f->worker = worker;
	return 0;
}

static inline int tear_down_with(void **state)
{
	void *more = ((struct fixture *)*state)->more;

	assert_int_equal(tear_down(state), 0);
	free(more);
	return 0;
}

#endif
