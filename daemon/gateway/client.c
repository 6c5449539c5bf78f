#include "daemon/gateway/client.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/line.h"
#include "daemon/gateway/pins.h"
#include "daemon/gateway/rxp_http.h"
#include "daemon/gateway/transport.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define TRIES 2 /* of a request that was surely not processed */

struct delivery {
	struct errand errand;
	struct peer *peer;
	const char *path;
	bool message; /* else what is posted: only status and offset of the response count */
	int64_t offset; /* that the response names, or -1 */
	uint64_t request;
	unsigned tries;
	int64_t started_ms, sent_ms; /* wall time */
	bool unsent; /* counted in its peer's */
	size_t len;
	uint8_t octets[];
};

struct peer {
	struct client *client;
	struct peer *next;
	char party[4];
	struct line *line; /* that takes new requests, or is on its way */
	struct line *
	    spare; /* on its way beside one that is silent: it takes its place, unless that has made it good before */
	struct errand *first, **last; /* not started */
	size_t unsent; /* octets of those that are begun and not with TLS yet */
	int64_t
	    away_ms; /* since when it is called, for nothing of what was to go reaches it; 0: it is not */
	struct timer *call;
	bool
	    takes_us; /* it did, when it was last reached: nothing waits until it says so once more */
	unsigned barren; /* lines in a row that became silent before much had come through */
};

struct client {
	struct client_config config;
	struct peer *peers;
	size_t busy;
	bool draining;
};

static void peer_go(struct peer *p);

/* --- outcomes --------------------------------------------------------------------------------- */

static void tell_delivered(
    const struct delivery *d, enum transport why, unsigned status, struct bytes answer)
{
	struct client *c = d->peer->client;
	struct msg_delivery m = {.outcome = (uint32_t)transport_outcome(why),
	    .http_status = status,
	    .started_ms = d->started_ms,
	    .sent_ms = d->sent_ms,
	    .answer = answer};

	snprintf(m.transport, sizeof m.transport, "%s", transport_text(why));
	if (status != 0)
		m.answered_ms = clock_wall_ms();
	c->config.done(c->config.arg, d->request, &m);
}

/* offset: rxp-offset of the response, as of h2_head.h. */
static void tell_posted(
    struct client *c, uint64_t request, enum transport why, unsigned status, int64_t offset)
{
	struct msg_posted m = {
	    .outcome = (uint32_t)transport_outcome(why), .http_status = status, .offset = offset};

	snprintf(m.transport, sizeof m.transport, "%s", transport_text(why));
	c->config.posted(c->config.arg, request, &m);
}

/* No octet of it waits here any more. */
static void passed_on(struct delivery *d)
{
	if (d->unsent)
		d->peer->unsent -= d->len;
	d->unsent = false;
}

static void finish_with(
    struct delivery *d, enum transport why, unsigned status, struct bytes answer)
{
	struct peer *p = d->peer;
	struct client *c = p->client;
	bool room = d->unsent;

	c->busy--;
	passed_on(d);
	if (d->message)
		tell_delivered(d, why, status, answer);
	else
		tell_posted(c, d->request, why, status, d->offset);
	explicit_bzero(d->octets, d->len);
	free(d);
	if (room)
		peer_go(p);
}

static void finish(void *arg, enum transport why)
{
	finish_with(arg, why, 0, (struct bytes){0});
}

/* --- what waits for a line -------------------------------------------------------------------- */

static void enqueue(struct peer *p, struct errand *e)
{
	e->next = NULL;
	*p->last = e;
	p->last = &e->next;
}

static struct errand *dequeue(struct peer *p)
{
	struct errand *e = p->first;

	if (e == NULL)
		return NULL;
	p->first = e->next;
	if (p->first == NULL)
		p->last = &p->first;
	return e;
}

static void fail_waiting(struct peer *p, enum transport why)
{
	struct errand *e;

	while ((e = dequeue(p)) != NULL)
		e->fail(e->arg, why);
}

/* --- streams ---------------------------------------------------------------------------------- */

/* The delivery's outcome is known; nothing more of the stream matters. */
static void drop(struct h2_stream *s, enum transport why)
{
	struct delivery *d = h2_stream_user(s);

	if (d == NULL)
		return;
	h2_stream_set_user(s, NULL);
	h2_cancel(s);
	finish_with(d, why, h2_stream_head(s)->status, (struct bytes){0});
}

/* A body is an answer only under its own content type (RXP-HTTP-005). */
static void on_head(void *arg, struct h2_stream *s)
{
	const struct h2_head *head = h2_stream_head(s);

	(void)arg;
	if (head->status >= 300 && head->status < 400)
		drop(s, TRANSPORT_REDIRECTED);
	else if (head->encoded || head->too_large ||
		 (head->typed && strcmp(head->type, RXP_HTTP_TYPE) != 0))
		drop(s, TRANSPORT_NOT_RXP);
}

static void on_whole(void *arg, struct h2_stream *s)
{
	struct delivery *d = h2_stream_user(s);
	const struct rxp_buf *body = h2_stream_body(s);
	const struct h2_head *head = h2_stream_head(s);

	(void)arg;
	if (d == NULL)
		return;
	if (body->len > 0 && !head->typed) {
		drop(s, TRANSPORT_NOT_RXP);
		return;
	}
	h2_stream_set_user(s, NULL);
	d->offset = head->offset;
	/* An answer before the end of the request: the rest of it is not wanted. */
	if (d->sent_ms == 0)
		h2_cancel(s);
	finish_with(d, TRANSPORT_NONE, head->status, (struct bytes){body->data, body->len});
}

static void on_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	static const enum transport why[] = {
	    [H2_FAULT_BODY] = TRANSPORT_ANSWER_LARGE,
	    [H2_FAULT_TRAILERS] = TRANSPORT_NOT_RXP,
	    [H2_FAULT_INTERIM] = TRANSPORT_NOT_RXP,
	    [H2_FAULT_NOMEM] = TRANSPORT_NO_MEMORY,
	};

	(void)arg;
	drop(s, why[fault]);
}

static void on_sent(void *arg, struct h2_stream *s)
{
	struct delivery *d = h2_stream_user(s);

	(void)arg;
	if (d == NULL)
		return;
	d->sent_ms = clock_wall_ms();
	passed_on(d);
	peer_go(d->peer);
}

static void on_late(void *arg, struct h2_stream *s)
{
	(void)arg;
	drop(s, TRANSPORT_ANSWER_LATE);
}

static void on_gone(void *arg, struct h2_stream *s, enum h2_end end)
{
	const struct line *l = arg;
	struct delivery *d = h2_stream_user(s);
	bool untouched = end == H2_END_REFUSED || (end == H2_END_LOST && !h2_stream_started(s));

	if (d == NULL)
		return;
	if (untouched && d->tries < TRIES && !d->peer->client->draining) {
		d->started_ms = d->sent_ms = 0;
		passed_on(d);
		enqueue(d->peer, &d->errand);
		/* A line that ends says so itself, after its streams. */
		if (end != H2_END_LOST)
			peer_go(d->peer);
	} else {
		finish(d, line_stream_why(l, end));
	}
}

/* --- lines ------------------------------------------------------------------------------------ */

static void start(void *arg, struct line *l)
{
	struct delivery *d = arg;
	int64_t answer_ms = conns_times(d->peer->client->config.conns)->answer_ms;
	struct h2_stream *s;
	struct h2_request request = {.method = "POST",
	    .path = d->path,
	    .authority = line_authority(l),
	    .type = RXP_HTTP_TYPE,
	    .body = d->octets,
	    .len = d->len,
	    .max_body = RXP_MAX_ANSWER_OCTETS,
	    .deadline_ms = clock_mono_ms() + answer_ms,
	    .patience_ms = answer_ms,
	    .user = d};

	d->tries++;
	d->started_ms = clock_wall_ms();
	if (h2_request(line_h2(l), &request, &s) != 0) {
		finish(d, TRANSPORT_NO_MEMORY);
		return;
	}
	d->unsent = true;
	d->peer->unsent += d->len;
}

static void cancel_spare(struct peer *p)
{
	if (p->spare != NULL)
		line_cancel(p->spare);
	p->spare = NULL;
}

/* Two are open, or one is and the other is not: one of them goes. */
static void choose(struct peer *p, struct line *l)
{
	if (l == p->line) {
		cancel_spare(p);
		return;
	}
	p->spare = NULL;
	if (p->line != NULL && line_was_open(p->line) && !line_is_behind(p->line)) {
		line_end(l, TRANSPORT_IDLE);
		return;
	}
	if (p->line != NULL && line_was_open(p->line))
		line_end(p->line, TRANSPORT_MOVED);
	else if (p->line != NULL)
		line_cancel(p->line);
	p->line = l;
}

static void on_open(void *arg, struct line *l)
{
	struct peer *p = arg;

	p->client->config.contact(p->client->config.arg, p->party, line_until_ms(l));
	p->away_ms = 0;
	timer_disarm(p->call);
	choose(p, l);
	peer_go(p);
}

static int open_line(struct peer *p, struct line **out, unsigned barren);

/* Where packets of some length are dropped without a word, connections open and become silent; or, where that happens to the other
 * side's, owe us what they were to bring until that side gives up. One that carries short ones says nothing of long ones: the next
 * is tried with them, and once. */
static void weigh(struct peer *p, const struct line *l, enum transport why)
{
	bool silent =
	    why == TRANSPORT_UNHEARD || why == TRANSPORT_MOVED || why == TRANSPORT_HANDSHAKE_LATE;
	bool owed = !silent && line_was_owed(l) &&
		    (why == TRANSPORT_CLOSED || why == TRANSPORT_ANSWER_LATE);

	if (owed ? line_has_brought(l) : line_has_carried(l))
		p->barren = line_is_narrow(l) ? GATEWAY_BARREN - 1 : 0;
	else if ((silent || owed) && p->barren < GATEWAY_BARREN)
		p->barren++;
}

/* Does nothing of ours come to it, so that to try costs it nothing? */
static bool is_away(enum transport why)
{
	return why == TRANSPORT_UNHEARD || why == TRANSPORT_CONNECT_LATE ||
	       why == TRANSPORT_HANDSHAKE_LATE || why == TRANSPORT_UNREACHABLE ||
	       why == TRANSPORT_NAME_LATE;
}

/* Trusted once it took us. Of one that ended without a word nothing is known, unless it was authenticated and had all its time to say
 * that it takes us. */
static void trust(struct peer *p, const struct line *l, enum transport why)
{
	bool mute = line_was_open(l) && why == TRANSPORT_HANDSHAKE_LATE;

	if (line_was_taken(l))
		p->takes_us = true;
	else if (mute || (!is_away(why) && why != TRANSPORT_MOVED))
		p->takes_us = false;
}

/* The longer it has been away, the longer the next call may wait. */
static void call_later(struct peer *p, int64_t now)
{
	int64_t pause = (now - p->away_ms) / GATEWAY_CALL_SHARE;
	int64_t least = conns_times(p->client->config.conns)->call_ms;

	if (pause < least)
		pause = least;
	timer_arm(p->call, pause < GATEWAY_CALL_LAST_MS ? pause : GATEWAY_CALL_LAST_MS);
}

static void on_call(void *arg)
{
	struct peer *p = arg;

	/* RXP_ERR_NOT_FOUND: it is no peer any more, or has no endpoint. */
	if (p->line == NULL && open_line(p, &p->line, p->barren) == RXP_ERR_NOT_FOUND)
		p->away_ms = 0;
	else if (p->line == NULL)
		call_later(p, clock_mono_ms());
}

/* Its last line has ended, and what waited has heard of that. */
static void call(struct peer *p, enum transport why, bool wanted)
{
	int64_t now = clock_mono_ms();

	if (!is_away(why) || p->client->draining)
		p->away_ms = 0;
	else if (wanted && p->away_ms == 0)
		p->away_ms = now;
	if (p->away_ms != 0)
		call_later(p, now);
	else
		timer_disarm(p->call);
}

static void on_closed(void *arg, struct line *l, enum transport why)
{
	struct peer *p = arg;
	bool wanted = line_was_open(l) || p->first != NULL;

	weigh(p, l, why);
	trust(p, l, why);
	if (p->spare == l)
		p->spare = NULL; /* the next silence brings another */
	if (p->line == l) {
		p->line = p->spare;
		p->spare = NULL;
		if (p->line == NULL && !line_was_open(l))
			fail_waiting(p, why);
	}
	peer_go(p);
	if (p->line == NULL)
		call(p, why, wanted);
}

static void on_silent(void *arg, struct line *l)
{
	struct peer *p = arg;

	if (l == p->spare)
		cancel_spare(p);
	else if (l != p->line)
		return;
	if (p->spare == NULL && !p->client->draining)
		(void)open_line(p, &p->spare,
		    line_lacks(l) ? GATEWAY_BARREN : p->barren + !line_has_carried(l));
}

static int open_line(struct peer *p, struct line **out, unsigned barren)
{
	const struct client_config *config = &p->client->config;

	return line_start(out, &(struct line_config){.conns = config->conns,
				   .pins = config->pins,
				   .resolver = config->resolver,
				   .party = p->party,
				   .trusting = p->takes_us,
				   .narrow = barren >= GATEWAY_BARREN,
				   .streams = {.head = on_head,
				       .whole = on_whole,
				       .fault = on_fault,
				       .sent = on_sent,
				       .late = on_late,
				       .gone = on_gone},
				   .open = on_open,
				   .silent = on_silent,
				   .closed = on_closed,
				   .arg = p});
}

/* Whatever waits for the peer goes on its line, or waits for one, or for what is before it to leave; or ends. */
static void peer_go(struct peer *p)
{
	struct errand *e;
	int rc;

	if (p->line != NULL && line_was_open(p->line) && !line_accepts(p->line)) {
		p->line = p->spare;
		p->spare = NULL;
	}
	if (p->first == NULL)
		return;
	if (p->client->draining) {
		fail_waiting(p, TRANSPORT_ENDING);
		return;
	}
	if (p->line == NULL) {
		rc = open_line(p, &p->line, p->barren);
		if (rc != 0)
			fail_waiting(p,
			    rc == RXP_ERR_NOT_FOUND ? TRANSPORT_NO_ENDPOINT : TRANSPORT_NO_MEMORY);
		return;
	}
	while (
	    line_was_open(p->line) && p->unsent < GATEWAY_BODIES_OCTETS && (e = dequeue(p)) != NULL)
		e->go(e->arg, p->line);
}

/* --- the client ------------------------------------------------------------------------------- */

static struct peer *peer_of(struct client *c, const char party[4])
{
	struct peer *p;

	for (p = c->peers; p != NULL; p = p->next) {
		if (strcmp(p->party, party) == 0)
			return p;
	}
	p = calloc(1, sizeof *p);
	if (p == NULL)
		return NULL;
	if (timer_new(&p->call, conns_loop(c->config.conns), on_call, p) != 0) {
		free(p);
		return NULL;
	}
	p->client = c;
	p->last = &p->first;
	memcpy(p->party, party, sizeof p->party);
	p->next = c->peers;
	c->peers = p;
	return p;
}

int client_new(struct client **out, const struct client_config *config)
{
	struct client *c = calloc(1, sizeof *c);

	if (c == NULL)
		return RXP_ERR_NOMEM;
	c->config = *config;
	*out = c;
	return 0;
}

/* false: there is no memory. */
static bool post(
    struct client *c, const struct delivery *what, const char party[4], struct bytes octets)
{
	struct delivery *d = calloc(1, sizeof *d + octets.len);
	struct peer *p = peer_of(c, party);

	if (d == NULL || p == NULL) {
		free(d);
		return false;
	}
	*d = *what;
	d->errand = (struct errand){.arg = d, .go = start, .fail = finish};
	d->peer = p;
	d->len = octets.len;
	memcpy(d->octets, octets.data, d->len);
	c->busy++;
	enqueue(p, &d->errand);
	peer_go(p);
	return true;
}

void client_deliver(struct client *c, uint64_t request, const struct msg_deliver *deliver)
{
	const struct delivery d = {.path = RXP_HTTP_MESSAGES, .message = true, .request = request};
	struct msg_delivery refused = {.outcome = (uint32_t)RXP_ERR_NOMEM};

	if (post(c, &d, deliver->peer, deliver->envelope))
		return;
	snprintf(
	    refused.transport, sizeof refused.transport, "%s", transport_text(TRANSPORT_NO_MEMORY));
	c->config.done(c->config.arg, request, &refused);
}

void client_post(struct client *c, uint64_t request, const struct msg_post *m)
{
	static const char *const paths[] = {
	    [IPC_POST_ANSWER] = RXP_HTTP_ANSWERS, [IPC_POST_LOG] = RXP_HTTP_LOG};
	const struct delivery d = {.path = paths[m->what], .request = request, .offset = -1};

	if (!post(c, &d, m->peer, m->octets))
		tell_posted(c, request, TRANSPORT_NO_MEMORY, 0, -1);
}

void client_send(struct client *c, const char party[4], struct errand *e)
{
	struct peer *p = peer_of(c, party);

	if (p == NULL) {
		e->fail(e->arg, TRANSPORT_NO_MEMORY);
		return;
	}
	enqueue(p, e);
	peer_go(p);
}

void client_drain(struct client *c)
{
	struct peer *p;
	struct line *l;

	c->draining = true;
	for (p = c->peers; p != NULL; p = p->next) {
		l = p->line;
		if (l != NULL && !line_was_open(l)) {
			p->line = NULL;
			line_cancel(l);
		}
		cancel_spare(p);
		p->away_ms = 0;
		timer_disarm(p->call);
		fail_waiting(p, TRANSPORT_ENDING);
	}
}

bool client_busy(const struct client *c)
{
	return c->busy > 0;
}

void client_free(struct client *c)
{
	struct peer *p;

	if (c == NULL)
		return;
	while ((p = c->peers) != NULL) {
		c->peers = p->next;
		timer_free(p->call);
		free(p);
	}
	free(c);
}
