/*
 * frames - HTTP/2 frame by frame: what goes out is what the caller says, lawful or not, and what comes is taken apart and
 * noted. Nothing is judged here.
 *
 * What goes is kept until frames_flush(). SETTINGS and PING of the other side are acknowledged by the way.
 */
#ifndef CONFORM_FRAMES_H
#define CONFORM_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/wire/wire.h"
#include "protocol/base/buf.h"

#define FRAMES_STREAMS 64 /* that are known at a time; a later one takes the place of an earlier */
#define FRAMES_HEAD 9 /* octets of a frame before its payload */
#define FRAMES_PIECE 16384 /* octets of payload that everybody takes */

/* RFC 9113 section 6. */
enum frame_type {
	FRAME_DATA,
	FRAME_HEADERS,
	FRAME_PRIORITY,
	FRAME_RST_STREAM,
	FRAME_SETTINGS,
	FRAME_PUSH_PROMISE,
	FRAME_PING,
	FRAME_GOAWAY,
	FRAME_WINDOW_UPDATE,
	FRAME_CONTINUATION,
	FRAME_UNKNOWN = 0xfa, /* of no specification */
};

enum frame_flag {
	FLAG_ACK = 0x1,
	FLAG_END_STREAM = 0x1,
	FLAG_END_HEADERS = 0x4,
	FLAG_PADDED = 0x8,
	FLAG_PRIORITY = 0x20,
};

struct frames_field {
	const char *name;
	size_t name_len;
	const char *value;
	size_t value_len;
};

/* What came on one stream. */
struct frames_stream {
	uint32_t id; /* 0: none */
	struct wire_response response;
	unsigned data_frames;
	bool ended, reset;
	uint32_t reset_code;
	int64_t window; /* octets that may still go, apart from the connection's window */
};

/* What came on the connection. */
struct frames_seen {
	enum wire_end end; /* NONE: it stands */
	bool broken; /* what came is not HTTP/2 */
	size_t octets, frames;
	unsigned settings, settings_acks, pongs, window_updates, resets;
	uint32_t last_reset_code;
	bool goaway;
	uint32_t goaway_code;
	uint32_t max_frame; /* SETTINGS_MAX_FRAME_SIZE */
	uint32_t max_streams; /* SETTINGS_MAX_CONCURRENT_STREAMS; UINT32_MAX: no bound */
	uint32_t max_fields; /* SETTINGS_MAX_HEADER_LIST_SIZE; the same */
};

struct frames;

/* Not connected. WIRE_NONE: the caller owns *out. */
enum wire_end frames_new(struct frames **out);
void frames_free(struct frames *f); /* NULL is allowed */

/* Connect; what was put before stays to be flushed, unless it goes as early data. */
enum wire_end frames_connect(
    struct frames *f, const struct wire_target *target, bool early, int64_t deadline_ms);

/* Every octet in a TLS record of its own from now on. */
void frames_drip(struct frames *f);

void frames_put(struct frames *f, const void *octets, size_t len);
void frames_put_frame(struct frames *f, uint8_t type, uint8_t flags, uint32_t stream,
    const void *payload, size_t len);
/* A field section. Nothing of it is checked. */
struct frames_section {
	const char *prefix; /* octets of HPACK before the fields */
	size_t prefix_len;
	const struct frames_field *fields;
	size_t n;
	size_t cut; /* at most so many octets in HEADERS and in each CONTINUATION; 0: all in one */
};

/* HEADERS, and CONTINUATION if it is cut. END_HEADERS is set by itself; PADDED and PRIORITY bring what they say. */
void frames_put_headers(
    struct frames *f, uint8_t flags, uint32_t stream, const struct frames_section *section);
/* DATA in frames of at most `piece` octets, as the windows of the other side allow it; flags of the last one. PADDED: each
 * has seven octets of padding. Ends early, as a success, if the other side ends the stream or the connection. Whenever that
 * takes something it has its whole patience for the rest, and all in all a bounded time. */
enum wire_end frames_send_data(struct frames *f, uint8_t flags, uint32_t stream,
    const uint8_t *octets, size_t len, size_t piece, int64_t patience_ms);

/* Send what was put, and take what comes meanwhile. */
enum wire_end frames_flush(struct frames *f, int64_t deadline_ms);
/* Wait until something comes, and take it. TIMEOUT: nothing did. Other ends are those of the connection. */
enum wire_end frames_take(struct frames *f, int64_t deadline_ms);

/* A KeyUpdate of TLS, behind what was sent. */
enum wire_end frames_update_key(struct frames *f, int64_t deadline_ms);
/* End without close_notify, what was put unsent: the other side sees the end of TCP alone or, abort, its reset. */
void frames_cut(struct frames *f, bool abort);

const struct frames_seen *frames_seen(const struct frames *f);
/* Of one stream; NULL: nothing was sent or seen on it, or a later one took its place. */
const struct frames_stream *frames_stream(const struct frames *f, uint32_t id);
/* The connection below; NULL: none. Of tls.h the caller uses what frames has not. */
struct tls *frames_tls(const struct frames *f);
/* Each octet that went and came, cut at a mebibyte. */
const struct rxp_buf *frames_sent(const struct frames *f);
const struct rxp_buf *frames_received(const struct frames *f);

#endif
