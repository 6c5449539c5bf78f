#include "protocol/test/picture.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A file in the making. */
struct making {
	struct rxp_buf *out;
	const struct picture_plant *plant;
	unsigned at, places; /* where the plant goes, legal places so far */
	size_t where; /* it went, in octets */
};

static void put(struct rxp_buf *out, const void *octets, size_t len)
{
	if (rxp_buf_put(out, octets, len) != 0)
		abort();
}

#define PUT(out, literal) put(out, literal, sizeof(literal) - 1)

static void put16(struct rxp_buf *out, unsigned value)
{
	uint8_t octets[2] = {(uint8_t)(value >> 8), (uint8_t)value};

	put(out, octets, 2);
}

static void put32(struct rxp_buf *out, uint32_t value)
{
	put16(out, value >> 16);
	put16(out, value & 0xffff);
}

static void set(struct rxp_buf *out, size_t at, size_t width, uint32_t value)
{
	for (size_t i = width; i-- > 0; value >>= 8)
		out->data[at + i] = (uint8_t)value;
}

/* A legal place: here the plant goes, if it is the one. */
static bool spot(struct making *m, enum picture_spot spot)
{
	if (m->plant == NULL || m->plant->spot != spot || m->places++ != m->at)
		return false;
	m->where = m->out->len;
	m->plant->put(m->out);
	return true;
}

/* --- marker segments: JPEG, WSQ --------------------------------------------------------------------- */
static void segment(struct rxp_buf *out, unsigned code, const void *body, size_t len)
{
	put16(out, 0xff00 | code);
	put16(out, (unsigned)len + 2);
	put(out, body, len);
}

#define SEGMENT(out, code, body) segment(out, code, body, sizeof(body) - 1)
#define HUFFMAN \
	"\0" \
	"\1\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0" \
	"\1\2"

static void jpeg(struct making *m)
{
	uint8_t quantization[65] = {0};

	memset(quantization + 1, 9, 64);
	PUT(m->out, "\xff\xd8");
	spot(m, PICTURE_JPEG);
	SEGMENT(m->out, 0xe0, "JFIF\0\1\2\1\0\x48\0\x48\0\0");
	spot(m, PICTURE_JPEG);
	SEGMENT(m->out, 0xee, "Adobe\0\x64\0\0\0\0\0");
	segment(m->out, 0xdb, quantization, sizeof(quantization));
	spot(m, PICTURE_JPEG);
	SEGMENT(m->out, 0xc0, "\x8\0\x8\0\x8\1\1\x11\0");
	SEGMENT(m->out, 0xc4, HUFFMAN);
	SEGMENT(m->out, 0xdd, "\0\1");
	spot(m, PICTURE_JPEG);
	SEGMENT(m->out, 0xda, "\1\1\0\0\x3f\0");
	PUT(m->out, "\x12\xff\0\x34\xff\xd0\x56\x78");
	spot(m, PICTURE_JPEG);
	SEGMENT(m->out, 0xda, "\1\1\0\0\x3f\0");
	PUT(m->out, "\x9a");
	spot(m, PICTURE_JPEG);
	PUT(m->out, "\xff\xd9");
}

static void wsq(struct making *m)
{
	uint8_t quantization[387] = {2}, filters[2 + 6 * 9] = {9, 7};

	PUT(m->out, "\xff\xa0");
	spot(m, PICTURE_WSQ);
	SEGMENT(m->out, 0xa8,
	    "NIST_COM 9\nPIX_WIDTH 8\nPIX_HEIGHT 8\nPIX_DEPTH 8\nPPI 500\nLOSSY 1\n"
	    "COLORSPACE GRAY\nCOMPRESSION WSQ\nWSQ_BITRATE 0.75\n");
	spot(m, PICTURE_WSQ);
	segment(m->out, 0xa4, filters, sizeof(filters));
	segment(m->out, 0xa5, quantization, sizeof(quantization));
	spot(m, PICTURE_WSQ);
	SEGMENT(m->out, 0xa2, "\0\xff\0\x8\0\x8\1\0\1\0\0\1\0\0\0");
	SEGMENT(m->out, 0xa6, HUFFMAN);
	spot(m, PICTURE_WSQ);
	SEGMENT(m->out, 0xa3, "\0");
	PUT(m->out, "\x55\xff\0\x66");
	spot(m, PICTURE_WSQ);
	PUT(m->out, "\xff\xa1");
}

/* --- PNG -------------------------------------------------------------------------------------------- */
static void chunk(struct rxp_buf *out, const char *type, const void *body, size_t len)
{
	uint32_t crc = 0xffffffff;
	size_t from;

	put32(out, (uint32_t)len);
	from = out->len;
	put(out, type, 4);
	put(out, body, len);
	for (size_t i = from; i < out->len; i++) {
		crc ^= out->data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc & 1) != 0 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	put32(out, ~crc);
}

#define CHUNK(out, type, body) chunk(out, type, body, sizeof(body) - 1)

static void png(struct making *m)
{
	PUT(m->out, "\x89PNG\r\n\x1a\n");
	CHUNK(m->out, "IHDR", "\0\0\0\1\0\0\0\1\x8\0\0\0\0");
	spot(m, PICTURE_PNG);
	CHUNK(m->out, "gAMA", "\0\0\xb1\x8f");
	CHUNK(m->out, "pHYs", "\0\0\xb\x13\0\0\xb\x13\1");
	spot(m, PICTURE_PNG);
	CHUNK(m->out, "IDAT", "\x78\1\1\2\0\xfd\xff\0");
	CHUNK(m->out, "IDAT", "\x7f\0\x81\0\x80");
	spot(m, PICTURE_PNG);
	CHUNK(m->out, "IEND", "");
}

/* --- JPEG 2000 -------------------------------------------------------------------------------------- */
static size_t open_box(struct rxp_buf *out, const char *type)
{
	put32(out, 0);
	put(out, type, 4);
	return out->len - 8;
}

static void close_box(struct rxp_buf *out, size_t box)
{
	set(out, box, 4, (uint32_t)(out->len - box));
}

static void box(struct rxp_buf *out, const char *type, const void *body, size_t len)
{
	size_t at = open_box(out, type);

	put(out, body, len);
	close_box(out, at);
}

#define BOX(out, type, body) box(out, type, body, sizeof(body) - 1)

static void tile(struct making *m, unsigned index, unsigned part)
{
	size_t at = m->out->len;

	put16(m->out, 0xff90);
	put16(m->out, 10);
	put16(m->out, index);
	put32(m->out, 0);
	put16(m->out, part << 8 | 2);
	spot(m, PICTURE_JP2_STREAM);
	PUT(m->out, "\xff\x93\1\2\3\4");
	set(m->out, at + 6, 4, (uint32_t)(m->out->len - at));
}

static void codestream(struct making *m)
{
	PUT(m->out, "\xff\x4f");
	SEGMENT(m->out, 0x51,
	    "\0\0\0\0\0\x8\0\0\0\x8\0\0\0\0\0\0\0\0\0\0\0\x8\0\0\0\x8\0\0\0\0\0\0\0\0\0\1\x7\1\1");
	spot(m, PICTURE_JP2_STREAM);
	SEGMENT(m->out, 0x52, "\0\0\0\1\0\0\4\4\0\1");
	SEGMENT(m->out, 0x5c, "\x40\x40");
	spot(m, PICTURE_JP2_STREAM);
	tile(m, 0, 0);
	tile(m, 0, 1);
	PUT(m->out, "\xff\xd9");
}

static void jp2(struct making *m)
{
	size_t at;

	BOX(m->out, "jP  ", "\r\n\x87\n");
	BOX(m->out, "ftyp", "jp2 \0\0\0\0jp2 ");
	spot(m, PICTURE_JP2_TOP);
	at = open_box(m->out, "jp2h");
	BOX(m->out, "ihdr", "\0\0\0\x8\0\0\0\x8\0\1\x7\x7\0\0");
	spot(m, PICTURE_JP2_HEADER);
	BOX(m->out, "colr", "\1\0\0\0\0\0\x11");
	BOX(m->out, "res ", "\0\0\0\x12resc\0\1\0\1\0\1\0\1\0\0");
	spot(m, PICTURE_JP2_HEADER);
	close_box(m->out, at);
	spot(m, PICTURE_JP2_TOP);
	at = open_box(m->out, "jp2c");
	codestream(m);
	close_box(m->out, at);
}

/* --- ANSI/NIST-ITL ---------------------------------------------------------------------------------- */
#define LEN_TEXT "000000" /* filled in at the end of the record */

static size_t open_record(struct rxp_buf *out, const char *tag)
{
	size_t at = out->len;

	put(out, tag, strlen(tag));
	PUT(out, LEN_TEXT);
	return at;
}

/* The record that began at `at` with a tag "nn.001:", or "1.001:". */
static void close_record(struct rxp_buf *out, size_t at)
{
	char text[sizeof(LEN_TEXT)];
	size_t digits = at;

	PUT(out, "\x1c");
	while (out->data[digits++] != ':')
		;
	snprintf(text, sizeof(text), "%06zu", out->len - at);
	memcpy(out->data + digits, text, sizeof(text) - 1);
}

/* A blanked field, or the plant with its name in clear. */
static void name(struct making *m, const char *tag)
{
	PUT(m->out, "\x1d");
	put(m->out, tag, strlen(tag));
	if (!spot(m, PICTURE_ITL_NAME))
		PUT(m->out, "XXXX");
}

static void picture_record(
    struct making *m, const char *type, const char *compression, void (*picture)(struct making *))
{
	char text[128], tag[16];
	size_t at;

	snprintf(tag, sizeof(tag), "%s.001:", type);
	at = open_record(m->out, tag);
	snprintf(text, sizeof(text), "\x1d%s.002:01\x1d%s.003:1", type, type);
	put(m->out, text, strlen(text));
	snprintf(tag, sizeof(tag), "%s.004:", type);
	name(m, tag);
	snprintf(text, sizeof(text), "\x1d%s.005:20260101\x1d%s.006:2\x1d%s.007:2\x1d%s.011:%s",
	    type, type, type, type, compression);
	put(m->out, text, strlen(text));
	if (m->plant != NULL && m->plant->spot == PICTURE_ITL_FIELD) {
		snprintf(text, sizeof(text), "\x1d%s.020:", type);
		if (m->places == m->at)
			put(m->out, text, strlen(text));
		spot(m, PICTURE_ITL_FIELD);
	}
	snprintf(text, sizeof(text), "\x1d%s.999:", type);
	put(m->out, text, strlen(text));
	picture(m);
	close_record(m->out, at);
}

static void raw(struct making *m)
{
	PUT(m->out, "\x1c\x1d\x1e\x1f");
}

/* Type 4, of 2 by 2 pixels not compressed. */
static void old_record(struct making *m)
{
	PUT(m->out, "\0\0\0\x16\1\0\1\xff\xff\xff\xff\xff\0\0\2\0\2\0"
		    "\1\2\3\4");
}

static void contents(struct making *m)
{
	static const char *const TYPES[] = {"14", "10", "4", "13"};
	bool planted = m->plant != NULL && m->plant->spot == PICTURE_ITL_RECORD;

	put(m->out,
	    "\x1d"
	    "1.003:1\x1f",
	    9);
	put(m->out, planted ? "5" : "4", 1);
	for (unsigned i = 0; i <= 4; i++) {
		if (planted && i == m->at)
			PUT(m->out, "\x1e"
				    "2\x1f"
				    "00");
		if (i < 4) {
			PUT(m->out, "\x1e");
			put(m->out, TYPES[i], strlen(TYPES[i]));
			PUT(m->out, "\x1f"
				    "01");
		}
	}
}

static void itl(struct making *m)
{
	size_t at = open_record(m->out, "1.001:");

	PUT(m->out, "\x1d"
		    "1.002:0500");
	contents(m);
	name(m, "1.004:");
	PUT(m->out, "\x1d"
		    "1.005:20260101");
	name(m, "1.007:");
	name(m, "1.008:");
	name(m, "1.009:");
	PUT(m->out, "\x1d"
		    "1.011:19.69\x1d"
		    "1.012:19.69");
	if (m->plant != NULL && m->plant->spot == PICTURE_ITL_FIELD) {
		if (m->places == m->at)
			PUT(m->out, "\x1d"
				    "1.013:");
		spot(m, PICTURE_ITL_FIELD);
	}
	close_record(m->out, at);
	spot(m, PICTURE_ITL_RECORD);
	picture_record(m, "14", "WSQ20", wsq);
	spot(m, PICTURE_ITL_RECORD);
	picture_record(m, "10", "JPEGB", jpeg);
	spot(m, PICTURE_ITL_RECORD);
	old_record(m);
	spot(m, PICTURE_ITL_RECORD);
	picture_record(m, "13", "NONE", raw);
	spot(m, PICTURE_ITL_RECORD);
}

/* --- PDF -------------------------------------------------------------------------------------------- */
static void pdf(struct making *m)
{
	PUT(m->out, "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<</Type/Catalog ");
	spot(m, PICTURE_PDF_ENTRY);
	PUT(m->out, "/Pages 2 0 R>>\nendobj\n");
	spot(m, PICTURE_PDF_OBJECT);
	PUT(m->out, "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n"
		    "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 8.5 -8]/Contents 5 0 R");
	spot(m, PICTURE_PDF_ENTRY);
	PUT(m->out, ">>\nendobj\n4 0 obj\n<</Subtype/Image/Filter/DCTDecode/Length 9>>stream\r\n");
	jpeg(m);
	PUT(m->out, "\nendstream\nendobj\n");
	spot(m, PICTURE_PDF_OBJECT);
	PUT(m->out,
	    "5 0 obj\n<</Length 26>>\nstream\nq endstre endstr /Info Do Q\nendstream\nendobj\n"
	    "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 6/Root 1 0 R/ID[<0a><FF>]");
	spot(m, PICTURE_PDF_ENTRY);
	PUT(m->out, ">>\nstartxref\n400\n%%EOF\n");
}

/* --- what may be planted ---------------------------------------------------------------------------- */
static void put_type2(struct rxp_buf *out)
{
	size_t at = open_record(out, "2.001:");

	PUT(out, "\x1d"
		 "2.002:00\x1d"
		 "2.018:" PICTURE_MARK);
	close_record(out, at);
}

#define PLANT(spot, name, id, statement) \
	static void plant_##id(struct rxp_buf *out) \
	{ \
		statement; \
	}
#include "protocol/test/picture.def"
#undef PLANT

const struct picture_plant picture_plants[] = {
#define PLANT(spot, name, id, statement) {PICTURE_##spot, name, plant_##id},
#include "protocol/test/picture.def"
#undef PLANT
};

const size_t picture_plants_count = sizeof(picture_plants) / sizeof(picture_plants[0]);

unsigned picture_make(struct rxp_buf *out, const char *media, const struct picture_plant *plant,
    unsigned at, size_t *where)
{
	static const struct {
		const char *media;
		void (*make)(struct making *);
	} KINDS[] = {{"image/jpeg", jpeg}, {"image/png", png}, {"image/jp2", jp2},
	    {"image/x-wsq", wsq}, {"application/x-nist-itl", itl}, {"application/pdf", pdf}};
	struct making m = {.out = out, .plant = plant, .at = at};

	for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
		if (strcmp(KINDS[i].media, media) == 0) {
			KINDS[i].make(&m);
			spot(&m, PICTURE_END);
			if (where != NULL)
				*where = m.where;
			return m.places;
		}
	abort();
}

/* --- chance ----------------------------------------------------------------------------------------- */
static uint64_t chance;

void picture_seed(void)
{
	const char *given = getenv("DICE_SEED");

	chance = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
	printf("DICE_SEED=%llu\n", (unsigned long long)chance);
}

uint32_t picture_random(size_t below)
{
	if (below == 0)
		abort();
	chance = chance * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(chance >> 33) % (uint32_t)below;
}
