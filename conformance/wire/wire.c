#include "conformance/wire/wire.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "conformance/wire/tls.h"

#define READ_OCTETS 16384
#define PSEUDO_FIELDS 4

/* One exchange under way. */
struct exchange {
	int32_t stream; /* 0: none */
	const struct wire_request *request;
	size_t sent; /* octets of its body */
	bool holds; /* the rest of them waits */
	struct wire_response *response; /* NULL: nobody wants it any more */
	bool answered; /* the response is whole, or none comes any more */
	bool done; /* so is the request */
	enum wire_end end;
};

struct wire {
	struct tls *tls;
	nghttp2_session *session;
	int wait_ms;
	struct exchange now, held; /* held: of wire_hold() */
	bool ponged;
};

static const struct {
	const char *words, *side, *hint;
} ends[] = {
#define WIRE_END(name, words, side, hint) [WIRE_##name] = {words, side, hint},
#include "conformance/wire/wire_end.def"
#undef WIRE_END
};

const char *wire_end_words(enum wire_end end)
{
	if ((unsigned)end >= WIRE_END_COUNT)
		abort();
	return ends[end].words;
}

const char *wire_end_side(enum wire_end end)
{
	if ((unsigned)end >= WIRE_END_COUNT)
		abort();
	return ends[end].side;
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

/* NULL: of none that is under way. */
static struct exchange *exchange_of(struct wire *w, int32_t stream)
{
	return stream == w->now.stream ? &w->now : stream == w->held.stream ? &w->held : NULL;
}

static struct wire_response *response_to(struct wire *w, int32_t stream)
{
	struct exchange *x = exchange_of(w, stream);

	return x == NULL ? NULL : x->response;
}

static void keep(char *out, size_t size, const uint8_t *value, size_t len)
{
	(void)snprintf(out, size, "%.*s", (int)len, (const char *)value);
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	struct wire_response *r = response_to(arg, frame->hd.stream_id);

	(void)session;
	(void)flags;
	if (r == NULL)
		return 0;
	if (name_len == 7 && memcmp(name, ":status", 7) == 0)
		r->status = (int)strtol((const char *)value, NULL, 10);
	else if (name_len == 12 && memcmp(name, "content-type", 12) == 0)
		keep(r->content_type, sizeof r->content_type, value, value_len);
	else if (name_len == 10 && memcmp(name, "rxp-offset", 10) == 0)
		keep(r->offset, sizeof r->offset, value, value_len);
	else if (name_len == 13 && memcmp(name, "content-range", 13) == 0)
		keep(r->range, sizeof r->range, value, value_len);
	return 0;
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t stream, const uint8_t *data,
    size_t len, void *arg)
{
	struct wire_response *r = response_to(arg, stream);

	(void)session;
	(void)flags;
	if (r != NULL)
		(void)rxp_buf_put(&r->body, data, len);
	return 0;
}

static int on_close(nghttp2_session *session, int32_t stream, uint32_t error, void *arg)
{
	struct exchange *x = exchange_of(arg, stream);

	(void)session;
	if (x == NULL)
		return 0;
	x->answered = true;
	x->done = true;
	/* nghttp2 ends so what GOAWAY does not count, too. */
	if (error == NGHTTP2_REFUSED_STREAM && x->response != NULL)
		x->response->unprocessed = true;
	if (error != NGHTTP2_NO_ERROR && x->response != NULL && x->response->status == 0)
		x->end = WIRE_RESET;
	return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct wire *w = arg;
	struct exchange *x = exchange_of(w, frame->hd.stream_id);

	(void)session;
	if (x != NULL && (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
	    (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0)
		x->answered = true;
	w->ponged = w->ponged ||
		    (frame->hd.type == NGHTTP2_PING && (frame->hd.flags & NGHTTP2_FLAG_ACK) != 0);
	return 0;
}

/* --- what goes ------------------------------------------------------------------------------- */

static ssize_t give_body(nghttp2_session *session, int32_t stream, uint8_t *out, size_t max,
    uint32_t *flags, nghttp2_data_source *source, void *arg)
{
	struct exchange *x = source->ptr;
	size_t until = x->holds ? x->request->hold : x->request->body_len, left = until - x->sent;
	size_t n = left < max ? left : max;

	(void)session;
	(void)stream;
	(void)arg;
	if (x->holds && n == 0)
		return NGHTTP2_ERR_DEFERRED;
	if (n > 0)
		memcpy(out, x->request->body + x->sent, n);
	x->sent += n;
	if (x->sent == x->request->body_len)
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

static bool submit(struct wire *w, struct exchange *x)
{
	nghttp2_nv fields[PSEUDO_FIELDS + 1 + WIRE_MAX_FIELDS];
	nghttp2_data_provider body = {{.ptr = x}, give_body};
	const struct wire_request *r = x->request;
	size_t n = 0;

	fields[n++] = field(":method", r->method);
	fields[n++] = field(":scheme", "https");
	fields[n++] = field(":authority", tls_authority(w->tls));
	fields[n++] = field(":path", r->path);
	if (r->content_type != NULL)
		fields[n++] = field("content-type", r->content_type);
	for (size_t i = 0; i < WIRE_MAX_FIELDS && r->fields[i].name != NULL; i++)
		fields[n++] = field(r->fields[i].name, r->fields[i].value);
	x->stream = nghttp2_submit_request(
	    w->session, NULL, fields, n, r->body == NULL ? NULL : &body, NULL);
	return x->stream > 0;
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
	nghttp2_session_callbacks_set_on_frame_recv_callback(calls, on_frame);
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

static enum wire_end send(struct wire *w, struct exchange *x, const struct wire_request *request,
    struct wire_response *response, bool holds)
{
	*x = (struct exchange){
	    .request = request, .response = response, .holds = holds, .end = WIRE_NONE};
	return submit(w, x) ? flush(w, tls_now_ms() + w->wait_ms) : WIRE_LOCAL;
}

/* Until *over is set. Who closed may have said why, or answered, before. */
static enum wire_end await(struct wire *w, const bool *over, int64_t deadline_ms)
{
	enum wire_end end = WIRE_NONE;

	while (end == WIRE_NONE && !*over) {
		end = flush(w, deadline_ms);
		if ((end == WIRE_NONE || end == WIRE_CLOSED) && !*over)
			end = receive(w, deadline_ms);
	}
	/* What the other side said before it went is its answer. */
	return *over ? WIRE_NONE : end;
}

/* Its whole response. */
static enum wire_end finish(struct wire *w, struct exchange *x)
{
	enum wire_end end = await(w, &x->done, tls_now_ms() + w->wait_ms);

	x->response = NULL;
	return end == WIRE_NONE ? x->end : end;
}

enum wire_end wire_send(
    struct wire *w, const struct wire_request *request, struct wire_response *response)
{
	return send(w, &w->now, request, response, false);
}

bool wire_is_answered(struct wire *w)
{
	return await(w, &w->now.done, tls_now_ms()) != WIRE_TIMEOUT;
}

enum wire_end wire_receive(struct wire *w)
{
	return finish(w, &w->now);
}

enum wire_end wire_hold(
    struct wire *w, const struct wire_request *request, struct wire_response *response)
{
	enum wire_end end = send(w, &w->held, request, response, true);

	w->ponged = false;
	if (end == WIRE_NONE && nghttp2_submit_ping(w->session, NGHTTP2_FLAG_NONE, NULL) != 0)
		end = WIRE_LOCAL;
	return end == WIRE_NONE ? await(w, &w->ponged, tls_now_ms() + w->wait_ms) : end;
}

enum wire_end wire_resume(struct wire *w)
{
	w->held.holds = false;
	if (!w->held.done)
		(void)nghttp2_session_resume_data(w->session, w->held.stream);
	return finish(w, &w->held);
}

bool wire_held_ends(struct wire *w, int64_t deadline_ms)
{
	return await(w, &w->held.answered, deadline_ms) != WIRE_TIMEOUT;
}

enum wire_end wire_exchange(
    struct wire *w, const struct wire_request *request, struct wire_response *response)
{
	enum wire_end end = wire_send(w, request, response);

	return end == WIRE_NONE || end == WIRE_CLOSED ? wire_receive(w) : end;
}
