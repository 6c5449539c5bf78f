#include "daemon/gateway/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/client.h"
#include "daemon/gateway/conn.h"
#include "daemon/gateway/http_status.h"
#include "daemon/gateway/line.h"
#include "daemon/gateway/rxp_http.h"
#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/limits.h"

struct fetch {
	struct errand errand;
	struct fetches *set;
	uint64_t request;
	const struct line *line; /* of the request under way */
};

struct fetches {
	struct fetches_config config;
	size_t busy;
};

static void finish_with(struct fetch *f, enum transport why, unsigned status, struct bytes octets)
{
	struct fetches *set = f->set;
	struct msg_descriptor_fetched m = {
	    .outcome = (uint32_t)transport_outcome(why), .http_status = status, .octets = octets};

	snprintf(m.transport, sizeof m.transport, "%s", transport_text(why));
	set->busy--;
	set->config.done(set->config.arg, f->request, &m);
	free(f);
}

static void fail(void *arg, enum transport why)
{
	finish_with(arg, why, 0, (struct bytes){0});
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

/* Only of status 200 a body is a descriptor. */
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

static void on_late(void *arg, struct h2_stream *s)
{
	drop(arg, s, TRANSPORT_ANSWER_LATE);
}

static void on_gone(void *arg, struct h2_stream *s, enum h2_end why)
{
	struct fetch *f = arg;

	(void)s;
	fail(f, why == H2_END_LOST      ? line_why(f->line)
		: why == H2_END_REFUSED ? TRANSPORT_STREAM_REFUSED
					: TRANSPORT_STREAM_RESET);
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
	    .path = RXP_HTTP_DESCRIPTOR,
	    .authority = line_authority(l),
	    .max_body = RXP_MAX_DESCRIPTOR_OCTETS,
	    .deadline_ms = clock_mono_ms() + conns_times(f->set->config.conns)->answer_ms};
	struct h2_stream *s;

	f->line = l;
	if (h2_request(line_h2(l), &request, &s) != 0)
		fail(f, TRANSPORT_NO_MEMORY);
	else
		h2_stream_adopt(s, &calls, f);
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

void fetches_begin(struct fetches *set, uint64_t request, const struct msg_fetch_descriptor *m)
{
	struct msg_descriptor_fetched refused = {.outcome = (uint32_t)RXP_ERR_NOMEM};
	struct fetch *f = calloc(1, sizeof *f);

	if (f == NULL) {
		snprintf(refused.transport, sizeof refused.transport, "%s",
		    transport_text(TRANSPORT_NO_MEMORY));
		set->config.done(set->config.arg, request, &refused);
		return;
	}
	f->errand = (struct errand){.arg = f, .go = go, .fail = fail};
	f->set = set;
	f->request = request;
	set->busy++;
	client_send(set->config.client, m->peer, &f->errand);
}

bool fetches_busy(const struct fetches *set)
{
	return set->busy > 0;
}

void fetches_free(struct fetches *set)
{
	free(set);
}
