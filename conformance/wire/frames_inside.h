/*
 * frames_inside - what the parts of frames share: the connection, what comes and what is sent (frames.c), what is put (frames_put.c), streams
 * (frames_stream.c).
 */
#ifndef CONFORM_FRAMES_INSIDE_H
#define CONFORM_FRAMES_INSIDE_H

#include "conformance/wire/frames.h"

struct nghttp2_hd_deflater;
struct nghttp2_hd_inflater;
struct tls;

#define MAX_OUT_OCTETS (4 * 1024UL * 1024)
#define PADDING 7
#define PRIORITY_OCTETS 5

struct frames {
	struct tls *tls;
	struct nghttp2_hd_deflater *deflater;
	struct nghttp2_hd_inflater *inflater;
	struct rxp_buf out; /* put and not sent */
	struct rxp_buf in; /* read and no whole frame yet */
	struct rxp_buf block; /* of a field section whose end did not come */
	uint32_t block_stream;
	bool block_ends; /* the stream, too */
	struct rxp_buf sent, received;
	bool drip;
	int64_t window, initial_window; /* of the other side */
	struct frames_seen seen;
	struct frames_stream streams[FRAMES_STREAMS];
};

/* The place of a stream, which is forgotten if another had it. */
struct frames_stream *frames_slot(struct frames *f, uint32_t id);
void frames_forget(struct frames_stream *s);
/* The head of a frame whose payload is put behind it. */
void frames_put_head(struct frames *f, uint8_t type, uint8_t flags, uint32_t stream, size_t len);

#endif
