/* A reply as it is told: given whole, or up to its fault. */
#include "conformance/wire/host_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "conformance/wire/tls.h"

#define STATUS_TEXT 4

static nghttp2_nv field(const char *name, const char *value)
{
	union {
		const char *text;
		uint8_t *octets;
	} n = {name}, v = {value};

	return (nghttp2_nv){n.octets, v.octets, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
}

/* Does the whole reply go? */
static bool is_whole(const struct stream *s)
{
	return s->reply.fault == HOST_WELL || s->reply.fault == HOST_LAST ||
	       s->reply.fault == HOST_BREAK;
}

/* Octets of the body before the fault; the whole body if there is none. */
static size_t limit_of(const struct stream *s)
{
	bool early = !is_whole(s) && s->reply.at >= 0 && (size_t)s->reply.at < s->body.len;

	return early ? (size_t)s->reply.at : s->body.len;
}

static ssize_t give_body(nghttp2_session *session, int32_t id, uint8_t *out, size_t max,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct stream *s = source->ptr;
	size_t n = limit_of(s) - s->given;

	(void)session;
	(void)id;
	(void)arg;
	if (n > max)
		n = max;
	if (s->reply.piece > 0 && n > s->reply.piece)
		n = s->reply.piece;
	if (n > 0)
		memcpy(out, s->body.data + s->given, n);
	s->given += n;
	if (s->given < limit_of(s))
		return (ssize_t)n;
	if (is_whole(s)) {
		*flags |= NGHTTP2_DATA_FLAG_EOF;
		return (ssize_t)n;
	}
	s->hit = true;
	return n > 0 ? (ssize_t)n : NGHTTP2_ERR_DEFERRED;
}

static void submit(struct stream *s)
{
	nghttp2_nv fields[2 + WIRE_MAX_FIELDS];
	nghttp2_data_provider body = {{.ptr = s}, give_body};
	char status[STATUS_TEXT];
	size_t n = 0;

	(void)snprintf(status, sizeof status, "%03u", (unsigned)s->reply.status % 1000U);
	fields[n++] = field(":status", status);
	if (s->reply.type != NULL)
		fields[n++] = field("content-type", s->reply.type);
	for (size_t i = 0; i < WIRE_MAX_FIELDS && s->reply.fields[i].name != NULL; i++)
		fields[n++] = field(s->reply.fields[i].name, s->reply.fields[i].value);
	/* What answers HEAD has no body, not even an empty one. */
	if (nghttp2_submit_response(s->line->session, s->id, fields, n,
		strcmp(s->request.method, "HEAD") == 0 ? NULL : &body) != 0)
		s->line->dead = true;
}

void reply_begin(struct stream *s)
{
	nghttp2_session *session = s->line->session;

	s->waits = false;
	if (s->reply.fault == HOST_BREAK) {
		s->line->frame = s->reply.frame;
		s->line->frame_len = s->reply.frame_len;
		guest_break(s->line->guest);
	}
	if (s->reply.fault == HOST_AWAY || s->reply.fault == HOST_LAST)
		(void)nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE,
		    s->reply.fault == HOST_LAST ? s->id : 0, NGHTTP2_NO_ERROR, NULL, 0);
	if (s->reply.fault == HOST_AWAY || (!is_whole(s) && s->reply.at == HOST_NO_HEAD))
		s->hit = true;
	else
		submit(s);
}

/* All before it has left: now the fault. */
void reply_strike(struct stream *s)
{
	struct line *l = s->line;

	s->hit = false;
	if (s->reply.fault == HOST_RESET) {
		(void)nghttp2_submit_rst_stream(
		    l->session, NGHTTP2_FLAG_NONE, s->id, s->reply.code);
		return;
	}
	l->parts = true;
	l->how = s->reply.fault == HOST_CUT     ? PART_SILENTLY
		 : s->reply.fault == HOST_ABORT ? PART_RUDELY
						: PART_POLITELY;
}

static const char *copy(char out[HOST_TYPE], const char *text)
{
	if (strlen(text) >= HOST_TYPE)
		abort();
	(void)snprintf(out, HOST_TYPE, "%s", text);
	return out;
}

void reply_take(struct stream *s, const struct host_reply *reply)
{
	s->reply = *reply;
	s->reply.body = NULL;
	if (reply->type != NULL)
		s->reply.type = copy(s->type, reply->type);
	for (size_t i = 0; i < WIRE_MAX_FIELDS && reply->fields[i].name != NULL; i++)
		s->reply.fields[i].value = copy(s->values[i], reply->fields[i].value);
	if (reply->body_len > 0 && rxp_buf_put(&s->body, reply->body, reply->body_len) != 0) {
		s->line->dead = true;
		return;
	}
	s->waits = true;
	s->due_ms = tls_now_ms() + s->reply.delay_ms;
}
