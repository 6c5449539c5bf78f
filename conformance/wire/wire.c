#include "conformance/wire/wire.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "conformance/wire/tls.h"

#define READ_OCTETS 16384
#define PSEUDO_FIELDS 4

struct wire {
	struct tls *tls;
	nghttp2_session *session;
	int wait_ms;
	/* the exchange under way */
	int32_t stream;
	const struct wire_request *request;
	size_t sent; /* octets of its body */
	struct wire_response *response;
	bool done;
	enum wire_end end;
};

static const struct {
	const char *words, *hint;
} ends[] = {
#define WIRE_END(name, words, hint) [WIRE_##name] = {words, hint},
#include "conformance/wire/wire_end.def"
#undef WIRE_END
};

const char *wire_end_words(enum wire_end end)
{
	if ((unsigned)end >= WIRE_END_COUNT)
		abort();
	return ends[end].words;
}

const char *wire_end_hint(enum wire_end end)
{
	if ((unsigned)end >= WIRE_END_COUNT)
		abort();
	return ends[end].hint;
}

void wire_response_init(struct wire_response *r)
{
	*r = (struct wire_response){0};
	rxp_buf_init(&r->body, WIRE_MAX_RESPONSE_OCTETS);
}

void wire_response_clear(struct wire_response *r)
{
	rxp_buf_free(&r->body);
	wire_response_init(r);
}

/* --- what comes ------------------------------------------------------------------------------ */

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	struct wire *w = arg;

	(void)session;
	(void)flags;
	if (frame->hd.stream_id != w->stream || w->response == NULL)
		return 0;
	if (name_len == 7 && memcmp(name, ":status", 7) == 0)
		w->response->status = (int)strtol((const char *)value, NULL, 10);
	else if (name_len == 12 && memcmp(name, "content-type", 12) == 0)
		(void)snprintf(w->response->content_type, sizeof w->response->content_type, "%.*s",
		    (int)value_len, (const char *)value);
	else if (name_len == 10 && memcmp(name, "rxp-offset", 10) == 0)
		(void)snprintf(w->response->offset, sizeof w->response->offset, "%.*s",
		    (int)value_len, (const char *)value);
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
    size_t len, void *arg)
{
	struct wire *w = arg;

	(void)session;
	(void)flags;
	if (stream == w->stream && w->response != NULL)
		(void)rxp_buf_put(&w->response->body, data, len);
	return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *arg)
{
	struct wire *w = arg;

	(void)session;
	if (stream == w->stream) {
		w->done = true;
		/* nghttp2 ends so what GOAWAY does not count, too. */
		if (error == NGHTTP2_REFUSED_STREAM && w->response != NULL)
			w->response->unprocessed = true;
		if (error != NGHTTP2_NO_ERROR && w->response != NULL && w->response->status == 0)
			w->end = WIRE_RESET;
	}
	return 0;
}

/* --- what goes ------------------------------------------------------------------------------- */

static ssize_t give_body(nghttp2_session *session, int32_t stream, uint8_t *out, size_t max,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct wire *w = arg;
	size_t left = w->request->body_len - w->sent, n = left < max ? left : max;

	(void)session;
	(void)stream;
	(void)source;
	if (n > 0)
		memcpy(out, w->request->body + w->sent, n);
	w->sent += n;
	if (w->sent == w->request->body_len)
		*flags |= NGHTTP2_DATA_FLAG_EOF;
	return (ssize_t)n;
}

static nghttp2_nv field(const char *name, const char *value)
{
	union {
		const char *text;
		uint8_t *octets;
	} n = {name}, v = {value};

	return (nghttp2_nv){n.octets, v.octets, strlen(name), strlen(value), NGHTTP2_NV_FLAG_NONE};
}

static bool submit(struct wire *w, const struct wire_request *r)
{
	nghttp2_nv fields[PSEUDO_FIELDS + 1 + WIRE_MAX_FIELDS];
	nghttp2_data_provider body = {{0}, give_body};
	size_t n = 0;

	fields[n++] = field(":method", r->method);
	fields[n++] = field(":scheme", "https");
	fields[n++] = field(":authority", tls_authority(w->tls));
	fields[n++] = field(":path", r->path);
	if (r->content_type != NULL)
		fields[n++] = field("content-type", r->content_type);
	for (size_t i = 0; i < WIRE_MAX_FIELDS && r->fields[i].name != NULL; i++)
		fields[n++] = field(r->fields[i].name, r->fields[i].value);
	w->stream = nghttp2_submit_request(
	    w->session, NULL, fields, n, r->body == NULL ? NULL : &body, NULL);
	return w->stream > 0;
}

static enum wire_end flush(struct wire *w, int64_t deadline_ms)
{
	for (;;) {
		const uint8_t *octets;
		ssize_t n = nghttp2_session_mem_send(w->session, &octets);
		enum wire_end end;

		if (n < 0)
			return WIRE_LOCAL;
		if (n == 0)
			return WIRE_NONE;
		end = tls_write(w->tls, octets, (size_t)n, deadline_ms);
		if (end != WIRE_NONE)
			return end;
	}
}

static enum wire_end receive(struct wire *w, int64_t deadline_ms)
{
	uint8_t octets[READ_OCTETS];
	size_t len;
	enum wire_end end = tls_read(w->tls, octets, sizeof octets, &len, deadline_ms);

	if (end != WIRE_NONE)
		return end;
	return nghttp2_session_mem_recv(w->session, octets, len) < 0 ? WIRE_HTTP2 : WIRE_NONE;
}

/* --- the connection -------------------------------------------------------------------------- */

static bool begin(struct wire *w)
{
	nghttp2_session_callbacks *calls = NULL;
	bool good;

	if (nghttp2_session_callbacks_new(&calls) != 0)
		return false;
	nghttp2_session_callbacks_set_on_header_callback(calls, on_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(calls, on_data);
	nghttp2_session_callbacks_set_on_stream_close_callback(calls, on_close);
	good = nghttp2_session_client_new(&w->session, calls, w) == 0 &&
	       nghttp2_submit_settings(w->session, NGHTTP2_FLAG_NONE, NULL, 0) == 0;
	nghttp2_session_callbacks_del(calls);
	return good;
}

enum wire_end wire_open(struct wire **out, const struct wire_target *target)
{
	struct wire *w = calloc(1, sizeof *w);
	enum wire_end end;

	if (w == NULL)
		return WIRE_LOCAL;
	w->wait_ms = target->wait_ms;
	end = tls_open(&w->tls, target, tls_now_ms() + target->wait_ms);
	if (end == WIRE_NONE && !begin(w))
		end = WIRE_LOCAL;
	if (end == WIRE_NONE)
		*out = w;
	else
		wire_close(w);
	return end;
}

void wire_close(struct wire *w)
{
	if (w == NULL)
		return;
	nghttp2_session_del(w->session);
	tls_close(w->tls);
	free(w);
}

bool wire_is_over(struct wire *w)
{
	uint8_t octets[READ_OCTETS];
	size_t n = 1;
	enum wire_end end = WIRE_NONE;

	while (end == WIRE_NONE && n > 0) {
		end = tls_read_some(w->tls, octets, sizeof octets, &n);
		if (end == WIRE_NONE && n > 0 &&
		    nghttp2_session_mem_recv(w->session, octets, n) < 0)
			end = WIRE_HTTP2;
	}
	return end != WIRE_NONE || nghttp2_session_check_request_allowed(w->session) == 0;
}

enum wire_end wire_send(
    struct wire *w, const struct wire_request *request, struct wire_response *response)
{
	w->request = request;
	w->response = response;
	w->sent = 0;
	w->done = false;
	w->end = WIRE_NONE;
	return submit(w, request) ? flush(w, tls_now_ms() + w->wait_ms) : WIRE_LOCAL;
}

enum wire_end wire_receive(struct wire *w)
{
	int64_t deadline_ms = tls_now_ms() + w->wait_ms;
	enum wire_end end = WIRE_NONE;

	while (end == WIRE_NONE && !w->done) {
		end = flush(w, deadline_ms);
		/* Who closed may have said why, or answered, before. */
		if ((end == WIRE_NONE || end == WIRE_CLOSED) && !w->done)
			end = receive(w, deadline_ms);
	}
	w->response = NULL;
	/* What the other side said before it went is its answer. */
	if (end != WIRE_NONE && w->done)
		end = WIRE_NONE;
	return end == WIRE_NONE ? w->end : end;
}

enum wire_end wire_exchange(
    struct wire *w, const struct wire_request *request, struct wire_response *response)
{
	enum wire_end end = wire_send(w, request, response);

	return end == WIRE_NONE || end == WIRE_CLOSED ? wire_receive(w) : end;
}
