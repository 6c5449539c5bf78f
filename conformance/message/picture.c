#include "conformance/message/picture.h"

#include <stdint.h>
#include <string.h>

#include "conformance/state/chance.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define COLUMNS 4 /* blocks of eight by eight samples beside each other */
#define BLOCK 8
#define COEFFICIENTS 64
#define HIGHEST 65535 /* samples that a JPEG can be high */
#define NOISE_BITS 10 /* of one coefficient */
/* A row of blocks: 1 + 63 * 11 bits each, and the octet that follows an ff, in the worst case after each. */
#define ROW_MAX (COLUMNS * 2UL * 88)
#define RESTART_OCTETS 6 /* of a segment that says that no restart marker comes */
#define FILLER_MIN (4 + 17 + 1) /* octets of a table of codes for one value */

#define PUT(out, literal) rxp_buf_put(out, literal, sizeof(literal) - 1)

/* Coded data in the making. */
struct bits {
	struct rxp_buf *out;
	unsigned value, n;
};

static void put_bit(struct bits *b, unsigned bit)
{
	b->value = b->value << 1 | bit;
	if (++b->n < 8)
		return;
	(void)rxp_buf_putc(b->out, (uint8_t)b->value);
	if (b->value == 0xff)
		(void)rxp_buf_putc(b->out, 0);
	b->value = 0;
	b->n = 0;
}

/* The code 0 says that the mean is that of the block before; 0 before each other coefficient, that ten bits of it follow. */
static int put_row(struct bits *b)
{
	uint8_t noise[COLUMNS * COEFFICIENTS * 2];
	int rc = chance()->fill(chance()->arg, noise, sizeof noise);

	for (size_t i = 0; rc == 0 && i < (size_t)COLUMNS * COEFFICIENTS; i++) {
		unsigned value = (unsigned)noise[2 * i] << 8 | noise[2 * i + 1];

		put_bit(b, 0);
		for (unsigned bit = 0; i % COEFFICIENTS != 0 && bit < NOISE_BITS; bit++)
			put_bit(b, value >> bit & 1);
	}
	return rc;
}

static int put_head(struct rxp_buf *out, unsigned height)
{
	const uint8_t frame[] = {0xff, 0xc0, 0, 11, 8, (uint8_t)(height >> 8), (uint8_t)height, 0,
	    COLUMNS * BLOCK, 1, 1, 0x11, 0};
	uint8_t quantization[COEFFICIENTS];

	memset(quantization, 1, sizeof quantization);
	(void)PUT(out, "\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\1\0\x48\0\x48\0\0\xff\xdb\0\x43\0");
	(void)rxp_buf_put(out, quantization, sizeof quantization);
	(void)rxp_buf_put(out, frame, sizeof frame);
	/* One code of each table: 0, for nothing and for ten bits. */
	(void)PUT(out, "\xff\xc4\0\x14\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
	return PUT(out, "\xff\xc4\0\x14\x10\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x0a");
}

/* Segments that change nothing, of so many octets in all: a table of codes that no scan uses, and no restart markers. */
static int put_filler(struct rxp_buf *out, size_t octets)
{
	uint8_t codes = (uint8_t)(1 + (octets - FILLER_MIN) % RESTART_OCTETS);
	size_t restarts = (octets - FILLER_MIN) / RESTART_OCTETS;

	(void)PUT(out, "\xff\xc4\0");
	(void)rxp_buf_putc(out, (uint8_t)(FILLER_MIN - 2 - 1 + codes));
	(void)PUT(out, "\x11\0\0\0\0\0\0\0");
	(void)rxp_buf_putc(out, codes); /* of eight bits */
	(void)PUT(out, "\0\0\0\0\0\0\0\0");
	for (uint8_t i = 1; i <= codes; i++)
		(void)rxp_buf_putc(out, i);
	for (size_t i = 0; i < restarts; i++)
		(void)PUT(out, "\xff\xdd\0\4\0\0");
	return 0;
}

int picture_make(struct rxp_buf *out, size_t octets)
{
	static const char scan[] = "\xff\xda\0\x08\1\1\0\0\x3f\0", end[] = "\xff\xd9";
	struct rxp_buf data, head;
	struct bits bits = {.out = &data};
	size_t height = 0, rest;
	int rc;

	if (octets < PICTURE_LEAST)
		return RXP_ERR_BOUND;
	rxp_buf_init(&data, octets);
	rxp_buf_init(&head, PICTURE_LEAST);
	rc = put_head(&head, 0);
	rest = octets - head.len - (sizeof scan - 1) - (sizeof end - 1) - FILLER_MIN;
	while (rc == 0 && data.len + ROW_MAX + 1 <= rest && height + BLOCK <= HIGHEST) {
		rc = put_row(&bits);
		height += BLOCK;
	}
	while (bits.n != 0)
		put_bit(&bits, 1);
	rxp_buf_reset(&head);
	if (rc == 0 && data.len + 2 * ROW_MAX < rest)
		rc = RXP_ERR_BOUND;
	if (rc == 0)
		rc = put_head(&head, (unsigned)height);
	if (rc == 0)
		rc = rxp_buf_put(out, head.data, head.len);
	if (rc == 0)
		rc = put_filler(out, rest + FILLER_MIN - data.len);
	if (rc == 0)
		rc = rxp_buf_put(out, scan, sizeof scan - 1);
	if (rc == 0)
		rc = rxp_buf_put(out, data.data, data.len);
	if (rc == 0)
		rc = rxp_buf_put(out, end, sizeof end - 1);
	rxp_buf_free(&data);
	rxp_buf_free(&head);
	return rc;
}
