/* What is put: frames as they are told. */
#include "conformance/wire/frames_inside.h"

#include <stdlib.h>
#include <string.h>

#include <nghttp2/nghttp2.h>

#define MAX_FIELDS 256

void frames_put(struct frames *f, const void *octets, size_t len)
{
	(void)rxp_buf_put(&f->out, octets, len);
}

void frames_put_head(struct frames *f, uint8_t type, uint8_t flags, uint32_t stream, size_t len)
{
	const uint8_t head[FRAMES_HEAD] = {(uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len,
	    type, flags, (uint8_t)(stream >> 24), (uint8_t)(stream >> 16), (uint8_t)(stream >> 8),
	    (uint8_t)stream};

	frames_put(f, head, sizeof head);
}

void frames_put_frame(
    struct frames *f, uint8_t type, uint8_t flags, uint32_t stream, const void *payload, size_t len)
{
	frames_put_head(f, type, flags, stream, len);
	frames_put(f, payload, len);
}

/* Appends the block to *block. */
static void deflate(struct frames *f, struct rxp_buf *block, const struct frames_section *section)
{
	nghttp2_nv nv[MAX_FIELDS];
	uint8_t *room = NULL;
	ssize_t len;
	size_t most;

	if (section->n > MAX_FIELDS)
		abort();
	for (size_t i = 0; i < section->n; i++) {
		const struct frames_field *field = &section->fields[i];
		union {
			const char *text;
			uint8_t *octets; /* the library does not write to it */
		} name = {field->name}, value = {field->value};

		nv[i] = (nghttp2_nv){name.octets, value.octets, field->name_len, field->value_len,
		    NGHTTP2_NV_FLAG_NONE};
	}
	(void)rxp_buf_put(block, section->prefix, section->prefix_len);
	most = nghttp2_hd_deflate_bound(f->deflater, nv, section->n);
	if (rxp_buf_room(block, most, &room) != 0)
		return;
	len = nghttp2_hd_deflate_hd(f->deflater, room, most, nv, section->n);
	if (len < 0)
		abort();
	rxp_buf_cut(block, block->len - most + (size_t)len);
}

/* HEADERS with what its flags announce around a part of the block. */
static void put_opening(
    struct frames *f, uint8_t flags, uint32_t stream, const uint8_t *octets, size_t len)
{
	static const uint8_t padding[PADDING] = {0}, priority[PRIORITY_OCTETS] = {0, 0, 0, 0, 15};
	const uint8_t pad = PADDING;
	bool padded = (flags & FLAG_PADDED) != 0, prior = (flags & FLAG_PRIORITY) != 0;

	frames_put_head(f, FRAME_HEADERS, flags, stream,
	    len + (padded ? 1 + PADDING : 0) + (prior ? PRIORITY_OCTETS : 0));
	frames_put(f, &pad, padded ? 1 : 0);
	frames_put(f, priority, prior ? sizeof priority : 0);
	frames_put(f, octets, len);
	frames_put(f, padding, padded ? sizeof padding : 0);
}

void frames_put_headers(
    struct frames *f, uint8_t flags, uint32_t stream, const struct frames_section *section)
{
	struct rxp_buf block;
	size_t at = 0;

	/* Who begins anew on a stream that is over is to be seen by what comes then. */
	if (frames_slot(f, stream)->ended)
		frames_forget(frames_slot(f, stream));
	rxp_buf_init(&block, MAX_OUT_OCTETS);
	deflate(f, &block, section);
	do {
		size_t left = block.len - at;
		size_t piece = section->cut == 0 || left < section->cut ? left : section->cut;
		uint8_t last = piece == left ? FLAG_END_HEADERS : 0;

		if (at == 0)
			put_opening(f, flags | last, stream, block.data, piece);
		else
			frames_put_frame(
			    f, FRAME_CONTINUATION, last, stream, block.data + at, piece);
		at += piece;
	} while (at < block.len);
	rxp_buf_free(&block);
}
