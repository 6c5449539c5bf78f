#include "daemon/gateway/fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
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

/* A connection with a server whose key is none that the party listed; it ends with the question. */
struct stranger {
	struct line *line;
	struct fetch *f; /* NULL once the outcome was told */
};

struct fetch {
	struct errand errand;
	char party[4];
	struct stranger *stranger; /* NULL: it shares the connection of the client */
	struct fetches *set;
	struct fetch *next;
	uint64_t request;
	enum { FETCH_DESCRIPTOR, FETCH_MESSAGE, FETCH_LOG } what;
	char path[H2_PATH_TEXT];
	size_t max_body;
	const struct line *line; /* of the request under way */
	struct h2_stream *stream; /* the same; NULL: it waits for a line */
	bool tried_stranger;
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

typedef void tell_fn(
    const struct fetch *f, enum transport why, unsigned status, struct bytes octets);

static void tell(const struct fetch *f, enum transport why, unsigned status, struct bytes octets)
{
	static tell_fn *const tellers[] = {[FETCH_DESCRIPTOR] = tell_descriptor,
	    [FETCH_MESSAGE] = tell_polled,
	    [FETCH_LOG] = tell_log};

	tellers[f->what](f, why, status, octets);
}

static void finish_with(struct fetch *f, enum transport why, unsigned status, struct bytes octets)
{
	struct fetch **at = &f->set->first;

	while (*at != f)
		at = &(*at)->next;
	*at = f->next;
	tell(f, why, status, octets);
	if (f->stranger != NULL) {
		f->stranger->f = NULL;
		line_end(f->stranger->line, TRANSPORT_IDLE);
	}
	free(f);
}

static bool ask_stranger(struct fetch *f);

/* What failed because of the key alone may still be asked for, once, if it proves itself. */
static void fail(void *arg, enum transport why)
{
	struct fetch *f = arg;

	if (f->what == FETCH_DESCRIPTOR && f->stranger == NULL && !f->tried_stranger &&
	    (why == TRANSPORT_PIN_OTHER || why == TRANSPORT_PIN_WITHDRAWN) && ask_stranger(f))
		return;
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

	detach(s);
	finish_with(arg, TRANSPORT_NONE, status, octets);
}

static void on_fault(void *arg, struct h2_stream *s, enum h2_fault fault)
{
	drop(arg, s, fault == H2_FAULT_BODY ? TRANSPORT_ANSWER_LARGE : TRANSPORT_NOT_RXP);
}

static void on_sent(void *arg, struct h2_stream *s)
{
	(void)arg;
	(void)s;
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
	const struct h2_request request = {.method = "GET",
	    .path = f->path,
	    .authority = line_authority(l),
	    .max_body = f->max_body,
	    .deadline_ms = clock_mono_ms() + conns_times(f->set->config.conns)->answer_ms};

	f->line = l;
	if (h2_request(line_h2(l), &request, &f->stream) != 0)
		fail(f, TRANSPORT_NO_MEMORY);
	else
		h2_stream_adopt(f->stream, &calls, f);
}

/* --- a server that is not known ------------------------------------------------------------------- */

static void stranger_open(void *arg, struct line *l)
{
	struct stranger *s = arg;

	go(s->f, l);
}

static void stranger_closed(void *arg, struct line *l, enum transport why)
{
	struct stranger *s = arg;
	struct fetch *f = s->f;

	(void)l;
	free(s);
	if (f == NULL)
		return;
	f->stranger = NULL;
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

static bool ask_stranger(struct fetch *f)
{
	const struct fetches_config *config = &f->set->config;
	struct stranger *s = calloc(1, sizeof *s);

	f->tried_stranger = true;
	if (s == NULL)
		return false;
	s->f = f;
	if (line_start(&s->line, &(struct line_config){.conns = config->conns,
				     .pins = config->pins,
				     .resolver = config->resolver,
				     .party = f->party,
				     .any_key = true,
				     .narrow = true, /* nothing else goes on it */
				     .streams = {.head = ignore,
					 .whole = ignore,
					 .fault = ignore_fault,
					 .sent = ignore,
					 .late = ignore,
					 .gone = ignore_end},
				     .open = stranger_open,
				     .closed = stranger_closed,
				     .arg = s}) != 0) {
		free(s);
		return false;
	}
	f->stranger = s;
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

static void begin(struct fetches *set, const struct fetch *what, const char peer[4])
{
	struct fetch *f = malloc(sizeof *f);

	if (f == NULL) {
		tell(what, TRANSPORT_NO_MEMORY, 0, (struct bytes){0});
		return;
	}
	*f = *what;
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

	begin(set, &f, m->peer);
}

void fetches_log(struct fetches *set, uint64_t request, const struct msg_fetch_log *m)
{
	struct fetch f = {
	    .set = set, .request = request, .what = FETCH_LOG, .max_body = RXP_MAX_LOG_PAGE_OCTETS};

	snprintf(f.path, sizeof f.path, RXP_HTTP_LOG_AFTER "%" PRIu64, m->after);
	begin(set, &f, m->peer);
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
	begin(set, &f, m->peer);
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
		if (f->stranger != NULL)
			line_cancel(f->stranger->line);
		free(f->stranger);
		free(f);
	}
	free(set);
}
