#include "daemon/gateway/fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/gateway/client.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/http_status.h"
#include "daemon/gateway/line.h"
#include "daemon/gateway/rxp_http.h"
#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

#define QUERY "?wait=%d"
#define QUERY_SKIP "&skip="
#define QUERY_LEFT "&left="

struct fetch;

/* A connection for one question, with which it ends. */
struct apart {
	struct line *line;
	struct fetch *f; /* NULL once the outcome was told */
};

struct fetch {
	struct errand errand;
	char party[4];
	struct apart *apart; /* NULL: it shares the connection of the client */
	struct fetches *set;
	struct fetch *next;
	uint64_t request;
	enum { FETCH_DESCRIPTOR, FETCH_MESSAGE, FETCH_LOG, FETCH_TELL } what;
	char path[H2_PATH_TEXT];
	size_t max_body;
	const struct line *line; /* of the request under way */
	struct h2_stream *stream; /* the same; NULL: it waits for a line */
	enum {
		WAY_USUAL,
		WAY_STRANGER, /* whatever key the server has */
		WAY_FORMER, /* under our former key */
	} way;
	bool sent; /* the body, with its end */
	size_t len;
	uint8_t body[]; /* of what is posted */
};

struct fetches {
	struct fetches_config config;
	struct fetch *first;
};

static void tell_descriptor(
    const struct fetch *f, enum transport why, unsigned status, struct bytes octets)
{
	struct msg_descriptor_fetched m = {
	    .outcome = (uint32_t)transport_outcome(why), .http_status = status, .octets = octets};

	snprintf(m.transport, sizeof m.transport, "%s", transport_text(why));
	f->set->config.descriptor(f->set->config.arg, f->request, &m);
}

static void tell_polled(
    const struct fetch *f, enum transport why, unsigned status, struct bytes octets)
{
	struct msg_polled m = {.outcome = (uint32_t)transport_outcome(why),
	    .http_status = status,
	    .received_ms = clock_wall_ms(),
	    .envelope = octets};

	snprintf(m.transport, sizeof m.transport, "%s", transport_text(why));
	f->set->config.polled(f->set->config.arg, f->request, &m);
}

static void tell_log(
    const struct fetch *f, enum transport why, unsigned status, struct bytes octets)
{
	struct msg_log_fetched m = {
	    .outcome = (uint32_t)transport_outcome(why), .http_status = status, .octets = octets};

	snprintf(m.transport, sizeof m.transport, "%s", transport_text(why));
	f->set->config.log(f->set->config.arg, f->request, &m);
}

static void tell_told(
    const struct fetch *f, enum transport why, unsigned status, struct bytes octets)
{
	struct msg_posted m = {
	    .outcome = (uint32_t)transport_outcome(why), .http_status = status, .offset = -1};

	(void)octets;
	snprintf(m.transport, sizeof m.transport, "%s", transport_text(why));
	f->set->config.told(f->set->config.arg, f->request, &m);
}

typedef void tell_fn(
    const struct fetch *f, enum transport why, unsigned status, struct bytes octets);

static void tell(const struct fetch *f, enum transport why, unsigned status, struct bytes octets)
{
	static tell_fn *const tellers[] = {[FETCH_DESCRIPTOR] = tell_descriptor,
	    [FETCH_MESSAGE] = tell_polled,
	    [FETCH_LOG] = tell_log,
	    [FETCH_TELL] = tell_told};

	tellers[f->what](f, why, status, octets);
}

/* Its connection of its own is of no more use. */
static void leave(struct fetch *f)
{
	if (f->apart == NULL)
		return;
	f->apart->f = NULL;
	line_end(f->apart->line, TRANSPORT_IDLE);
	f->apart = NULL;
}

static void finish_with(struct fetch *f, enum transport why, unsigned status, struct bytes octets)
{
	struct fetch **at = &f->set->first;

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	tell(f, why, status, octets);
	leave(f);
	free(f);
}

static bool go_apart(struct fetch *f);

/* May the peer have refused our key? Not every one says so. */
static bool is_refusal(enum transport why)
{
	return why == TRANSPORT_OUR_CERTIFICATE || why == TRANSPORT_CLOSED ||
	       why == TRANSPORT_TLS_FAILED;
}

/* What failed because of a key alone may still go, once with each other, if it is a descriptor: that proves itself. */
static void fail(void *arg, enum transport why)
{
	struct fetch *f = arg;
	bool taken = f->stream != NULL && line_was_taken(f->line);
	bool proves = f->what == FETCH_DESCRIPTOR || f->what == FETCH_TELL;
	bool other = why == TRANSPORT_PIN_OTHER || why == TRANSPORT_PIN_WITHDRAWN;

	f->stream = NULL;
	if (f->what == FETCH_DESCRIPTOR && other && f->way == WAY_USUAL) {
		f->way = WAY_STRANGER;
		if (go_apart(f))
			return;
	} else if (proves && !taken && is_refusal(why) && f->way != WAY_FORMER &&
		   conns_have_former_key(f->set->config.conns)) {
		f->way = WAY_FORMER;
		if (go_apart(f))
			return;
	}
	finish_with(f, why, 0, (struct bytes){0});
}

/* --- streams ---------------------------------------------------------------------------------- */

/* Nothing more of the stream matters. */
static void detach(struct h2_stream *s)
{
	h2_stream_adopt(s, NULL, NULL);
	h2_stream_set_user(s, NULL);
}

static void drop(struct fetch *f, struct h2_stream *s, enum transport why)
{
	detach(s);
	h2_cancel(s);
	finish_with(f, why, h2_stream_head(s)->status, (struct bytes){0});
}

static void on_head(void *arg, struct h2_stream *s)
{
	const struct h2_head *head = h2_stream_head(s);

	if (head->status >= 300 && head->status < 400)
		drop(arg, s, TRANSPORT_REDIRECTED);
	else if (head->encoded || head->too_large ||
		 (head->status == HTTP_OK &&
		     (!head->typed || strcmp(head->type, RXP_HTTP_TYPE) != 0)))
		drop(arg, s, TRANSPORT_NOT_RXP);
}

/* Only of status 200 a body is what was asked for. */
static void on_whole(void *arg, struct h2_stream *s)
{
	const struct rxp_buf *body = h2_stream_body(s);
	unsigned status = h2_stream_head(s)->status;
	struct bytes octets = {.data = body->data, .len = status == HTTP_OK ? body->len : 0};
	const struct fetch *f = arg;

	detach(s);
	/* An answer before the end of what is posted: the rest of it is not wanted. */
	if (f->len > 0 && !f->sent)
		h2_cancel(s);
	finish_with(arg, TRANSPORT_NONE, status, octets);
}

static void on_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	drop(arg, s, fault == H2_FAULT_BODY ? TRANSPORT_ANSWER_LARGE : TRANSPORT_NOT_RXP);
}

static void on_sent(void *arg, struct h2_stream *s)
{
	struct fetch *f = arg;

	(void)s;
	f->sent = true;
}

/* A peer answers a poll long before that: the connection is dead, and nothing else would notice. */
static void on_late(void *arg, struct h2_stream *s)
{
	const struct fetch *f = arg;
	const struct line *line = f->what == FETCH_MESSAGE ? f->line : NULL;

	drop(arg, s, TRANSPORT_ANSWER_LATE);
	if (line != NULL)
		line_end(line, TRANSPORT_ANSWER_LATE);
}

static void on_gone(void *arg, struct h2_stream *s, enum h2_end why)
{
	struct fetch *f = arg;

	(void)s;
	fail(f, line_stream_why(f->line, why));
}

static const struct h2_calls calls = {.head = on_head,
    .whole = on_whole,
    .fault = on_fault,
    .sent = on_sent,
    .late = on_late,
    .gone = on_gone};

/* --- requests --------------------------------------------------------------------------------- */

static void go(void *arg, struct line *l)
{
	struct fetch *f = arg;
	int64_t answer_ms = conns_times(f->set->config.conns)->answer_ms;
	const struct h2_request request = {.method = f->len > 0 ? "POST" : "GET",
	    .path = f->path,
	    .authority = line_authority(l),
	    .type = f->len > 0 ? RXP_HTTP_TYPE : NULL,
	    .body = f->body,
	    .len = f->len,
	    .max_body = f->max_body,
	    .deadline_ms = clock_mono_ms() + answer_ms,
	    .patience_ms = f->len > 0 ? answer_ms : 0};

	f->line = l;
	f->sent = false;
	if (h2_request(line_h2(l), &request, &f->stream) != 0)
		fail(f, TRANSPORT_NO_MEMORY);
	else
		h2_stream_adopt(f->stream, &calls, f);
}

/* --- another key, its or ours ---------------------------------------------------------------------- */

static void apart_open(void *arg, struct line *l)
{
	struct apart *a = arg;

	if (a->f->way == WAY_FORMER)
		log_event(LOG_TLS_FORMER_USED, LOG_S(a->f->party));
	go(a->f, l);
}

static void apart_closed(void *arg, struct line *l, enum transport why)
{
	struct apart *a = arg;
	struct fetch *f = a->f;

	(void)l;
	free(a);
	if (f == NULL)
		return;
	f->apart = NULL;
	fail(f, why);
}

/* What the stream of a question that has its outcome still says. */
static void ignore(void *arg, struct h2_stream *s)
{
	(void)arg;
	(void)s;
}

static void ignore_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	(void)fault;
	ignore(arg, s);
}

static void ignore_end(void *arg, struct h2_stream *s, enum h2_end end)
{
	(void)end;
	ignore(arg, s);
}

/* Our own descriptor goes to a server whose key is known alone (RXP-DSC-032). */
static bool go_apart(struct fetch *f)
{
	const struct fetches_config *config = &f->set->config;
	struct apart *a = calloc(1, sizeof *a);

	leave(f);
	if (a == NULL)
		return false;
	a->f = f;
	if (line_start(&a->line, &(struct line_config){.conns = config->conns,
				     .pins = config->pins,
				     .resolver = config->resolver,
				     .party = f->party,
				     .any_key = f->what == FETCH_DESCRIPTOR,
				     .former_key = f->way == WAY_FORMER,
				     .narrow = true, /* nothing else goes on it */
				     .streams = {.head = ignore,
					 .whole = ignore,
					 .fault = ignore_fault,
					 .sent = ignore,
					 .late = ignore,
					 .gone = ignore_end},
				     .open = apart_open,
				     .closed = apart_closed,
				     .arg = a}) != 0) {
		free(a);
		return false;
	}
	f->apart = a;
	return true;
}

/* --- the set ---------------------------------------------------------------------------------- */

int fetches_new(struct fetches **out, const struct fetches_config *config)
{
	struct fetches *set = calloc(1, sizeof *set);

	if (set == NULL)
		return RXP_ERR_NOMEM;
	set->config = *config;
	*out = set;
	return 0;
}

static void begin(
    struct fetches *set, const struct fetch *what, const char peer[4], struct bytes body)
{
	struct fetch *f = malloc(sizeof *f + body.len);

	if (f == NULL) {
		tell(what, TRANSPORT_NO_MEMORY, 0, (struct bytes){0});
		return;
	}
	*f = *what;
	f->len = body.len;
	if (body.len > 0)
		memcpy(f->body, body.data, body.len);
	f->next = set->first;
	set->first = f;
	memcpy(f->party, peer, sizeof f->party);
	f->errand = (struct errand){.arg = f, .go = go, .fail = fail};
	client_send(set->config.client, peer, &f->errand);
}

void fetches_descriptor(struct fetches *set, uint64_t request, const struct msg_fetch_descriptor *m)
{
	const struct fetch f = {.set = set,
	    .request = request,
	    .path = RXP_HTTP_DESCRIPTOR,
	    .max_body = RXP_MAX_DESCRIPTOR_OCTETS};

	begin(set, &f, m->peer, (struct bytes){0});
}

void fetches_tell(struct fetches *set, uint64_t request, const struct msg_post *m)
{
	const struct fetch f = {.set = set,
	    .request = request,
	    .what = FETCH_TELL,
	    .path = RXP_HTTP_DESCRIPTOR,
	    .max_body = RXP_MAX_ANSWER_OCTETS};

	begin(set, &f, m->peer, m->octets);
}

void fetches_log(struct fetches *set, uint64_t request, const struct msg_fetch_log *m)
{
	struct fetch f = {
	    .set = set, .request = request, .what = FETCH_LOG, .max_body = RXP_MAX_LOG_PAGE_OCTETS};

	snprintf(f.path, sizeof f.path, RXP_HTTP_LOG_AFTER "%" PRIu64, m->after);
	begin(set, &f, m->peer, (struct bytes){0});
}

void fetches_poll(struct fetches *set, uint64_t request, const struct msg_poll *m)
{
	struct fetch f = {.set = set,
	    .request = request,
	    .what = FETCH_MESSAGE,
	    .max_body = RXP_MAX_ENVELOPE_OCTETS};
	static const uint8_t none[RXP_DIGEST_OCTETS];
	size_t n = m->skip.len / RXP_ID_OCTETS;
	size_t used =
	    (size_t)snprintf(f.path, sizeof f.path, RXP_HTTP_MESSAGES QUERY, GATEWAY_PICKUP_WAIT_S);

	for (size_t i = 0; i < n && i < GATEWAY_PICKUP_SKIP; i++) {
		char id[RXP_ID_TEXT];

		rxp_id_text(id, m->skip.data + i * RXP_ID_OCTETS);
		used += (size_t)snprintf(
		    f.path + used, sizeof f.path - used, "%s%s", i == 0 ? QUERY_SKIP : ",", id);
	}
	if (memcmp(m->left, none, sizeof none) != 0) {
		used += (size_t)snprintf(f.path + used, sizeof f.path - used, QUERY_LEFT);
		rxp_hex_put(f.path + used, m->left, sizeof m->left, false);
	}
	begin(set, &f, m->peer, (struct bytes){0});
}

void fetches_drain(struct fetches *set)
{
	struct fetch *next;

	for (struct fetch *f = set->first; f != NULL; f = next) {
		next = f->next;
		if (f->what == FETCH_MESSAGE && f->stream != NULL)
			drop(f, f->stream, TRANSPORT_ENDING);
	}
}

bool fetches_busy(const struct fetches *set)
{
	return set->first != NULL;
}

void fetches_free(struct fetches *set)
{
	struct fetch *f;

	while (set != NULL && (f = set->first) != NULL) { /* one that waits for a name */
		set->first = f->next;
		if (f->apart != NULL)
			line_cancel(f->apart->line);
		free(f->apart);
		free(f);
	}
	free(set);
}
