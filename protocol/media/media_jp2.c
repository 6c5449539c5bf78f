/* JPEG 2000 in its file format JP2 (ITU-T T.800, annexes A and I). RXP-ATT-024. */
#include <string.h>

#include "protocol/media/media_machine.h"

#define BOX_OCTETS 8 /* length and type */
#define LONG_OCTETS 8 /* of the length of a long box */
#define SMALL_MAX 256 /* octets of a box that is looked at */
#define BRAND "jp2 "
#define ENUMERATED 1 /* colour given by a number, not by a profile */

/* Where a box may stand. STREAM: at the top, and a codestream. SUPER: at the top, with boxes inside. */
enum level { TOP, SUPER, STREAM, INSIDE, OFF };

static bool is_magic(const uint8_t *body, size_t len)
{
	return len == 4 && memcmp(body, "\r\n\x87\n", 4) == 0;
}

static bool is_file_type(const uint8_t *body, size_t len)
{
	if (len < 12 || len % 4 != 0 || memcmp(body, BRAND "\0\0\0\0", 8) != 0)
		return false;
	for (size_t i = 8; i < len; i += 4)
		if (memcmp(body + i, BRAND, 4) != 0 && memcmp(body + i, "J2P0", 4) != 0 &&
		    memcmp(body + i, "J2P1", 4) != 0)
			return false;
	return true;
}

/* Resolution: boxes of ten octets, of capture and display. */
static bool is_resolution(const uint8_t *body, size_t len)
{
	for (; len >= 18; body += 18, len -= 18)
		if (rxp_media_number(body, 4) != 18 ||
		    (memcmp(body + 4, "resc", 4) != 0 && memcmp(body + 4, "resd", 4) != 0))
			return false;
	return len == 0;
}

static bool is_colour(const uint8_t *body, size_t len)
{
	return len == 7 && body[0] == ENUMERATED;
}

static const struct box {
	char type[5];
	enum level level;
	uint32_t min, max; /* octets of its body */
	bool (*is)(const uint8_t *body, size_t len); /* NULL: any */
	const char *off; /* what it is called if it is not of its form; NULL: the file is broken */
} BOXES[] = {
    {"jP  ", TOP, 4, 4, is_magic, NULL},
    {"ftyp", TOP, 12, SMALL_MAX, is_file_type, NULL},
    {"jp2h", SUPER, BOX_OCTETS, UINT32_MAX, NULL, NULL},
    {"jp2c", STREAM, 2, UINT32_MAX, NULL, NULL},
    {"ihdr", INSIDE, 14, 14, NULL, NULL},
    {"bpcc", INSIDE, 1, SMALL_MAX, NULL, NULL},
    {"colr", INSIDE, 7, 7, is_colour, "colr (a colour profile)"},
    {"pclr", INSIDE, 4, RXP_MEDIA_HEAD_MAX, NULL, NULL},
    {"cmap", INSIDE, 4, SMALL_MAX, NULL, NULL},
    {"cdef", INSIDE, 8, SMALL_MAX, NULL, NULL},
    {"res ", INSIDE, 18, 36, is_resolution, NULL},
    {"uuid", OFF, 0, 0, NULL, "uuid box"},
    {"uinf", OFF, 0, 0, NULL, "uinf box"},
    {"xml ", OFF, 0, 0, NULL, "xml box"},
    {"jp2i", OFF, 0, 0, NULL, "jp2i box"},
};

#define BOXES_COUNT (sizeof(BOXES) / sizeof(BOXES[0]))

/* Marker segments of a codestream, beside SOC, SOD and EOC, and the octets of their bodies. */
enum where { MAIN = 1, TILE = 2, NOWHERE = 4 };

static const struct segment {
	uint8_t code;
	unsigned where;
	uint16_t min, max;
} SEGMENTS[] = {
    {0x51, MAIN, 39, 36 + 3 * 16384}, /* SIZ */
    {0x52, MAIN | TILE, 10, 43}, /* COD */
    {0x53, MAIN | TILE, 7, 41}, /* COC */
    {0x55, MAIN, 4, UINT16_MAX - 2}, /* TLM */
    {0x57, MAIN, 2, UINT16_MAX - 2}, /* PLM */
    {0x58, TILE, 2, UINT16_MAX - 2}, /* PLT */
    {0x5c, MAIN | TILE, 2, 195}, /* QCD */
    {0x5d, MAIN | TILE, 3, 197}, /* QCC */
    {0x5e, MAIN | TILE, 3, 4}, /* RGN */
    {0x5f, MAIN | TILE, 7, UINT16_MAX - 2}, /* POC */
    {0x60, MAIN, 2, UINT16_MAX - 2}, /* PPM */
    {0x61, TILE, 2, UINT16_MAX - 2}, /* PPT */
    {0x63, MAIN, 4, UINT16_MAX - 2}, /* CRG */
    {0x64, NOWHERE, 0, UINT16_MAX - 2}, /* COM */
    {0x90, MAIN, 8, 8}, /* SOT */
};

#define SEGMENTS_COUNT (sizeof(SEGMENTS) / sizeof(SEGMENTS[0]))

#define SOC 0x4f
#define SIZ 0x51
#define TLM 0x55
#define SOT 0x90
#define SOD 0x93
#define EOC 0xd9

enum place { AT_BOX, AT_LONG, AT_BODY, AT_SOC, AT_MARKER, AT_LENGTH, AT_TILE, AT_END };

struct jp2 {
	enum place place;
	const struct box *box;
	unsigned seen; /* bit i: row i of BOXES */
	bool inside; /* of jp2h */
	uint64_t inside_end; /* of jp2h */
	uint64_t stream_end; /* of jp2c; 0: that of the file */
	uint64_t tile_end; /* of the tile-part; 0: that of the codestream */
	bool sized; /* SIZ came */
	bool tile; /* in the header of a tile-part */
	bool tiled; /* one came */
	bool tile_lengths; /* TLM came */
	const struct segment *segment;
};

/* --- the codestream ------------------------------------------------------------------------------- */
static int next_marker(struct rxp_media *m, struct jp2 *j)
{
	j->place = AT_MARKER;
	rxp_media_want(m, 2);
	return 0;
}

/* What follows a codestream can only be off the list: the file ends with it. */
static int end_of_stream(struct rxp_media *m, struct jp2 *j)
{
	if (!j->tiled)
		return rxp_media_broken(m, "no picture before the end");
	if (j->stream_end > 0 && m->at > j->stream_end)
		return rxp_media_broken(m, "a codestream longer than its box");
	if (j->stream_end > m->at) {
		uint64_t rest = j->stream_end - m->at;
		int rc = rxp_media_strike(m, "octets after the codestream", m->at, rest);

		rxp_media_pass(m, rest, false);
		j->place = AT_END;
		return rc;
	}
	if (j->stream_end > 0)
		rxp_media_leave(m);
	return 0;
}

static int tile_data(struct rxp_media *m, struct jp2 *j)
{
	uint64_t end = j->tile_end;

	if (!j->tile)
		return rxp_media_broken(m, "data outside of a tile");
	if (end == 0 && j->stream_end > m->at + 2)
		end = j->stream_end - 2;
	if (end < m->at || (j->stream_end > 0 && end > j->stream_end))
		return rxp_media_broken(m, "a tile of a wrong length");
	if (j->tile_end > 0)
		rxp_media_leave(m);
	j->tile = false;
	j->tiled = true;
	rxp_media_pass(m, end - m->at, false);
	return next_marker(m, j);
}

static int marker(struct rxp_media *m, const uint8_t *head)
{
	struct jp2 *j = m->own;

	m->part = m->at - 2;
	if (head[0] != 0xff)
		return rxp_media_broken(m, "no marker where one must be");
	if (head[1] == SOD)
		return tile_data(m, j);
	if (head[1] == EOC && !j->tile)
		return end_of_stream(m, j);
	j->segment = NULL;
	for (size_t i = 0; i < SEGMENTS_COUNT; i++)
		if (SEGMENTS[i].code == head[1])
			j->segment = &SEGMENTS[i];
	if (j->segment == NULL || (head[1] == SIZ) == j->sized)
		return rxp_media_broken(m, "a marker that is unknown or in a wrong place");
	j->place = AT_LENGTH;
	rxp_media_want(m, 2);
	return 0;
}

static int length(struct rxp_media *m, const uint8_t *head)
{
	struct jp2 *j = m->own;
	uint32_t octets = rxp_media_number(head, 2);
	unsigned here = j->tile ? TILE : MAIN;
	bool late = j->tiled && !j->tile && j->segment->code != SOT;
	int rc = 0;

	if (octets < 2 + (uint32_t)j->segment->min || octets > 2 + (uint32_t)j->segment->max)
		return rxp_media_broken(m, "a segment of a wrong length");
	if (j->segment->where == NOWHERE && j->tile && j->tile_lengths)
		rc = rxp_media_broken(m, "a comment in a tile whose length stands in TLM");
	else if (j->segment->where == NOWHERE)
		rc = rxp_media_strike(m, "COM (a comment)", m->part, 2 + (uint64_t)octets);
	else if ((j->segment->where & here) == 0 || late)
		rc = rxp_media_broken(m, "a segment in a wrong place");
	if (rc != 0)
		return rc;
	j->sized = true;
	j->tile_lengths = j->tile_lengths || j->segment->code == TLM;
	if (j->segment->code == SOT) {
		j->place = AT_TILE;
		rxp_media_want(m, octets - 2);
		return 0;
	}
	rxp_media_pass(m, octets - 2, false);
	return next_marker(m, j);
}

static int tile(struct rxp_media *m, const uint8_t *head)
{
	struct jp2 *j = m->own;
	uint32_t octets = rxp_media_number(head + 2, 4); /* from the marker on; 0: to the end */

	if (octets == 0 && j->stream_end == 0)
		return rxp_media_broken(m, "a tile of no length");
	j->tile = true;
	j->tile_end = octets == 0 ? 0 : m->part + octets;
	if (octets > 0)
		rxp_media_enclose(m, m->part + 6, 4, false);
	return next_marker(m, j);
}

/* --- boxes ----------------------------------------------------------------------------------------- */
static bool has(const struct jp2 *j, const char *type)
{
	for (size_t i = 0; i < BOXES_COUNT; i++)
		if (strcmp(BOXES[i].type, type) == 0)
			return (j->seen & 1U << i) != 0;
	return false;
}

static int next_box(struct rxp_media *m, struct jp2 *j, uint64_t at)
{
	if (j->inside && at == j->inside_end) {
		m->part = at;
		if (!has(j, "ihdr") || !has(j, "colr"))
			return rxp_media_broken(m, "a header without its size or colour");
		j->inside = false;
		rxp_media_leave(m);
	}
	j->place = AT_BOX;
	rxp_media_want(m, BOX_OCTETS);
	return 0;
}

static bool in_order(const struct jp2 *j, const struct box *b)
{
	static const char *const BEFORE[][2] = {
	    {"ftyp", "jP  "}, {"jp2h", "ftyp"}, {"jp2c", "jp2h"}};

	for (size_t i = 0; i < sizeof(BEFORE) / sizeof(BEFORE[0]); i++)
		if (strcmp(b->type, BEFORE[i][0]) == 0 && !has(j, BEFORE[i][1]))
			return false;
	if (b->level == INSIDE)
		return j->inside && has(j, "ihdr") != (strcmp(b->type, "ihdr") == 0) &&
		       (!has(j, b->type) || strcmp(b->type, "colr") == 0);
	return !j->inside && !has(j, b->type);
}

static int off_list(struct rxp_media *m, struct jp2 *j, const char *what, uint64_t body)
{
	uint64_t end = m->at + body;
	int rc = rxp_media_strike(m, what, m->part, end - m->part);

	rxp_media_pass(m, body, false);
	return rc != 0 ? rc : next_box(m, j, end);
}

/* A box of this many octets begins with the next; UINT64_MAX: as many as there are. */
static int open_box(struct rxp_media *m, uint64_t body, bool is_long)
{
	struct jp2 *j = m->own;
	const struct box *b = j->box;

	if (j->inside && (body > j->inside_end || m->at + body > j->inside_end))
		return rxp_media_broken(m, "a box longer than the one around it");
	if (b == NULL || b->level == OFF || (b->off != NULL && (body < b->min || body > b->max))) {
		if (body >= INT64_MAX)
			return rxp_media_broken(m, "a box of a wrong length");
		return off_list(m, j, b == NULL ? "unknown box" : b->off, body);
	}
	if (!in_order(j, b))
		return rxp_media_broken(m, "a box in a wrong place");
	if (body < b->min || (body > b->max && !(b->level == STREAM && body == UINT64_MAX)))
		return rxp_media_broken(m, "a box of a wrong length");
	if (b->level != INSIDE)
		j->seen |= 1U << (b - BOXES);
	if (b->level == SUPER) {
		j->inside = true;
		j->inside_end = m->at + body;
		rxp_media_enclose(m, m->part + (is_long ? 8 : 0), is_long ? 8 : 4, false);
		return next_box(m, j, m->at);
	}
	if (b->level == STREAM) {
		j->stream_end = body == UINT64_MAX ? 0 : m->at + body;
		if (j->stream_end > 0)
			rxp_media_enclose(m, m->part + (is_long ? 8 : 0), is_long ? 8 : 4, false);
		j->place = AT_SOC;
		rxp_media_want(m, 2);
		return 0;
	}
	j->place = AT_BODY;
	rxp_media_want(m, (size_t)body);
	return 0;
}

static int box(struct rxp_media *m, const uint8_t *head)
{
	struct jp2 *j = m->own;
	uint32_t octets = rxp_media_number(head, 4);

	m->part = m->at - BOX_OCTETS;
	j->box = NULL;
	for (size_t i = 0; i < BOXES_COUNT; i++)
		if (memcmp(BOXES[i].type, head + 4, 4) == 0)
			j->box = &BOXES[i];
	if (!has(j, "jP  ") && (j->box == NULL || j->box->is != is_magic))
		return rxp_media_broken(m, "not a file of this kind");
	if (octets == 1) {
		j->place = AT_LONG;
		rxp_media_want(m, LONG_OCTETS);
		return 0;
	}
	if (octets != 0 && octets < BOX_OCTETS)
		return rxp_media_broken(m, "a box of a wrong length");
	return open_box(m, octets == 0 ? UINT64_MAX : octets - BOX_OCTETS, false);
}

static int long_box(struct rxp_media *m, const uint8_t *head)
{
	uint64_t octets = (uint64_t)rxp_media_number(head, 4) << 32 | rxp_media_number(head + 4, 4);

	if (octets < BOX_OCTETS + LONG_OCTETS || octets > INT64_MAX)
		return rxp_media_broken(m, "a box of a wrong length");
	return open_box(m, octets - BOX_OCTETS - LONG_OCTETS, true);
}

static int body(struct rxp_media *m, const uint8_t *head, size_t len)
{
	struct jp2 *j = m->own;

	if (j->box->is == NULL || j->box->is(head, len)) {
		j->seen |= 1U << (j->box - BOXES);
		return next_box(m, j, m->at);
	}
	return j->box->off == NULL ? rxp_media_broken(m, "a malformed box")
				   : off_list(m, j, j->box->off, 0);
}

static int step(struct rxp_media *m, const uint8_t *head, size_t len)
{
	struct jp2 *j = m->own;

	switch (j->place) {
	case AT_BOX:
		return box(m, head);
	case AT_LONG:
		return long_box(m, head);
	case AT_BODY:
		return body(m, head, len);
	case AT_SOC:
		if (head[0] != 0xff || head[1] != SOC)
			return rxp_media_broken(m, "no codestream in its box");
		return next_marker(m, j);
	case AT_MARKER:
		return marker(m, head);
	case AT_LENGTH:
		return length(m, head);
	case AT_TILE:
		return tile(m, head);
	case AT_END:
		rxp_media_leave(m);
		break;
	}
	return 0;
}

const struct rxp_media_format rxp_media_jp2 = {sizeof(struct jp2), BOX_OCTETS, step, NULL};
