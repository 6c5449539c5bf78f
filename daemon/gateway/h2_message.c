/*
 * Our messages: requests, responses and their octets.
 */
#include "daemon/gateway/h2.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/h2_share.h"
#include "daemon/gateway/h2_shared.h"
#include "daemon/gateway/h2_state.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define FIELDS_MAX 9
#define STATUS_NO_CONTENT 204
#define STATUS_TEXT 12
#define LENGTH_TEXT 24

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *out, size_t cap,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct h2_stream *s = source->ptr;
	size_t n = s->out_len - s->out_off;

	(void)session;
	(void)id;
	(void)arg;
	if (n > cap)
		n = cap;
	if (n > s->h->piece)
		n = s->h->piece;
	if (!h2_share_may(s, n))
		return NGHTTP2_ERR_DEFERRED;
	if (s->patience_ms != 0)
		s->deadline_ms = clock_mono_ms() + s->patience_ms;
	if (n > 0 && s->read == NULL)
		memcpy(out, s->out + s->out_off, n);
	else if (n > 0 && s->read(s->arg, s, s->out_off, out, n) != 0)
		return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
	s->out_off += n;
	if (s->out_off == s->out_len)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

struct fields {
	nghttp2_nv nv[FIELDS_MAX];
	size_t n;
};

/* Names and values stay the caller's until the frame is submitted, which copies them. */
static void field(struct fields *f, const char *name, const char *value)
{
	union {
		const char *given;
		uint8_t *asked; /* the library does not write to it */
	} n = {name}, v = {value};

	if (value == NULL)
		return;
	assert(f->n < FIELDS_MAX);
	f->nv[f->n++] = (nghttp2_nv){
	    .name = n.asked, .value = v.asked, .namelen = strlen(name), .valuelen = strlen(value)};
}

int h2_request(struct h2 *h, const struct h2_request *request, struct h2_stream **out)
{
	struct fields f = {.n = 0};
	char length[LENGTH_TEXT];
	struct h2_stream *s;
	nghttp2_data_provider provider;

	if (!h2_accepts(h))
		return RXP_ERR_STATE;
	s = h2_stream_new(&h->streams, h, 0);
	if (s == NULL)
		return RXP_ERR_NOMEM;
	s->user = request->user;
	s->out = request->body;
	s->read = request->read;
	s->out_len = request->len;
	s->body.max = request->max_body;
	s->deadline_ms = request->deadline_ms;
	s->patience_ms = request->patience_ms;
	snprintf(length, sizeof length, "%zu", request->len);
	field(&f, ":method", request->method);
	field(&f, ":scheme", "https");
	field(&f, ":authority", request->authority);
	field(&f, ":path", request->path);
	field(&f, "content-type", request->type);
	field(&f, "content-range", request->range);
	field(&f, "range", request->wanted);
	field(&f, "content-length", request->len > 0 ? length : NULL);
	provider = (nghttp2_data_provider){.source.ptr = s, .read_callback = read_body};
	s->id = nghttp2_submit_request(
	    h->session, NULL, f.nv, f.n, request->len > 0 ? &provider : NULL, s);
	if (s->id < 0) {
		h2_stream_unlink(s);
		h2_stream_free(s);
		return RXP_ERR_NOMEM;
	}
	*out = s;
	h2_wake(h);
	return 0;
}

/* --- responses -------------------------------------------------------------------------------- */

static int take_body(struct h2_stream *s, const struct h2_response *response)
{
	if (response->shared != NULL) {
		s->shared = h2_shared_use(response->shared);
		s->out = s->shared->octets;
		s->out_len = s->shared->len;
	} else if (response->read != NULL) {
		s->read = response->read;
		s->out_len = response->len;
	} else if (response->len > 0) {
		s->copy = malloc(response->len);
		if (s->copy == NULL)
			return RXP_ERR_NOMEM;
		memcpy(s->copy, response->body, response->len);
		s->out = s->copy;
		s->out_len = response->len;
	}
	return 0;
}

int h2_respond(struct h2_stream *s, const struct h2_response *response)
{
	struct fields f = {.n = 0};
	char status[STATUS_TEXT], length[LENGTH_TEXT];
	nghttp2_data_provider provider;
	int rc = 0;

	assert(!s->answered);
	s->answered = s->muted = true;
	s->deadline_ms = response->deadline_ms;
	s->patience_ms = response->patience_ms;
	rxp_buf_free(&s->body);
	if (take_body(s, response) != 0) {
		h2_cancel(s);
		return RXP_ERR_NOMEM;
	}
	snprintf(status, sizeof status, "%u", response->status);
	snprintf(length, sizeof length, "%zu", s->out_len);
	field(&f, ":status", status);
	field(&f, "content-type", response->type);
	/* That of HEAD would be the length of what GET gives; 204 has none (RFC 9110 section 8.6). */
	field(&f, "content-length",
	    strcmp(s->head.method, "HEAD") != 0 && response->status != STATUS_NO_CONTENT ? length
											 : NULL);
	field(&f, "allow", response->allow);
	field(&f, "rxp-offset", response->offset);
	field(&f, "content-range", response->range);
	provider = (nghttp2_data_provider){.source.ptr = s, .read_callback = read_body};
	if (nghttp2_submit_response(
		s->h->session, s->id, f.nv, f.n, s->out_len > 0 ? &provider : NULL) != 0) {
		h2_cancel(s);
		rc = RXP_ERR_NOMEM;
	}
	h2_wake(s->h);
	return rc;
}

void h2_cancel(struct h2_stream *s)
{
	s->muted = s->cancelled = true;
	s->deadline_ms = s->patience_ms = 0;
	s->out = NULL;
	s->read = NULL;
	s->out_len = s->out_off = 0;
	(void)nghttp2_submit_rst_stream(s->h->session, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_CANCEL);
	h2_wake(s->h);
}
