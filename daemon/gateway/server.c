#include "daemon/gateway/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/give.h"
#include "daemon/gateway/h2_shared.h"
#include "daemon/gateway/http_status.h"
#include "daemon/gateway/inbound.h"
#include "daemon/gateway/pages.h"
#include "daemon/gateway/pickup.h"
#include "daemon/gateway/role.h"
#include "daemon/gateway/rxp_http.h"
#include "daemon/gateway/staging.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define ALLOW_TEXT 32 /* methods of one path */

/* One request for a route with a body, from its field section to its answer. */
struct request {
	struct inbound *from; /* NULL: its stream has gone, only the registry's answer is awaited */
	struct h2_stream *stream;
	enum server_body what;
	struct request *next; /* in the list of those waiting for room, or for the registry */
	uint64_t number; /* at the registry */
	int64_t received_ms; /* wall time at which all octets were there (RXP-TIM-005) */
	size_t reserved; /* octets of the body */
};

struct server {
	struct server_config config;
	struct watch *listeners[GATEWAY_LISTENERS];
	size_t n_listeners;
	struct inbound_set inbound;
	struct request *waiting, **waiting_last; /* complete, the registry has no room */
	struct request *asked; /* at the registry */
	struct h2_shared *descriptor; /* NULL: the registry has not told it yet */
};

typedef void route_handler(struct inbound *in, struct h2_stream *stream);
static route_handler take_message, take_answer, take_descriptor, give_message, give_descriptor,
    give_log, take_log, ask_attachment, take_attachment, give_attachment;

enum kind { KIND_PLAIN, KIND_QUERY, KIND_RXP, KIND_FILE, KIND_LOG };

static const struct route {
	const char *method, *path;
	enum kind kind;
	size_t max_body;
	route_handler *handler;
} routes[] = {
#define ROUTE(method, path, kind, octets, handler) {method, path, KIND_##kind, octets, handler},
#include "daemon/gateway/route.def"
#undef ROUTE
};

/* --- answers ---------------------------------------------------------------------------------- */

static void respond(struct inbound *in, struct h2_stream *stream, unsigned status,
    const char *allow, struct bytes body)
{
	const struct gateway_times *times = conns_times(in->server->config.conns);

	(void)h2_respond(stream, &(struct h2_response){.status = status,
				     .type = body.len > 0 ? RXP_HTTP_TYPE : NULL,
				     .allow = allow,
				     .body = body.data,
				     .len = body.len,
				     .deadline_ms = clock_mono_ms() + times->stall_ms});
}

static void refuse(struct inbound *in, struct h2_stream *stream, unsigned status)
{
	if (!h2_stream_answered(stream))
		respond(in, stream, status, NULL, (struct bytes){0});
}

/* --- requests --------------------------------------------------------------------------------- */

static void unlink_request(struct request **list, const struct request *r)
{
	while (*list != NULL && *list != r)
		list = &(*list)->next;
	if (*list != NULL)
		*list = r->next;
}

static void give_back(struct request *r)
{
	if (r->from != NULL)
		inbound_release(r->from, r->reserved);
	r->reserved = 0;
}

/* A field section for POST: room for the body is set aside before any of it is kept. */
static void take_body(
    struct inbound *in, struct h2_stream *stream, enum server_body what, size_t most)
{
	const struct h2_head *head = h2_stream_head(stream);
	const struct gateway_times *times = conns_times(in->server->config.conns);
	size_t need = head->length >= 0 ? (size_t)head->length : most;
	struct request *r;

	if (!inbound_reserve(in, need)) {
		refuse(in, stream, HTTP_BUSY);
		return;
	}
	r = calloc(1, sizeof *r);
	if (r == NULL) {
		inbound_release(in, need);
		refuse(in, stream, HTTP_BUSY);
		return;
	}
	*r = (struct request){.from = in, .stream = stream, .what = what, .reserved = need};
	h2_stream_set_user(stream, r);
	h2_stream_bound(stream, need, clock_mono_ms() + times->body_ms);
	h2_stream_patience(stream, times->body_ms);
}

static void take_message(struct inbound *in, struct h2_stream *stream)
{
	take_body(in, stream, SERVER_ENVELOPE, RXP_MAX_ENVELOPE_OCTETS);
}

static void take_answer(struct inbound *in, struct h2_stream *stream)
{
	take_body(in, stream, SERVER_ANSWER, RXP_MAX_ANSWER_OCTETS);
}

static void take_descriptor(struct inbound *in, struct h2_stream *stream)
{
	take_body(in, stream, SERVER_DESCRIPTOR, RXP_MAX_DESCRIPTOR_OCTETS);
}

static void take_log(struct inbound *in, struct h2_stream *stream)
{
	take_body(in, stream, SERVER_LOG_PAGE, RXP_MAX_LOG_PAGE_OCTETS);
}

static void give_message(struct inbound *in, struct h2_stream *stream)
{
	unsigned wrong = pickups_ask(in->server->config.pickups, in, stream);

	if (wrong != 0)
		refuse(in, stream, wrong);
}

static void give_descriptor(struct inbound *in, struct h2_stream *stream)
{
	const struct gateway_times *times = conns_times(in->server->config.conns);

	if (in->server->descriptor == NULL)
		refuse(in, stream, HTTP_BUSY);
	else
		(void)h2_respond(stream, &(struct h2_response){.status = HTTP_OK,
					     .type = RXP_HTTP_TYPE,
					     .shared = in->server->descriptor,
					     .deadline_ms = clock_mono_ms() + times->stall_ms});
}

static void give_log(struct inbound *in, struct h2_stream *stream)
{
	uint64_t after = 0;
	unsigned wrong;

	(void)pages_after(&after, h2_stream_head(stream)->path); /* the route holds, so it is one */
	wrong = pages_ask(in->server->config.pages, in, stream, after);
	if (wrong != 0)
		refuse(in, stream, wrong);
}

typedef unsigned staging_start(
    struct staging *st, struct inbound *in, struct h2_stream *stream, const uint8_t digest[32]);

static bool digest_of(uint8_t out[32], const char *path)
{
	size_t n = strlen(RXP_HTTP_ATTACHMENT);

	return strncmp(path, RXP_HTTP_ATTACHMENT, n) == 0 &&
	       rxp_hex_get(out, 32, path + n, false) == 0;
}

static void stage(struct inbound *in, struct h2_stream *stream, staging_start *start)
{
	uint8_t digest[32] = {0};
	unsigned wrong;

	(void)digest_of(digest, h2_stream_head(stream)->path); /* the route holds, so it is one */
	wrong = start(in->server->config.staging, in, stream, digest);
	if (wrong != 0)
		refuse(in, stream, wrong);
}

static void ask_attachment(struct inbound *in, struct h2_stream *stream)
{
	stage(in, stream, staging_ask);
}

static void take_attachment(struct inbound *in, struct h2_stream *stream)
{
	stage(in, stream, staging_put);
}

static void give_attachment(struct inbound *in, struct h2_stream *stream)
{
	uint8_t digest[32] = {0};
	unsigned wrong;

	(void)digest_of(digest, h2_stream_head(stream)->path); /* as above */
	wrong = gives_ask(in->server->config.gives, in, stream, digest);
	if (wrong != 0)
		refuse(in, stream, wrong);
}

/* --- routes ----------------------------------------------------------------------------------- */

/* 0, or the status that says what is wrong with the fields of a request for this route. */
static unsigned judge(const struct route *route, const struct h2_head *head)
{
	if (head->encoded)
		return HTTP_TYPE;
	if (head->expects)
		return HTTP_EXPECT;
	if (route->kind == KIND_RXP && strcmp(head->type, RXP_HTTP_TYPE) != 0)
		return HTTP_TYPE;
	if (head->length > (int64_t)route->max_body)
		return HTTP_TOO_LARGE; /* RXP-HTTP-006 */
	return 0;
}

/* A path with a query is one of its own, which no other method has. */
static bool leads_to(const struct route *route, const char *method, const char *path)
{
	uint8_t digest[32];
	size_t n = strlen(route->path);
	uint64_t after;

	if (route->kind == KIND_QUERY && strcmp(route->method, method) == 0 &&
	    strncmp(route->path, path, n) == 0 && path[n] == '?')
		return true;
	if (route->kind == KIND_FILE)
		return digest_of(digest, path);
	if (route->kind == KIND_LOG)
		return pages_after(&after, path);
	return strcmp(route->path, path) == 0;
}

static void on_head(void *arg, struct h2_stream *stream)
{
	struct inbound *in = arg;
	const struct h2_head *head = h2_stream_head(stream);
	char allow[ALLOW_TEXT] = "";
	unsigned wrong;
	size_t i, n;

	for (i = 0; i < sizeof routes / sizeof routes[0] && !head->too_large; i++) {
		if (!leads_to(&routes[i], head->method, head->path))
			continue;
		if (strcmp(routes[i].method, head->method) != 0) {
			n = strlen(allow);
			snprintf(allow + n, sizeof allow - n, "%s%s", n > 0 ? ", " : "",
			    routes[i].method);
			continue;
		}
		wrong = conn_is_former(in->conn) && routes[i].handler != give_descriptor
			    ? HTTP_FORBIDDEN
			    : judge(&routes[i], head);
		if (wrong != 0)
			refuse(in, stream, wrong);
		else
			routes[i].handler(in, stream);
		return;
	}
	if (allow[0] != '\0')
		respond(in, stream, HTTP_METHOD, allow, (struct bytes){0});
	else
		refuse(in, stream, head->too_large ? HTTP_FIELDS : HTTP_NOT_FOUND);
}

/* The body goes to the registry and is not kept here. RXP_ERR_FULL: not now. */
static int hand_over(struct request *r)
{
	struct server *s = r->from->server;
	struct rxp_buf *body = h2_stream_body(r->stream);
	struct msg_admit m = {.received_ms = r->received_ms, .envelope = {body->data, body->len}};
	int rc;

	memcpy(m.party, conn_party(r->from->conn), sizeof m.party);
	rc = s->config.admit(s->config.arg, r->what, &m, &r->number);
	if (rc == RXP_ERR_FULL)
		return rc;
	give_back(r);
	if (rc == 0) {
		r->next = s->asked;
		s->asked = r;
		rxp_buf_free(body);
	} else {
		h2_stream_set_user(r->stream, NULL);
		refuse(r->from, r->stream, HTTP_BUSY);
		free(r);
	}
	return 0;
}

static void on_whole(void *arg, struct h2_stream *stream)
{
	struct inbound *in = arg;
	struct server *s = in->server;
	struct request *r = h2_stream_user(stream);

	if (r == NULL)
		return;
	r->received_ms = clock_wall_ms();
	h2_stream_deadline(stream, 0);
	if (s->waiting == NULL && hand_over(r) == 0)
		return;
	r->next = NULL;
	*s->waiting_last = r;
	s->waiting_last = &r->next;
	conn_pause(in->conn, true);
}

static void serve_waiting(struct server *s)
{
	struct request *r;

	while ((r = s->waiting) != NULL) {
		s->waiting = r->next;
		if (hand_over(r) != 0) {
			s->waiting = r;
			return;
		}
		if (s->waiting == NULL)
			s->waiting_last = &s->waiting;
	}
	inbound_resume(&s->inbound);
}

static void answer_request(const struct request *r, const struct server_answer *a)
{
	const struct gateway_times *times = conns_times(r->from->server->config.conns);
	bool sane = a->http_status >= HTTP_OK && a->http_status <= HTTP_LAST &&
		    a->octets.len <= RXP_MAX_ANSWER_OCTETS;
	char offset[H2_OFFSET_TEXT];

	if (!sane || a->http_status != HTTP_ACCEPTED) {
		respond(r->from, r->stream, sane ? a->http_status : HTTP_BUSY, NULL,
		    sane ? a->octets : (struct bytes){0});
		return;
	}
	snprintf(offset, sizeof offset, "%" PRIu64, a->offset);
	(void)h2_respond(r->stream, &(struct h2_response){.status = HTTP_ACCEPTED,
					.offset = offset,
					.deadline_ms = clock_mono_ms() + times->stall_ms});
}

void server_answered(struct server *s, uint64_t request, const struct server_answer *answer)
{
	struct request *r = s->asked;

	while (r != NULL && r->number != request)
		r = r->next;
	if (r != NULL) {
		unlink_request(&s->asked, r);
		if (r->from != NULL) {
			h2_stream_set_user(r->stream, NULL);
			answer_request(r, answer);
		}
		free(r);
	}
	serve_waiting(s);
}

static void on_fault(void *arg, struct h2_stream *stream, enum h2_fault fault)
{
	static const unsigned status[] = {
	    [H2_FAULT_BODY] = HTTP_TOO_LARGE,
	    [H2_FAULT_TRAILERS] = HTTP_BAD,
	    [H2_FAULT_INTERIM] = HTTP_BAD,
	    [H2_FAULT_NOMEM] = HTTP_BUSY,
	};

	refuse(arg, stream, status[fault]);
}

static void on_sent(void *arg, struct h2_stream *stream)
{
	(void)arg;
	(void)stream;
}

/* Of a request that does not come: the stream. Of an answer that is not taken: the connection. */
static void on_late(void *arg, struct h2_stream *stream)
{
	struct inbound *in = arg;

	if (h2_stream_answered(stream))
		conn_close(in->conn, TRANSPORT_STALLED);
	else
		refuse(in, stream, HTTP_LATE);
}

static void on_gone(void *arg, struct h2_stream *stream, enum h2_end end)
{
	struct inbound *in = arg;
	struct server *s = in->server;
	struct request *r = h2_stream_user(stream), *asked;

	(void)end;
	if (r == NULL)
		return;
	give_back(r);
	for (asked = s->asked; asked != NULL && asked != r; asked = asked->next)
		;
	r->from = NULL;
	r->stream = NULL;
	if (asked != NULL)
		return;
	unlink_request(&s->waiting, r);
	for (s->waiting_last = &s->waiting; *s->waiting_last != NULL;
	     s->waiting_last = &(*s->waiting_last)->next)
		;
	free(r);
}

/* --- connections ------------------------------------------------------------------------------ */

static void on_open(void *arg, struct conn *c)
{
	struct inbound *in = arg;
	struct server *s = in->server;

	inbound_open(in);
	if (inbound_of_party(&s->inbound, conn_party(c)) > GATEWAY_INBOUND_PER_PARTY) {
		conn_close(c, TRANSPORT_TOO_MANY);
		return;
	}
	if (!conn_is_former(c))
		s->config.contact(s->config.arg, conn_party(c), conn_until_ms(c));
}

static void on_closed(void *arg, struct conn *c, enum transport why)
{
	(void)c;
	(void)why;
	inbound_free(arg);
}

static const struct conn_calls calls = {.open = on_open,
    .closed = on_closed,
    .streams = {.head = on_head,
	.whole = on_whole,
	.fault = on_fault,
	.sent = on_sent,
	.late = on_late,
	.gone = on_gone}};

static void take(struct server *s, int fd, const struct sockaddr_storage *address, socklen_t len)
{
	struct inbound *in = inbound_new(&s->inbound, s, address);
	struct conn_config config = {.side = H2_SERVER, .calls = &calls, .arg = in};
	union {
		const struct sockaddr_storage *storage;
		const struct sockaddr *any;
	} a = {address};

	config.address = a.any;
	config.address_len = len;
	if (in == NULL)
		close(fd);
	else if (conn_accept(&in->conn, s->config.conns, fd, &config) != 0)
		inbound_free(in);
}

static void on_listener(void *arg, int fd, unsigned events)
{
	struct server *s = arg;
	struct sockaddr_storage address;
	socklen_t len;
	unsigned n;
	int peer;

	(void)events;
	for (n = 0; n < GATEWAY_ACCEPTS_PER_EVENT; n++) {
		len = sizeof address;
		peer = accept4(fd, (void *)&address, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (peer < 0)
			return;
		take(s, peer, &address, len);
	}
}

/* --- the server ------------------------------------------------------------------------------- */

int server_new(struct server **out, const struct server_config *config)
{
	struct server *s = calloc(1, sizeof *s);

	if (s == NULL)
		return RXP_ERR_NOMEM;
	s->config = *config;
	s->waiting_last = &s->waiting;
	*out = s;
	return 0;
}

void server_free(struct server *s)
{
	struct request *r;

	if (s == NULL)
		return;
	server_drain(s);
	while ((r = s->asked) != NULL) {
		s->asked = r->next;
		free(r);
	}
	h2_shared_free(s->descriptor);
	free(s);
}

int server_listen(struct server *s, int fd)
{
	int rc;

	if (s->n_listeners == GATEWAY_LISTENERS)
		return RXP_ERR_BOUND;
	rc =
	    watch_new(&s->listeners[s->n_listeners], s->config.loop, fd, LOOP_READ, on_listener, s);
	if (rc == 0)
		s->n_listeners++;
	return rc;
}

int server_set_descriptor(struct server *s, struct bytes octets)
{
	struct h2_shared *fresh;

	if (octets.len == 0 || octets.len > RXP_MAX_DESCRIPTOR_OCTETS)
		return RXP_ERR_BOUND;
	fresh = h2_shared_new(octets.data, octets.len);
	if (fresh == NULL)
		return RXP_ERR_NOMEM;
	h2_shared_free(s->descriptor);
	s->descriptor = fresh;
	return 0;
}

void server_drain(struct server *s)
{
	while (s->n_listeners > 0)
		watch_free(s->listeners[--s->n_listeners]);
}
