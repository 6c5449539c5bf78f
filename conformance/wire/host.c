#include "conformance/wire/host_inside.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <nghttp2/nghttp2.h>

#include "conformance/wire/listen.h"
#include "conformance/wire/tls.h"

#define MAX_LINES 32 /* and as many that linger */
#define MAX_STREAMS 16
#define READ_OCTETS 16384
#define EVENTS 16
/* For what the product still sends on a connection that this side has ended. */
#define LINGER_MS 1000

static const char PLAIN[] =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\n\r\n<html></html>\n";

/* --- streams --------------------------------------------------------------------------------- */

static struct stream *stream_find(const struct line *l, int32_t id)
{
	struct stream *s = l->streams;

	while (s != NULL && s->id != id)
		s = s->next;
	return s;
}

static struct stream *stream_new(struct line *l, int32_t id)
{
	struct stream *s = calloc(1, sizeof *s);

	if (s == NULL)
		return NULL;
	s->line = l;
	s->id = id;
	s->request.line = guest_facts(l->guest);
	s->request.place = (struct host_place){l->number, id};
	s->request.began_ms = tls_now_ms();
	rxp_buf_init(&s->request.body, HOST_MAX_BODY);
	rxp_buf_init(&s->body, WIRE_MAX_RESPONSE_OCTETS * 4);
	s->next = l->streams;
	l->streams = s;
	return s;
}

static void stream_free(struct line *l, int32_t id)
{
	struct stream **at = &l->streams, *s;

	while (*at != NULL && (*at)->id != id)
		at = &(*at)->next;
	s = *at;
	if (s == NULL)
		return;
	*at = s->next;
	rxp_buf_free(&s->request.body);
	rxp_buf_free(&s->body);
	free(s);
}

static void ask_owner(struct stream *s)
{
	const struct host_calls *calls = &s->line->host->calls;
	struct host_reply reply = {.status = 404};

	if (s->told)
		return;
	s->told = true;
	calls->request(calls->arg, &s->request, &reply);
	if (!reply.later)
		reply_take(s, &reply);
}

/* --- what comes ------------------------------------------------------------------------------ */

static int on_begin(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct line *l = arg;
	struct stream *s = stream_find(l, frame->hd.stream_id);

	(void)session;
	if (frame->hd.type != NGHTTP2_HEADERS)
		return 0;
	if (s != NULL)
		s->request.trailers = true;
	else if (stream_new(l, frame->hd.stream_id) == NULL)
		return NGHTTP2_ERR_CALLBACK_FAILURE;
	return 0;
}

static void keep(char *out, size_t size, const uint8_t *value, size_t len)
{
	(void)snprintf(out, size, "%.*s", (int)len, (const char *)value);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	struct stream *s = stream_find(arg, frame->hd.stream_id);

	(void)session;
	(void)flags;
	if (s == NULL || s->request.trailers)
		return 0;
	if (name_len == 7 && memcmp(name, ":method", 7) == 0) {
		keep(s->request.method, sizeof s->request.method, value, value_len);
		if (strcmp(s->request.method, "PUT") == 0)
			rxp_buf_init(&s->request.body, HOST_MAX_UPLOAD); /* empty until now */
	} else if (name_len == 5 && memcmp(name, ":path", 5) == 0)
		keep(s->request.path, sizeof s->request.path, value, value_len);
	else if (name_len == 12 && memcmp(name, "content-type", 12) == 0)
		keep(s->request.type, sizeof s->request.type, value, value_len);
	else if (name_len == 13 && memcmp(name, "content-range", 13) == 0)
		keep(s->request.range, sizeof s->request.range, value, value_len);
	else if (name_len == 5 && memcmp(name, "range", 5) == 0)
		keep(s->request.wanted, sizeof s->request.wanted, value, value_len);
	else if (name_len == 16 && memcmp(name, "content-encoding", 16) == 0)
		s->request.encoded = true;
	return 0;
}

static int on_data(
    nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *data, size_t len, void *arg)
{
	struct stream *s = stream_find(arg, id);

	(void)flags;
	if (s != NULL && rxp_buf_put(&s->request.body, data, len) != 0)
		(void)nghttp2_submit_rst_stream(
		    session, NGHTTP2_FLAG_NONE, id, NGHTTP2_ENHANCE_YOUR_CALM);
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct line *l = arg;
	struct stream *s = stream_find(l, frame->hd.stream_id);
	const struct host_calls *calls = &l->host->calls;

	(void)session;
	if (s == NULL || (frame->hd.type != NGHTTP2_HEADERS && frame->hd.type != NGHTTP2_DATA))
		return 0;
	if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 ||
	    (!s->told && calls->at_head(calls->arg, &s->request)))
		ask_owner(s);
	return 0;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t error, void *arg)
{
	struct line *l = arg;
	struct stream *s = stream_find(l, id);

	(void)session;
	(void)error;
	if (s != NULL && s->reply.fault == HOST_LAST) {
		l->parts = true;
		l->how = PART_POLITELY;
	}
	stream_free(l, id);
	return 0;
}

/* --- a connection ---------------------------------------------------------------------------- */

static bool begin_session(struct line *l)
{
	const nghttp2_settings_entry settings[] = {
	    {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, MAX_STREAMS},
	    {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, (uint32_t)l->window},
	};
	nghttp2_session_callbacks *calls = NULL;
	bool good;

	if (nghttp2_session_callbacks_new(&calls) != 0)
		return false;
	nghttp2_session_callbacks_set_on_begin_headers_callback(calls, on_begin);
	nghttp2_session_callbacks_set_on_header_callback(calls, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data);
	nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(calls, on_close);
	good = nghttp2_session_server_new(&l->session, calls, l) == 0 &&
	       nghttp2_submit_settings(
		   l->session, NGHTTP2_FLAG_NONE, settings, l->window > 0 ? 2 : 1) == 0;
	nghttp2_session_callbacks_del(calls);
	return good;
}

static unsigned count(const struct host *h, bool dead)
{
	unsigned n = 0;

	for (const struct line *l = h->lines; l != NULL; l = l->next)
		n += l->dead == dead;
	return n;
}

/* What ends by the word of this side alone: to close with octets that were not read would be a reset of the connection, which takes
 * from the product what it has not read either, a reply that it was given. */
static void linger(struct line *l)
{
	struct epoll_event event = {EPOLLIN, {.ptr = l}};

	if (l->session == NULL || (l->parts && l->how != PART_POLITELY) ||
	    count(l->host, true) >= MAX_LINES || !guest_leave(l->guest))
		return;
	l->lingers_ms = tls_now_ms() + LINGER_MS;
	(void)epoll_ctl(l->host->watch, EPOLL_CTL_MOD, guest_fd(l->guest), &event);
}

static void line_end(struct line *l, enum wire_end why)
{
	const struct host_calls *calls = &l->host->calls;

	if (why == WIRE_NONE)
		linger(l);
	l->dead = true;
	calls->over(calls->arg, guest_facts(l->guest), why);
}

static void watch(struct line *l)
{
	struct epoll_event event = {EPOLLIN | (l->out_len > 0 ? EPOLLOUT : 0U), {.ptr = l}};

	(void)epoll_ctl(l->host->watch, EPOLL_CTL_MOD, guest_fd(l->guest), &event);
}

/* What is due of its streams. Is there anything new to send? */
static bool act(struct line *l)
{
	bool acted = false;
	int64_t now = tls_now_ms();

	for (struct stream *s = l->streams; s != NULL && !l->dead; s = s->next) {
		if (s->waits && s->due_ms <= now) {
			reply_begin(s);
			acted = true;
		} else if (s->hit) {
			reply_strike(s);
			acted = true;
		}
	}
	return acted;
}

/* All that the session has to say, as far as there is room. false: the connection is over, or there is none. */
static bool drain(struct line *l)
{
	for (;;) {
		size_t done = 0;
		enum wire_end end;

		if (l->out_len == 0 && l->frame_len > 0) {
			l->out = l->frame;
			l->out_len = l->frame_len;
			l->frame_len = 0;
		} else if (l->out_len == 0) {
			ssize_t n = nghttp2_session_mem_send(l->session, &l->out);

			if (n < 0)
				line_end(l, WIRE_LOCAL);
			if (n <= 0)
				return n == 0;
			l->out_len = (size_t)n;
		}
		end = guest_write(l->guest, l->out, l->out_len, &done);
		if (end == WIRE_WAIT)
			return false;
		if (end != WIRE_NONE) {
			line_end(l, end);
			return false;
		}
		l->out += done;
		l->out_len -= done;
	}
}

static void flush(struct line *l)
{
	if (l->session == NULL)
		return;
	do {
		if (!drain(l))
			break;
	} while (act(l));
	if (!l->dead && l->out_len == 0 &&
	    (l->parts || (nghttp2_session_want_read(l->session) == 0 &&
			     nghttp2_session_want_write(l->session) == 0)))
		line_end(l, WIRE_NONE);
	if (!l->dead)
		watch(l);
}

static void receive(struct line *l)
{
	uint8_t octets[READ_OCTETS];
	size_t len;
	enum wire_end end;

	while (!l->dead && (end = guest_read(l->guest, octets, sizeof octets, &len)) != WIRE_WAIT)
		if (end != WIRE_NONE)
			line_end(l, end);
		else if (nghttp2_session_mem_recv(l->session, octets, len) < 0)
			line_end(l, WIRE_HTTP2);
}

static void serve(struct line *l)
{
	if (l->session == NULL) {
		enum wire_end end = guest_shake(l->guest);

		if (end == WIRE_WAIT)
			return;
		if (end == WIRE_NONE && !begin_session(l))
			end = WIRE_LOCAL;
		if (end != WIRE_NONE) {
			line_end(l, end);
			return;
		}
	}
	receive(l);
	if (!l->dead)
		flush(l);
}

/* Closing is not enough: a child that was forked a moment ago has the descriptor until it executes, and what comes on it meanwhile
 * would be told of a line that is no more. */
static void line_free(struct line *l)
{
	(void)epoll_ctl(l->host->watch, EPOLL_CTL_DEL, guest_fd(l->guest), NULL);
	while (l->streams != NULL)
		stream_free(l, l->streams->id);
	nghttp2_session_del(l->session);
	guest_free(l->guest, l->parts ? l->how : PART_POLITELY);
	free(l);
}

static void let_in(struct host *h, int fd)
{
	struct greeting greeting = {0};
	struct line *l = count(h, false) < MAX_LINES ? calloc(1, sizeof *l) : NULL;
	struct epoll_event event = {EPOLLIN, {.ptr = l}};

	if (l == NULL) {
		(void)close(fd);
		return;
	}
	h->calls.greet(h->calls.arg, &greeting);
	l->host = h;
	l->number = ++h->n_ever;
	l->window = greeting.window;
	l->guest = guest_new(fd, &greeting);
	if (l->guest != NULL && greeting.plain)
		(void)send(fd, PLAIN, sizeof PLAIN - 1, MSG_NOSIGNAL);
	if (l->guest == NULL || greeting.plain || greeting.closed ||
	    epoll_ctl(h->watch, EPOLL_CTL_ADD, fd, &event) != 0) {
		guest_free(l->guest, PART_SILENTLY);
		free(l);
		return;
	}
	l->next = h->lines;
	h->lines = l;
}

static void sweep(struct host *h)
{
	struct line **at = &h->lines;

	while (*at != NULL) {
		struct line *l = *at;

		if (!l->dead || l->lingers_ms > tls_now_ms()) {
			at = &l->next;
			continue;
		}
		*at = l->next;
		line_free(l);
	}
}

/* --- the whole ------------------------------------------------------------------------------- */

enum wire_end host_open(struct host **out, const char *at, const struct host_calls *calls)
{
	struct host *h = calloc(1, sizeof *h);
	struct epoll_event event = {EPOLLIN, {.ptr = NULL}};
	enum wire_end end;

	if (h == NULL)
		return WIRE_LOCAL;
	h->calls = *calls;
	h->fd = -1;
	h->watch = epoll_create1(EPOLL_CLOEXEC);
	end = h->watch < 0 ? WIRE_LOCAL : listen_at(&h->fd, at);
	if (end == WIRE_NONE && epoll_ctl(h->watch, EPOLL_CTL_ADD, h->fd, &event) != 0)
		end = WIRE_LOCAL;
	if (end == WIRE_NONE)
		*out = h;
	else
		host_free(h);
	return end;
}

void host_free(struct host *h)
{
	if (h == NULL)
		return;
	for (struct line *l = h->lines; l != NULL; l = l->next) {
		l->dead = true;
		l->lingers_ms = 0;
	}
	sweep(h);
	if (h->fd >= 0)
		(void)close(h->fd);
	if (h->watch >= 0)
		(void)close(h->watch);
	free(h);
}

/* When the first reply that is delayed is due, or a connection has lingered long enough, at most until then. */
static int64_t next_due(const struct host *h, int64_t until_ms)
{
	for (const struct line *l = h->lines; l != NULL; l = l->next) {
		if (l->lingers_ms != 0 && l->lingers_ms < until_ms)
			until_ms = l->lingers_ms;
		for (const struct stream *s = l->streams; s != NULL && !l->dead; s = s->next)
			if (s->waits && s->due_ms < until_ms)
				until_ms = s->due_ms;
	}
	return until_ms;
}

void host_turn(struct host *h, int64_t deadline_ms)
{
	struct epoll_event events[EVENTS];
	int64_t left = next_due(h, deadline_ms) - tls_now_ms();
	int n = epoll_wait(h->watch, events, EVENTS, left < 0 ? 0 : (int)left);

	for (int i = 0; i < n; i++) {
		struct line *l = events[i].data.ptr;
		int fd;

		if (l != NULL && !l->dead)
			serve(l);
		else if (l != NULL && !guest_drop(l->guest))
			l->lingers_ms = 0;
		else if (l == NULL &&
			 (fd = accept4(h->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0)
			let_in(h, fd);
	}
	for (struct line *l = h->lines; l != NULL; l = l->next)
		if (!l->dead && l->session != NULL && act(l))
			flush(l);
	sweep(h);
}

static struct stream *stream_at(const struct host *h, struct host_place at)
{
	const struct line *l = h->lines;

	while (l != NULL && (l->number != at.line || l->dead))
		l = l->next;
	return l == NULL ? NULL : stream_find(l, at.stream);
}

bool host_answer(struct host *h, struct host_place at, const struct host_reply *reply)
{
	struct stream *s = stream_at(h, at);

	if (s != NULL)
		reply_take(s, reply);
	return s != NULL;
}

bool host_awaits(const struct host *h, struct host_place at)
{
	return stream_at(h, at) != NULL;
}

bool host_is_answered(const struct host *h, struct host_place at)
{
	for (const struct line *l = h->lines; l != NULL; l = l->next)
		if (l->number == at.line)
			return l->dead || (l->out_len == 0 && stream_find(l, at.stream) == NULL);
	return true;
}

int host_fd(const struct host *h)
{
	return h->watch;
}

/* What is due is given, and GOAWAY behind it. */
static void say_all(struct line *l)
{
	while (drain(l) && act(l))
		;
	if (l->dead)
		return;
	(void)nghttp2_submit_goaway(l->session, NGHTTP2_FLAG_NONE,
	    nghttp2_session_get_last_proc_stream_id(l->session), NGHTTP2_NO_ERROR, NULL, 0);
	(void)drain(l);
}

static bool is_broken(const struct line *l)
{
	return !l->dead && guest_facts(l->guest)->broken_ms != 0;
}

unsigned host_broken(const struct host *h)
{
	unsigned n = 0;

	for (const struct line *l = h->lines; l != NULL; l = l->next)
		n += is_broken(l);
	return n;
}

static void hang_up(struct line *l)
{
	if (l->session != NULL && !l->dead) {
		say_all(l);
		linger(l);
	}
	l->dead = true;
}

void host_end_broken(struct host *h)
{
	for (struct line *l = h->lines; l != NULL; l = l->next)
		if (is_broken(l))
			hang_up(l);
	sweep(h);
}

void host_hang_up(struct host *h)
{
	for (struct line *l = h->lines; l != NULL; l = l->next)
		hang_up(l);
	sweep(h);
}
