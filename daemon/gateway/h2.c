#include "daemon/gateway/h2.h"

#include <stdlib.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "daemon/base/clock.h"
#include "daemon/gateway/h2_share.h"
#include "daemon/gateway/h2_state.h"
#include "daemon/gateway/limits.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

/* --- streams ---------------------------------------------------------------------------------- */

static void stream_end(struct h2_stream *s, enum h2_end end)
{
	h2_stream_unlink(s);
	s->calls->gone(s->arg, s, end);
	h2_stream_free(s);
}

static struct h2_stream *stream_of(const struct h2 *h, int32_t id)
{
	return nghttp2_session_get_stream_user_data(h->session, id);
}

void h2_wake(struct h2 *h)
{
	h->config.host->wake(h->config.host_arg);
}

static void abuse(struct h2 *h, const char *why)
{
	if (h->broken)
		return;
	h->broken = true;
	(void)nghttp2_session_terminate_session(h->session, NGHTTP2_ENHANCE_YOUR_CALM);
	h->config.host->abuse(h->config.host_arg, why);
}

static void spend(struct h2 *h, enum budget_item item)
{
	if (!budget_spend(&h->budget, item, clock_mono_ms()))
		abuse(h, budget_text(item));
}

/* The library resets a stream for a window that SETTINGS made too large: that is an error of the connection (RXP-HTTP-011), and
 * one that WINDOW_UPDATE made so may be one. */
static void break_off(struct h2 *h, uint32_t code)
{
	if (h->broken)
		return;
	h->broken = true;
	(void)nghttp2_session_terminate_session(h->session, code);
	h->config.host->abuse(h->config.host_arg, "not valid HTTP/2");
}

static void fault(struct h2_stream *s, enum h2_fault what)
{
	if (s->muted)
		return;
	s->muted = true;
	rxp_buf_free(&s->body);
	s->calls->fault(s->arg, s, what);
}

/* --- what comes ------------------------------------------------------------------------------- */

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct h2 *h = arg;
	struct h2_stream *s = stream_of(h, frame->hd.stream_id);

	if (s == NULL && h->config.side == H2_SERVER &&
	    frame->headers.cat == NGHTTP2_HCAT_REQUEST) {
		s = h2_stream_new(&h->streams, h, frame->hd.stream_id);
		if (s == NULL)
			return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
		s->deadline_ms = clock_mono_ms() + h->config.head_ms;
		(void)nghttp2_session_set_stream_user_data(session, s->id, s);
	} else if (s != NULL && s->head_done) {
		fault(s, H2_FAULT_TRAILERS);
	}
	return 0;
}

static int on_header(nghttp2_session *session, const nghttp2_frame *frame, const uint8_t *name,
    size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags, void *arg)
{
	struct h2_stream *s = stream_of(arg, frame->hd.stream_id);

	(void)session;
	(void)flags;
	if (s != NULL && !s->muted)
		h2_head_field(&s->head, name, name_len, value, value_len);
	return 0;
}

/* A field that HTTP does not allow resets the stream instead of being overlooked (RXP-HTTP-010). */
static int on_invalid_header(nghttp2_session *session, const nghttp2_frame *frame,
    const uint8_t *name, size_t name_len, const uint8_t *value, size_t value_len, uint8_t flags,
    void *arg)
{
	(void)session;
	(void)frame;
	(void)name;
	(void)name_len;
	(void)value;
	(void)value_len;
	(void)flags;
	(void)arg;
	return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
}

/* The connection's window never waits for what a stream's owner does with its octets. */
static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *octets,
    size_t len, void *arg)
{
	struct h2_stream *s = stream_of(arg, id);
	int rc;

	(void)flags;
	(void)nghttp2_session_consume_connection(session, len);
	if (s != NULL && !s->muted && s->calls->octets != NULL) {
		s->calls->octets(s->arg, s, octets, len);
		return 0;
	}
	(void)nghttp2_session_consume_stream(session, id, len);
	if (s == NULL || s->muted)
		return 0;
	rc = rxp_buf_put(&s->body, octets, len);
	if (rc != 0)
		fault(s, rc == RXP_ERR_BOUND ? H2_FAULT_BODY : H2_FAULT_NOMEM);
	else if (s->body_patience_ms != 0 && s->body.len >= s->body_next) {
		s->body_next = s->body.len + GATEWAY_PIECE_OCTETS;
		s->deadline_ms = clock_mono_ms() + s->body_patience_ms;
	}
	return 0;
}

void h2_stream_consume(struct h2_stream *s, size_t len)
{
	(void)nghttp2_session_consume_stream(s->h->session, s->id, len);
	h2_wake(s->h);
}

void h2_stream_window(struct h2_stream *s, size_t octets)
{
	(void)nghttp2_session_set_local_window_size(
	    s->h->session, NGHTTP2_FLAG_NONE, s->id, (int32_t)octets);
	h2_wake(s->h);
}

static void head_complete(struct h2 *h, struct h2_stream *s)
{
	if (s->head_done || s->muted)
		return;
	if (h->config.side == H2_CLIENT && s->head.status >= 100 && s->head.status < 200) {
		if (++s->interim > GATEWAY_INTERIM_RESPONSES)
			fault(s, H2_FAULT_INTERIM);
		h2_head_init(&s->head);
		return;
	}
	s->head_done = true;
	s->calls->head(s->arg, s);
}

static void message_frame(struct h2 *h, const nghttp2_frame *frame)
{
	struct h2_stream *s = stream_of(h, frame->hd.stream_id);
	bool end = (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;

	if (frame->hd.type == NGHTTP2_DATA && !end && frame->hd.length == frame->data.padlen)
		spend(h, BUDGET_CONTROL);
	if (s == NULL)
		return;
	if (frame->hd.type == NGHTTP2_HEADERS)
		head_complete(h, s);
	if (end && !s->muted)
		s->calls->whole(s->arg, s);
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct h2 *h = arg;

	(void)session;
	switch (frame->hd.type) {
	case NGHTTP2_DATA:
	case NGHTTP2_HEADERS:
		message_frame(h, frame);
		break;
	case NGHTTP2_RST_STREAM:
		spend(h, BUDGET_PEER_RESET);
		break;
	case NGHTTP2_GOAWAY:
		break;
	case NGHTTP2_SETTINGS:
		if (!h->settled && (frame->hd.flags & NGHTTP2_FLAG_ACK) == 0) {
			h->settled = true;
			h->config.host->settled(h->config.host_arg);
			break;
		}
		spend(h, BUDGET_CONTROL);
		break;
	default:
		spend(h, BUDGET_CONTROL);
		break;
	}
	return 0;
}

/* A frame of a type that HTTP/2 does not know is ignored, and counts (RXP-HTTP-015, RXP-HTTP-014). */
static int on_unknown(
    nghttp2_session *session, void **payload, const nghttp2_frame_hd *hd, void *arg)
{
	(void)session;
	(void)payload;
	(void)hd;
	spend(arg, BUDGET_CONTROL);
	return NGHTTP2_ERR_CANCEL;
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *arg)
{
	struct h2 *h = arg;
	struct h2_stream *s = stream_of(h, id);

	(void)session;
	if (s != NULL)
		stream_end(s, code == NGHTTP2_NO_ERROR         ? H2_END_DONE
			      : code == NGHTTP2_REFUSED_STREAM ? H2_END_REFUSED
							       : H2_END_RESET);
	return 0;
}

/* --- what goes -------------------------------------------------------------------------------- */

static int on_sent(nghttp2_session *session, const nghttp2_frame *frame, void *arg)
{
	struct h2 *h = arg;
	struct h2_stream *s;

	/* As a client we reset what we asked for ourselves; without an error we only spare the peer the
	 * rest of what we have answered. */
	if (frame->hd.type == NGHTTP2_RST_STREAM && h->config.side == H2_SERVER) {
		if (frame->rst_stream.error_code == NGHTTP2_FLOW_CONTROL_ERROR)
			break_off(h, NGHTTP2_FLOW_CONTROL_ERROR);
		else if (frame->rst_stream.error_code != NGHTTP2_NO_ERROR)
			spend(h, BUDGET_OUR_RESET);
	}
	if (frame->hd.type == NGHTTP2_GOAWAY && frame->goaway.error_code != NGHTTP2_NO_ERROR &&
	    !h->broken) {
		h->broken = true;
		h->config.host->abuse(h->config.host_arg, "not valid HTTP/2");
	}
	if (frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS)
		return 0;
	if (frame->hd.type == NGHTTP2_DATA)
		budget_earn(&h->budget, BUDGET_CONTROL, GATEWAY_CONTROL_PER_DATA);
	s = stream_of(h, frame->hd.stream_id);
	if (s == NULL)
		return 0;
	s->started = true;
	if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
		return 0;
	s->ended = true;
	h->streams.n_ended++;
	/* The answer is complete and the request is not: the peer need not send the rest. */
	if (h->config.side == H2_SERVER &&
	    nghttp2_session_get_stream_remote_close(session, s->id) == 0)
		(void)nghttp2_submit_rst_stream(
		    session, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_NO_ERROR);
	return 0;
}

/* A request that could not even be sent, since the connection is going: it has no stream there. */
static int on_not_sent(nghttp2_session *session, const nghttp2_frame *frame, int why, void *arg)
{
	struct h2 *h = arg;
	struct h2_stream *s;

	(void)session;
	(void)why;
	if (h->config.side != H2_CLIENT || frame->hd.type != NGHTTP2_HEADERS)
		return 0;
	for (s = h->streams.first; s != NULL && s->id != frame->hd.stream_id; s = s->next)
		;
	if (s != NULL && stream_of(h, s->id) == NULL)
		stream_end(s, s->cancelled ? H2_END_RESET : H2_END_REFUSED);
	return 0;
}

/* --- the session ------------------------------------------------------------------------------ */

static nghttp2_session_callbacks *callbacks(void)
{
	nghttp2_session_callbacks *c = NULL;

	if (nghttp2_session_callbacks_new(&c) != 0)
		return NULL;
	nghttp2_session_callbacks_set_on_begin_headers_callback(c, on_begin_headers);
	nghttp2_session_callbacks_set_on_header_callback(c, on_header);
	nghttp2_session_callbacks_set_on_invalid_header_callback(c, on_invalid_header);
	nghttp2_session_callbacks_set_on_data_chunk_recv_callback(c, on_data);
	nghttp2_session_callbacks_set_unpack_extension_callback(c, on_unknown);
	nghttp2_session_callbacks_set_on_frame_recv_callback(c, on_frame);
	nghttp2_session_callbacks_set_on_stream_close_callback(c, on_close);
	nghttp2_session_callbacks_set_on_frame_send_callback(c, on_sent);
	nghttp2_session_callbacks_set_on_frame_not_send_callback(c, on_not_sent);
	return c;
}

static int submit_settings(struct h2 *h)
{
	bool server = h->config.side == H2_SERVER;
	const nghttp2_settings_entry entries[] = {
	    {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, server ? GATEWAY_STREAMS : 0},
	    {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, GATEWAY_STREAM_WINDOW},
	    {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, GATEWAY_HEADER_LIST_OCTETS},
	    {NGHTTP2_SETTINGS_ENABLE_PUSH, 0}, /* a client's only */
	};
	size_t n = sizeof entries / sizeof entries[0] - (server ? 1 : 0);

	if (nghttp2_submit_settings(h->session, NGHTTP2_FLAG_NONE, entries, n) != 0 ||
	    nghttp2_session_set_local_window_size(
		h->session, NGHTTP2_FLAG_NONE, 0, GATEWAY_CONNECTION_WINDOW) != 0)
		return RXP_ERR_NOMEM;
	return 0;
}

static int session(struct h2 *h)
{
	nghttp2_session_callbacks *c = callbacks();
	nghttp2_option *option = NULL;
	int rc = RXP_ERR_NOMEM;

	if (c == NULL || nghttp2_option_new(&option) != 0)
		goto done;
	nghttp2_option_set_peer_max_concurrent_streams(option, GATEWAY_STREAMS_SURE);
	nghttp2_option_set_max_outbound_ack(option, GATEWAY_ACKS_WAITING);
	nghttp2_option_set_no_closed_streams(option, 1);
	nghttp2_option_set_no_auto_window_update(option, 1);
	for (unsigned type = NGHTTP2_CONTINUATION + 1; type <= UINT8_MAX; type++)
		nghttp2_option_set_user_recv_extension_type(option, (uint8_t)type);
	if ((h->config.side == H2_SERVER
		    ? nghttp2_session_server_new2(&h->session, c, h, option)
		    : nghttp2_session_client_new2(&h->session, c, h, option)) != 0)
		goto done;
	rc = submit_settings(h);
done:
	nghttp2_option_del(option);
	nghttp2_session_callbacks_del(c);
	return rc;
}

int h2_new(struct h2 **out, const struct h2_config *config)
{
	struct h2 *h = calloc(1, sizeof *h);
	int rc;

	if (h == NULL)
		return RXP_ERR_NOMEM;
	h->config = *config;
	h->budget.since_ms = clock_mono_ms();
	rc = session(h);
	if (rc == 0)
		*out = h;
	else
		h2_free(h);
	return rc;
}

void h2_free(struct h2 *h)
{
	if (h == NULL)
		return;
	while (h->streams.first != NULL)
		stream_end(h->streams.first, H2_END_LOST);
	nghttp2_session_del(h->session);
	free(h);
}

int h2_recv(struct h2 *h, const uint8_t *octets, size_t len)
{
	ssize_t n = nghttp2_session_mem_recv(h->session, octets, len);

	if (n == NGHTTP2_ERR_FLOODED)
		abuse(h, budget_text(BUDGET_CONTROL));
	return n < 0 ? RXP_ERR_PEER : 0;
}

int h2_fill(struct h2 *h, uint8_t *out, size_t cap, size_t *n)
{
	size_t at = 0, take;
	ssize_t len;

	h->piece = cap;
	while (at < cap) {
		if (h->rest_len == 0) {
			(void)h2_share_resume(h);
			len = nghttp2_session_mem_send(h->session, &h->rest);
			if (len < 0)
				return RXP_ERR_NOMEM;
			if (len == 0 && !h2_share_resume(h))
				break;
			if (len == 0)
				continue; /* there is nothing to copy from, but something may go now */
			h->rest_len = (size_t)len;
		}
		take = h->rest_len < cap - at ? h->rest_len : cap - at;
		memcpy(out + at, h->rest, take);
		at += take;
		h->rest += take;
		h->rest_len -= take;
	}
	*n = at;
	return 0;
}

void h2_flushed(struct h2 *h)
{
	struct h2_stream *s;

	if (h->streams.n_ended == 0)
		return;
	for (s = h->streams.first; s != NULL; s = s->next) {
		if (!s->ended)
			continue;
		s->ended = false;
		h->streams.n_ended--;
		s->calls->sent(s->arg, s);
	}
}

bool h2_over(const struct h2 *h)
{
	return h->rest_len == 0 && !nghttp2_session_want_read(h->session) &&
	       !nghttp2_session_want_write(h->session);
}

size_t h2_streams(const struct h2 *h)
{
	return h->streams.count;
}

int64_t h2_deadline(const struct h2 *h)
{
	return h2_stream_first_deadline(&h->streams);
}

bool h2_expire(struct h2 *h, int64_t now_ms)
{
	struct h2_stream *s;
	bool late = false;

	for (s = h->streams.first; s != NULL; s = s->next) {
		if (s->deadline_ms == 0 || s->deadline_ms > now_ms)
			continue;
		s->deadline_ms = 0;
		late = true;
		if (h->config.side == H2_SERVER && !s->head_done)
			abuse(h, "field section not in time");
		else
			s->calls->late(s->arg, s);
	}
	return late;
}

void h2_extend(struct h2 *h, int64_t ms)
{
	struct h2_stream *s;

	for (s = h->streams.first; s != NULL; s = s->next) {
		if (s->deadline_ms != 0)
			s->deadline_ms += ms;
	}
}

void h2_shutdown(struct h2 *h)
{
	(void)nghttp2_submit_goaway(h->session, NGHTTP2_FLAG_NONE,
	    nghttp2_session_get_last_proc_stream_id(h->session), NGHTTP2_NO_ERROR, NULL, 0);
	h2_wake(h);
}

bool h2_accepts(const struct h2 *h)
{
	return !h->broken && nghttp2_session_check_request_allowed(h->session) != 0;
}
