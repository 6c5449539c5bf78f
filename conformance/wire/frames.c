#include "conformance/wire/frames_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#include "conformance/wire/tls.h"

#define MAX_IN_OCTETS (64 * 1024UL)
#define MAX_KEPT_OCTETS (1024UL * 1024)
#define MAX_BLOCK_OCTETS (64 * 1024UL)
#define READ_OCTETS 16384
#define TABLE_OCTETS 4096 /* of HPACK, until SETTINGS say otherwise */
#define DEFAULT_WINDOW 65535
#define DEFAULT_MAX_FRAME 16384
#define FLUSH_OCTETS 65536 /* that wait to be sent at most */
#define PATIENCES 20 /* of which a body may take that many, however small the windows */
#define SETTING_OCTETS 6
#define STREAM_MASK 0x7fffffffU

enum {
	SETTING_TABLE = 1,
	SETTING_MAX_STREAMS = 3,
	SETTING_INITIAL_WINDOW = 4,
	SETTING_MAX_FRAME = 5,
	SETTING_MAX_FIELDS = 6
};

static uint32_t u32(const uint8_t *o)
{
	return (uint32_t)o[0] << 24 | (uint32_t)o[1] << 16 | (uint32_t)o[2] << 8 | o[3];
}

/* --- what comes ------------------------------------------------------------------------------ */

static void take_field(struct wire_response *r, const nghttp2_nv *nv)
{
	if (nv->namelen == 7 && memcmp(nv->name, ":status", 7) == 0)
		r->status = (int)strtol((const char *)nv->value, NULL, 10);
	else if (nv->namelen == 12 && memcmp(nv->name, "content-type", 12) == 0)
		(void)snprintf(r->content_type, sizeof r->content_type, "%.*s", (int)nv->valuelen,
		    (const char *)nv->value);
}

static void take_block(struct frames *f)
{
	struct frames_stream *s = frames_slot(f, f->block_stream);
	const uint8_t *at = f->block.data;
	size_t left = f->block.len;
	int flags = 0;

	while ((flags & NGHTTP2_HD_INFLATE_FINAL) == 0) {
		nghttp2_nv nv;
		ssize_t n = nghttp2_hd_inflate_hd2(f->inflater, &nv, &flags, at, left, 1);

		if (n < 0) {
			f->seen.broken = true;
			return;
		}
		if ((flags & NGHTTP2_HD_INFLATE_EMIT) != 0)
			take_field(&s->response, &nv);
		at += n;
		left -= (size_t)n;
	}
	(void)nghttp2_hd_inflate_end_headers(f->inflater);
	s->ended = s->ended || f->block_ends;
	rxp_buf_reset(&f->block);
	f->block_stream = 0;
}

/* Cut off padding and, of HEADERS, the priority. False: there is less than it says. */
static bool strip(uint8_t type, uint8_t flags, const uint8_t **octets, size_t *len)
{
	size_t before = 0, behind = 0;

	if ((flags & FLAG_PADDED) != 0) {
		if (*len < 1)
			return false;
		before = 1;
		behind = **octets;
	}
	if (type == FRAME_HEADERS && (flags & FLAG_PRIORITY) != 0)
		before += PRIORITY_OCTETS;
	if (before + behind > *len)
		return false;
	*octets += before;
	*len -= before + behind;
	return true;
}

static void take_settings(struct frames *f, const uint8_t *octets, size_t len)
{
	for (; len >= SETTING_OCTETS; octets += SETTING_OCTETS, len -= SETTING_OCTETS) {
		uint32_t value = u32(octets + 2);

		switch (octets[0] << 8 | octets[1]) {
		case SETTING_TABLE:
			(void)nghttp2_hd_deflate_change_table_size(
			    f->deflater, value < TABLE_OCTETS ? value : TABLE_OCTETS);
			break;
		case SETTING_MAX_STREAMS:
			f->seen.max_streams = value;
			break;
		case SETTING_MAX_FIELDS:
			f->seen.max_fields = value;
			break;
		case SETTING_INITIAL_WINDOW:
			for (size_t i = 0; i < FRAMES_STREAMS; i++)
				f->streams[i].window += (int64_t)value - f->initial_window;
			f->initial_window = value;
			break;
		case SETTING_MAX_FRAME:
			f->seen.max_frame = value;
			break;
		default:
			break;
		}
	}
	f->seen.settings++;
	frames_put_frame(f, FRAME_SETTINGS, FLAG_ACK, 0, NULL, 0);
}

static void take_window(struct frames *f, uint32_t stream, uint32_t octets)
{
	f->seen.window_updates++;
	if (stream == 0)
		f->window += octets;
	else
		frames_slot(f, stream)->window += octets;
}

/* A frame of a stream, its padding cut off. */
static void take_message(struct frames *f, uint8_t type, uint8_t flags, uint32_t stream,
    const uint8_t *octets, size_t len)
{
	struct frames_stream *s = frames_slot(f, stream);

	if (type == FRAME_DATA) {
		s->data_frames++;
		(void)rxp_buf_put(&s->response.body, octets, len);
		s->ended = s->ended || (flags & FLAG_END_STREAM) != 0;
		return;
	}
	if (type == FRAME_HEADERS) {
		f->block_stream = stream;
		f->block_ends = (flags & FLAG_END_STREAM) != 0;
	}
	if (f->block_stream != stream || rxp_buf_put(&f->block, octets, len) != 0)
		f->seen.broken = true;
	else if ((flags & FLAG_END_HEADERS) != 0)
		take_block(f);
}

static bool take_control(struct frames *f, uint8_t type, uint8_t flags, uint32_t stream,
    const uint8_t *octets, size_t len)
{
	struct frames_stream *s;

	switch (type) {
	case FRAME_RST_STREAM:
		if (len != 4 || stream == 0)
			return false;
		s = frames_slot(f, stream);
		s->reset = true;
		s->reset_code = u32(octets);
		f->seen.resets++;
		f->seen.last_reset_code = s->reset_code;
		return true;
	case FRAME_SETTINGS:
		if ((flags & FLAG_ACK) != 0)
			f->seen.settings_acks++;
		else
			take_settings(f, octets, len);
		return true;
	case FRAME_PING:
		if ((flags & FLAG_ACK) != 0)
			f->seen.pongs++;
		else
			frames_put_frame(f, FRAME_PING, FLAG_ACK, 0, octets, len);
		return true;
	case FRAME_GOAWAY:
		if (len < 8)
			return false;
		f->seen.goaway = true;
		f->seen.goaway_code = u32(octets + 4);
		return true;
	case FRAME_WINDOW_UPDATE:
		if (len != 4)
			return false;
		take_window(f, stream, u32(octets) & STREAM_MASK);
		return true;
	default:
		return true;
	}
}

static void take_frame(struct frames *f, uint8_t type, uint8_t flags, uint32_t stream,
    const uint8_t *octets, size_t len)
{
	bool whole;

	f->seen.frames++;
	if (type == FRAME_DATA || type == FRAME_HEADERS || type == FRAME_CONTINUATION) {
		whole = stream != 0 &&
			(type == FRAME_CONTINUATION || strip(type, flags, &octets, &len));
		if (whole)
			take_message(f, type, flags, stream, octets, len);
	} else {
		whole = take_control(f, type, flags, stream, octets, len);
	}
	if (!whole)
		f->seen.broken = true;
}

/* Take all whole frames out of what was read. */
static void take_frames(struct frames *f)
{
	size_t at = 0;

	while (!f->seen.broken && f->in.len - at >= FRAMES_HEAD) {
		const uint8_t *head = f->in.data + at;
		size_t len = u32(head) >> 8;

		if (len > DEFAULT_MAX_FRAME) {
			f->seen.broken = true;
			break;
		}
		if (f->in.len - at < FRAMES_HEAD + len)
			break;
		take_frame(
		    f, head[3], head[4], u32(head + 5) & STREAM_MASK, head + FRAMES_HEAD, len);
		at += FRAMES_HEAD + len;
	}
	if (at > 0) {
		memmove(f->in.data, f->in.data + at, f->in.len - at);
		rxp_buf_cut(&f->in, f->in.len - at);
	}
}

static void keep(struct rxp_buf *b, const uint8_t *octets, size_t len)
{
	size_t room = MAX_KEPT_OCTETS - b->len;

	(void)rxp_buf_put(b, octets, len < room ? len : room);
}

/* Take what is there without waiting. False: there was nothing. */
static bool take_some(struct frames *f)
{
	uint8_t octets[READ_OCTETS];
	size_t n;
	enum wire_end end = tls_read_some(f->tls, octets, sizeof octets, &n);

	if (end != WIRE_NONE) {
		f->seen.end = end;
		return false;
	}
	if (n == 0)
		return false;
	f->seen.octets += n;
	keep(&f->received, octets, n);
	if (f->seen.broken)
		return true;
	if (rxp_buf_put(&f->in, octets, n) != 0)
		f->seen.broken = true;
	else
		take_frames(f);
	return true;
}

enum wire_end frames_take(struct frames *f, int64_t deadline_ms)
{
	enum wire_end end = f->seen.end;

	while (end == WIRE_NONE && !take_some(f)) {
		end = f->seen.end;
		if (end == WIRE_NONE)
			end = tls_await(f->tls, false, deadline_ms);
	}
	/* Acknowledgements go by the way; what does not go shows itself when the next is read. */
	if (end == WIRE_NONE && f->out.len > 0)
		end = frames_flush(f, deadline_ms);
	return end;
}

/* --- what is sent --------------------------------------------------------------------------- */

/* Send a part of what was put, or take what came. */
static enum wire_end work(struct frames *f, size_t *at, int64_t deadline_ms)
{
	size_t left = f->out.len - *at, n;
	enum wire_end end =
	    tls_write_some(f->tls, f->out.data + *at, f->drip && left > 1 ? 1 : left, &n);

	if (end != WIRE_NONE) {
		/* What the other side said before it went still counts. */
		while (take_some(f))
			;
		f->seen.end = f->seen.end == WIRE_NONE ? end : f->seen.end;
		return f->seen.end;
	}
	keep(&f->sent, f->out.data + *at, n);
	*at += n;
	if (n > 0 || take_some(f) || f->seen.end != WIRE_NONE)
		return f->seen.end;
	return tls_await(f->tls, true, deadline_ms);
}

enum wire_end frames_flush(struct frames *f, int64_t deadline_ms)
{
	enum wire_end end = f->seen.end;
	size_t at = 0;

	if (rxp_buf_error(&f->out) != 0)
		return WIRE_LOCAL;
	while (end == WIRE_NONE && at < f->out.len)
		end = work(f, &at, deadline_ms);
	rxp_buf_reset(&f->out);
	return end;
}

static bool is_over(const struct frames *f, const struct frames_stream *s)
{
	return s->ended || s->reset || f->seen.goaway || f->seen.broken;
}

/* Padding counts like octets. */
static size_t overhead(uint8_t flags)
{
	return (flags & FLAG_PADDED) != 0 ? 1 + PADDING : 0;
}

static void put_data(
    struct frames *f, uint8_t flags, uint32_t stream, const uint8_t *octets, size_t len)
{
	static const uint8_t around[1 + PADDING] = {PADDING};
	size_t more = overhead(flags);

	frames_put_head(f, FRAME_DATA, flags, stream, len + more);
	frames_put(f, around, more > 0 ? 1 : 0);
	frames_put(f, octets, len);
	frames_put(f, around + 1, more > 0 ? PADDING : 0);
	frames_slot(f, stream)->window -= (int64_t)(len + more);
	f->window -= (int64_t)(len + more);
}

/* How many octets of DATA may go now. */
static size_t room(struct frames *f, uint32_t stream, uint8_t flags, size_t piece)
{
	int64_t n = frames_slot(f, stream)->window, more = (int64_t)overhead(flags);

	if (n > f->window)
		n = f->window;
	if (n > (int64_t)f->seen.max_frame)
		n = f->seen.max_frame;
	if (n > (int64_t)piece + more)
		n = (int64_t)piece + more;
	return n > more ? (size_t)(n - more) : 0;
}

/* Until when the other side may let wait for what it takes next. */
static int64_t later(int64_t began_ms, int64_t patience_ms)
{
	int64_t next_ms = tls_now_ms() + patience_ms, last_ms = began_ms + PATIENCES * patience_ms;

	return next_ms < last_ms ? next_ms : last_ms;
}

enum wire_end frames_send_data(struct frames *f, uint8_t flags, uint32_t stream,
    const uint8_t *octets, size_t len, size_t piece, int64_t patience_ms)
{
	int64_t began_ms = tls_now_ms(), deadline_ms = began_ms + patience_ms;
	enum wire_end end = WIRE_NONE;

	while (end == WIRE_NONE && !is_over(f, frames_slot(f, stream))) {
		size_t n = room(f, stream, flags, piece);

		if (n > len)
			n = len;
		if (n == 0 && len > 0) {
			unsigned updates = f->seen.window_updates;

			end = frames_flush(f, deadline_ms);
			if (end == WIRE_NONE && room(f, stream, flags, piece) == 0)
				end = frames_take(f, deadline_ms);
			/* What went before the first SETTINGS came may be beyond their window by much. */
			if (f->seen.window_updates != updates)
				deadline_ms = later(began_ms, patience_ms);
			continue;
		}
		put_data(f, n == len ? flags : flags & FLAG_PADDED, stream, octets, n);
		octets += n;
		len -= n;
		if (f->out.len > FLUSH_OCTETS) {
			end = frames_flush(f, deadline_ms);
			deadline_ms = later(began_ms, patience_ms);
		}
		if (len == 0)
			break;
	}
	return end == WIRE_CLOSED ? WIRE_NONE : end;
}

/* --- the connection -------------------------------------------------------------------------- */

enum wire_end frames_new(struct frames **out)
{
	struct frames *f = calloc(1, sizeof *f);

	if (f == NULL)
		return WIRE_LOCAL;
	rxp_buf_init(&f->out, MAX_OUT_OCTETS);
	rxp_buf_init(&f->in, MAX_IN_OCTETS);
	rxp_buf_init(&f->block, MAX_BLOCK_OCTETS);
	rxp_buf_init(&f->sent, MAX_KEPT_OCTETS);
	rxp_buf_init(&f->received, MAX_KEPT_OCTETS);
	for (size_t i = 0; i < FRAMES_STREAMS; i++)
		wire_response_init(&f->streams[i].response);
	f->window = f->initial_window = DEFAULT_WINDOW;
	f->seen.max_frame = DEFAULT_MAX_FRAME;
	f->seen.max_streams = f->seen.max_fields = UINT32_MAX;
	if (nghttp2_hd_deflate_new(&f->deflater, TABLE_OCTETS) != 0 ||
	    nghttp2_hd_inflate_new(&f->inflater) != 0) {
		frames_free(f);
		return WIRE_LOCAL;
	}
	*out = f;
	return WIRE_NONE;
}

void frames_free(struct frames *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < FRAMES_STREAMS; i++)
		wire_response_clear(&f->streams[i].response);
	nghttp2_hd_deflate_del(f->deflater);
	nghttp2_hd_inflate_del(f->inflater);
	rxp_buf_free(&f->out);
	rxp_buf_free(&f->in);
	rxp_buf_free(&f->block);
	rxp_buf_free(&f->sent);
	rxp_buf_free(&f->received);
	tls_close(f->tls);
	free(f);
}

enum wire_end frames_connect(
    struct frames *f, const struct wire_target *target, bool early, int64_t deadline_ms)
{
	struct wire_target to = *target;

	if (early)
		to.manner.early = &f->out;
	f->seen.end = tls_open(&f->tls, &to, deadline_ms);
	if (early) {
		keep(&f->sent, f->out.data, f->out.len);
		rxp_buf_reset(&f->out);
	}
	return f->seen.end;
}

enum wire_end frames_update_key(struct frames *f, int64_t deadline_ms)
{
	enum wire_end end = f->seen.end;

	if (end != WIRE_NONE)
		return end;
	end = tls_update_key(f->tls, deadline_ms);
	if (end != WIRE_NONE && end != WIRE_TIMEOUT)
		f->seen.end = end;
	return end;
}

void frames_cut(struct frames *f, bool abort)
{
	/* What has come already is still looked at. */
	while (f->seen.end == WIRE_NONE && take_some(f))
		;
	tls_cut(f->tls, abort);
	f->seen.end = WIRE_CLOSED;
}

void frames_drip(struct frames *f)
{
	f->drip = true;
}

const struct frames_seen *frames_seen(const struct frames *f)
{
	return &f->seen;
}

struct tls *frames_tls(const struct frames *f)
{
	return f->tls;
}

const struct rxp_buf *frames_sent(const struct frames *f)
{
	return &f->sent;
}

const struct rxp_buf *frames_received(const struct frames *f)
{
	return &f->received;
}
