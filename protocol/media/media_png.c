/* PNG (ISO/IEC 15948). RXP-ATT-023. */
#include <string.h>

#include "protocol/media/media_machine.h"

#define MAGIC_OCTETS 8
#define HEADER_OCTETS 8 /* length and type */
#define CRC_OCTETS 4
#define DATA_MAX 0x7fffffffU

/* Where a chunk may stand. OFF: nowhere. */
enum order { FIRST, BEFORE_DATA, DATA, LAST, OFF };

static const struct chunk {
	char type[5];
	enum order order;
	uint32_t min, max; /* octets */
} CHUNKS[] = {
    {"IHDR", FIRST, 13, 13},
    {"PLTE", BEFORE_DATA, 3, 768},
    {"tRNS", BEFORE_DATA, 1, 256},
    {"gAMA", BEFORE_DATA, 4, 4},
    {"cHRM", BEFORE_DATA, 32, 32},
    {"sRGB", BEFORE_DATA, 1, 1},
    {"sBIT", BEFORE_DATA, 1, 4},
    {"bKGD", BEFORE_DATA, 1, 6},
    {"pHYs", BEFORE_DATA, 9, 9},
    {"IDAT", DATA, 0, DATA_MAX},
    {"IEND", LAST, 0, 0},
    {"tEXt", OFF, 0, DATA_MAX},
    {"zTXt", OFF, 0, DATA_MAX},
    {"iTXt", OFF, 0, DATA_MAX},
    {"eXIf", OFF, 0, DATA_MAX},
    {"tIME", OFF, 0, DATA_MAX},
    {"iCCP", OFF, 0, DATA_MAX},
};

#define CHUNKS_COUNT (sizeof(CHUNKS) / sizeof(CHUNKS[0]))

enum place { AT_MAGIC, AT_HEADER, AT_CRC };

struct png {
	enum place place;
	const struct chunk *chunk;
	uint32_t crc;
	unsigned seen; /* bit i: row i of CHUNKS */
	bool data; /* IDAT came */
};

/* The CRC of ISO 3309, four bits at a time. */
static uint32_t crc_of(uint32_t crc, const uint8_t *octets, size_t len)
{
	static const uint32_t STEPS[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
	    0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8,
	    0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};

	for (size_t i = 0; i < len; i++) {
		crc ^= octets[i];
		crc = crc >> 4 ^ STEPS[crc & 15];
		crc = crc >> 4 ^ STEPS[crc & 15];
	}
	return crc;
}

static const struct chunk *chunk_of(const uint8_t *type)
{
	for (size_t i = 0; i < CHUNKS_COUNT; i++)
		if (memcmp(CHUNKS[i].type, type, 4) == 0)
			return &CHUNKS[i];
	return NULL;
}

static int next_chunk(struct rxp_media *m, struct png *p)
{
	p->place = AT_HEADER;
	rxp_media_want(m, HEADER_OCTETS);
	return 0;
}

/* Does the chunk stand where it may, once? */
static bool in_order(const struct png *p, const struct chunk *c)
{
	bool begun = p->seen != 0, again = (p->seen & 1U << (c - CHUNKS)) != 0;

	switch (c->order) {
	case FIRST:
		return !begun;
	case BEFORE_DATA:
		return begun && !p->data && !again;
	case DATA:
		return begun;
	case LAST:
		return p->data;
	case OFF:
		break;
	}
	return false;
}

static int header(struct rxp_media *m, const uint8_t *head)
{
	struct png *p = m->own;
	uint32_t octets = rxp_media_number(head, 4);
	const struct chunk *c = chunk_of(head + 4);
	bool ancillary = (head[4] & 0x20) != 0;

	m->part = m->at - HEADER_OCTETS;
	if (octets > DATA_MAX)
		return rxp_media_broken(m, "a chunk of a wrong length");
	if (c == NULL && !ancillary)
		return rxp_media_broken(m, "unknown critical chunk");
	if (c == NULL || c->order == OFF) {
		int rc = rxp_media_strike(m, c == NULL ? "unknown chunk" : c->type, m->part,
		    HEADER_OCTETS + (uint64_t)octets + CRC_OCTETS);

		rxp_media_pass(m, (uint64_t)octets + CRC_OCTETS, false);
		return rc != 0 ? rc : next_chunk(m, p);
	}
	if (octets < c->min || octets > c->max)
		return rxp_media_broken(m, "a chunk of a wrong length");
	if (!in_order(p, c))
		return rxp_media_broken(m, "a chunk in a wrong place");
	p->data = p->data || c->order == DATA;
	p->seen |= 1U << (c - CHUNKS);
	p->chunk = c;
	p->crc = crc_of(0xffffffff, head + 4, 4);
	p->place = AT_CRC;
	rxp_media_pass(m, octets, true);
	rxp_media_want(m, CRC_OCTETS);
	return 0;
}

static int step(struct rxp_media *m, const uint8_t *head, size_t len)
{
	struct png *p = m->own;

	(void)len;
	switch (p->place) {
	case AT_MAGIC:
		if (memcmp(head, "\x89PNG\r\n\x1a\n", MAGIC_OCTETS) != 0)
			return rxp_media_broken(m, "not a file of this kind");
		return next_chunk(m, p);
	case AT_HEADER:
		return header(m, head);
	case AT_CRC:
		break;
	}
	if ((p->crc ^ 0xffffffff) != rxp_media_number(head, CRC_OCTETS))
		return rxp_media_broken(m, "a chunk with a wrong check sum");
	return p->chunk->order == LAST ? 0 : next_chunk(m, p);
}

static int look(struct rxp_media *m, const uint8_t *octets, size_t len, size_t *taken)
{
	struct png *p = m->own;

	(void)taken;
	p->crc = crc_of(p->crc, octets, len);
	return 0;
}

const struct rxp_media_format rxp_media_png = {sizeof(struct png), MAGIC_OCTETS, step, look};
