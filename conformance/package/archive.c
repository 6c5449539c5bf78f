#include "conformance/package/archive.h"

#include <string.h>
#include <sys/stat.h>

#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/container.h"
#include "protocol/evidence/evidence_name.h"

/* APPNOTE.TXT 4.3.7, 4.3.12 and 4.3.16. */
#define LOCAL UINT32_C(0x04034b50)
#define CENTRAL UINT32_C(0x02014b50)
#define END UINT32_C(0x06054b50)
#define VERSION 20
#define UNIX_MADE (3 << 8)
#define STORED 0
#define DEFLATED 8
#define DAY 0x21 /* the first that a ZIP file can name */
#define CRC_POLYNOMIAL UINT32_C(0xedb88320)

static void put16(struct rxp_buf *out, uint32_t value)
{
	(void)rxp_buf_putc(out, (char)value);
	(void)rxp_buf_putc(out, (char)(value >> 8));
}

static void put32(struct rxp_buf *out, uint32_t value)
{
	put16(out, value);
	put16(out, value >> 16);
}

static uint32_t crc_of(const struct rxp_buf *octets)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < octets->len; i++) {
		crc ^= octets->data[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (crc >> 1) ^ ((crc & 1) != 0 ? CRC_POLYNOMIAL : 0);
	}
	return ~crc;
}

/* --- deflated -------------------------------------------------------------------------------- */

struct bits {
	struct rxp_buf *out;
	uint32_t held;
	unsigned n;
};

/* The lowest bit first. */
static void put_bits(struct bits *b, uint32_t value, unsigned n)
{
	b->held |= value << b->n;
	for (b->n += n; b->n >= 8; b->n -= 8) {
		(void)rxp_buf_putc(b->out, (char)b->held);
		b->held >>= 8;
	}
}

/* A code of Huffman: its highest bit first. */
static void put_code(struct bits *b, uint32_t code, unsigned n)
{
	while (n-- > 0)
		put_bits(b, code >> n & 1, 1);
}

/* RFC 1951: one block of literals in the fixed codes. It gets no shorter, and is the same everywhere. */
static void deflate(struct rxp_buf *out, const struct rxp_buf *octets)
{
	struct bits b = {.out = out};

	put_bits(&b, 1, 1); /* the last block */
	put_bits(&b, 1, 2); /* fixed codes */
	for (size_t i = 0; i < octets->len; i++) {
		uint32_t octet = octets->data[i];

		if (octet < 144)
			put_code(&b, 0x30 + octet, 8);
		else
			put_code(&b, 0x190 + octet - 144, 9);
	}
	put_code(&b, 0, 7); /* its end */
	put_bits(&b, 0, 7);
}

/* --- the file --------------------------------------------------------------------------------- */

struct writing {
	struct rxp_buf *out, directory;
	const struct archive_manner *m;
	uint16_t n;
};

/* What both headers say, from the flags to the length of the name. */
static void put_head(struct rxp_buf *out, const struct rxp_buf *octets, size_t packed,
    uint16_t method, size_t name_len, const struct archive_oddity *odd)
{
	put16(out, odd->flags);
	put16(out, odd->method != 0 ? odd->method : method);
	put16(out, 0);
	put16(out, DAY);
	put32(out, crc_of(octets) ^ odd->crc);
	put32(out, (uint32_t)packed);
	put32(out, (uint32_t)((int64_t)octets->len + odd->longer));
	put16(out, (uint32_t)name_len);
}

static const uint8_t extra[] = {0xfe, 0xca, 0, 0}; /* of no use, and of no octets */
#define COMMENT "once more"

static void put_record(struct writing *w, const char *name, const struct rxp_buf *octets,
    size_t packed, uint16_t method, uint32_t at, const struct archive_oddity *odd)
{
	const char *said = odd->renamed != NULL ? odd->renamed : name;
	struct rxp_buf *out = &w->directory;

	put32(out, CENTRAL);
	put16(out, VERSION | UNIX_MADE);
	put16(out, VERSION);
	put_head(out, octets, packed, method, strlen(said), odd);
	put16(out, odd->extra ? sizeof extra : 0);
	put16(out, odd->comment ? strlen(COMMENT) : 0);
	put32(out, 0); /* the disk, and that it is no text */
	put32(out, (odd->mode != 0 ? odd->mode : S_IFREG | S_IRUSR | S_IWUSR) << 16);
	put32(out, at);
	(void)rxp_buf_puts(out, said);
	if (odd->extra)
		(void)rxp_buf_put(out, extra, sizeof extra);
	if (odd->comment)
		(void)rxp_buf_puts(out, COMMENT);
	w->n++;
}

static void put_entry(struct writing *w, const char *name, const struct rxp_buf *octets)
{
	static const struct archive_oddity none = {.entry = NULL};
	const struct archive_oddity *odd =
	    w->m->odd.entry != NULL && strcmp(w->m->odd.entry, name) == 0 ? &w->m->odd : &none;
	bool first = strcmp(name, RXP_EVIDENCE_MIMETYPE) == 0;
	bool deflated = first ? odd->deflated : w->m->deflated;
	uint16_t method = deflated ? DEFLATED : STORED;
	uint32_t at = (uint32_t)w->out->len;
	struct rxp_buf packed;

	rxp_buf_init(&packed, 2 * RXP_MAX_CONTAINER_TEXT_OCTETS);
	if (deflated)
		deflate(&packed, octets);
	else
		(void)rxp_buf_put(&packed, octets->data, octets->len);
	put32(w->out, LOCAL);
	put16(w->out, VERSION);
	put_head(w->out, octets, packed.len, method, strlen(name), odd);
	put16(w->out, 0);
	(void)rxp_buf_puts(w->out, name);
	(void)rxp_buf_put(w->out, packed.data, packed.len);
	put_record(w, name, octets, packed.len, method, at, odd);
	rxp_buf_free(&packed);
}

/* The mimetype, or all others; those that are odd in their place, or those. */
static void put_entries(
    struct writing *w, const struct rxp_container *c, bool mimetype, bool misplaced)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct rxp_entry *e = &c->entries[i];
		bool odd = w->m->odd.entry != NULL && strcmp(w->m->odd.entry, e->name) == 0;

		if ((strcmp(e->name, RXP_EVIDENCE_MIMETYPE) == 0) != mimetype)
			continue;
		if ((odd && w->m->odd.last) == misplaced)
			put_entry(w, e->name, &e->octets);
	}
}

static void put_text(struct rxp_buf *out, const char *text)
{
	if (text != NULL)
		(void)rxp_buf_puts(out, text);
}

static void put_end(struct writing *w, size_t at)
{
	put32(w->out, END);
	put32(w->out, 0); /* one disk */
	put16(w->out, w->n);
	put16(w->out, w->n);
	put32(w->out, (uint32_t)w->directory.len);
	put32(w->out, (uint32_t)at);
	put16(w->out, 0);
}

int archive_write(
    struct rxp_buf *out, const struct rxp_container *c, const struct archive_manner *m)
{
	struct writing w = {.out = out, .m = m};
	const struct rxp_entry *again;
	struct rxp_buf nothing;
	size_t at;

	rxp_buf_init(&nothing, 0);
	rxp_buf_init(&w.directory, RXP_MAX_CONTAINER_TEXT_OCTETS);
	put_text(out, m->before);
	put_entries(&w, c, true, false);
	put_entries(&w, c, false, false);
	put_entries(&w, c, true, true);
	put_entries(&w, c, false, true);
	again = m->odd.entry != NULL && m->odd.twice ? rxp_container_find(c, m->odd.entry) : NULL;
	if (again != NULL)
		put_entry(&w, again->name, &again->octets);
	if (m->stray != NULL)
		put_entry(&w, m->stray, &nothing);
	put_text(out, m->between);
	at = out->len;
	(void)rxp_buf_put(out, w.directory.data, w.directory.len);
	put_end(&w, at);
	put_text(out, m->behind);
	out->len -= m->cut;
	rxp_buf_free(&w.directory);
	return rxp_buf_error(out);
}
