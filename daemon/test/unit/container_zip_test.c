/*
 * container_zip_test - goals (RXP-EVI-012, RXP-EVI-015):
 *   what is written is read again; mimetype comes first, stored, where other tools look for it
 *   a file cut off anywhere is refused; one with an octet changed is refused or has the same entries
 *   names that lead elsewhere, a name twice, other kinds of entries, what hides before, between or behind
 *     them: each refused and named, each beside a file that is the same but for it
 *   what unpacks to more than it says or may is refused before it is unpacked that far
 * links: evidence
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/evidence/container_zip.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/evidence/evidence_name.h"

#define DESCRIPTOR "descriptors/QRA.xml"
#define HEADER "documents/01-Withdrawal-QRA/header.xml"
#define LOCAL_HEAD 30
#define CENTRAL_HEAD 46
#define END_HEAD 22

/* --- a ZIP file by hand ------------------------------------------------------------------------------- */

/* One entry, stored; the fields that a test changes are 0 in a good one. */
struct item {
	const char *name, *octets;
	size_t name_len; /* 0: that of the text */
	uint16_t flags, method, extra, comment, mode;
	const char *local_name; /* NULL: the same */
	uint32_t gap; /* octets before it that belong to nothing */
	uint32_t longer; /* that it says to be than it is */
};

static void put16(struct rxp_buf *b, uint32_t v)
{
	rxp_buf_putc(b, (uint8_t)v);
	rxp_buf_putc(b, (uint8_t)(v >> 8));
}

static void put32(struct rxp_buf *b, uint32_t v)
{
	put16(b, v & 0xffff);
	put16(b, v >> 16);
}

static uint32_t crc_of(const char *octets)
{
	uint32_t crc = UINT32_MAX;

	for (; *octets != '\0'; octets++) {
		crc ^= (uint8_t)*octets;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (UINT32_C(0xedb88320) & (0 - (crc & 1)));
	}
	return ~crc;
}

static size_t name_length(const struct item *i)
{
	return i->name_len != 0 ? i->name_len : strlen(i->name);
}

/* What both headers have, from the flags on. */
static void put_head(struct rxp_buf *b, const struct item *i)
{
	put16(b, i->flags);
	put16(b, i->method);
	put16(b, 0);
	put16(b, 0x21);
	put32(b, crc_of(i->octets));
	put32(b, (uint32_t)strlen(i->octets));
	put32(b, (uint32_t)strlen(i->octets) + i->longer);
	put16(b, (uint32_t)name_length(i));
}

static void put_local(struct rxp_buf *b, const struct item *i)
{
	const char *name = i->local_name != NULL ? i->local_name : i->name;

	for (uint32_t k = 0; k < i->gap; k++)
		rxp_buf_putc(b, 'g');
	put32(b, 0x04034b50);
	put16(b, 20);
	put_head(b, i);
	put16(b, 0);
	rxp_buf_put(b, name, name_length(i));
	rxp_buf_puts(b, i->octets);
}

static void put_central(struct rxp_buf *b, const struct item *i, uint32_t at)
{
	put32(b, 0x02014b50);
	put16(b, 3 << 8);
	put16(b, 20);
	put_head(b, i);
	put16(b, i->extra);
	put16(b, i->comment);
	put16(b, 0);
	put16(b, 0);
	put32(b, (uint32_t)i->mode << 16);
	put32(b, at);
	rxp_buf_put(b, i->name, name_length(i));
	for (unsigned k = 0; k < (unsigned)i->extra + i->comment; k++)
		rxp_buf_putc(b, 0);
}

static void put_end(struct rxp_buf *b, uint32_t n, uint32_t size, uint32_t at)
{
	put32(b, 0x06054b50);
	put32(b, 0);
	put16(b, n);
	put16(b, n);
	put32(b, size);
	put32(b, at);
	put16(b, 0);
}

static void make(struct rxp_buf *b, const struct item *items, size_t n)
{
	uint32_t at[8], central;

	assert_true(n <= 8);
	rxp_buf_init(b, 65536);
	for (size_t i = 0; i < n; i++) {
		put_local(b, &items[i]);
		at[i] = (uint32_t)(b->len - LOCAL_HEAD - name_length(&items[i]) -
				   strlen(items[i].octets));
	}
	central = (uint32_t)b->len;
	for (size_t i = 0; i < n; i++)
		put_central(b, &items[i], at[i]);
	put_end(b, (uint32_t)n, (uint32_t)b->len - central, central);
	assert_int_equal(rxp_buf_error(b), 0);
}

static const struct item MIMETYPE = {
    .name = RXP_EVIDENCE_MIMETYPE, .octets = RXP_EVIDENCE_MIMETYPE_VALUE};

static int read_octets(const struct rxp_buf *b, struct container_fault *why)
{
	struct rxp_container c;
	int rc;

	rxp_container_init(&c);
	rc = container_zip_read(&c, why, b->data, b->len);
	rxp_container_clear(&c);
	return rc;
}

static void assert_refused(const struct rxp_buf *b, int want, const char *entry, const char *text)
{
	struct container_fault why;

	assert_int_equal(read_octets(b, &why), want);
	assert_string_equal(why.entry, entry);
	if (strstr(why.text, text) == NULL)
		fail_msg("said: %s\nnot: %s", why.text, text);
}

/* --- tests -------------------------------------------------------------------------------------------- */

static void fill(struct rxp_container *c)
{
	rxp_container_init(c);
	assert_int_equal(rxp_container_add(c, RXP_EVIDENCE_MIMETYPE, RXP_EVIDENCE_MIMETYPE_VALUE,
			     strlen(RXP_EVIDENCE_MIMETYPE_VALUE)),
	    0);
	assert_int_equal(rxp_container_add(c, HEADER, "<Header></Header>", 17), 0);
	assert_int_equal(rxp_container_add(c, RXP_EVIDENCE_CHRONOLOGY,
			     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 60),
	    0);
	assert_int_equal(rxp_container_add(c, DESCRIPTOR, "", 0), 0);
}

static bool same(const struct rxp_container *a, const struct rxp_container *b)
{
	bool equal = a->n == b->n;

	for (size_t i = 0; equal && i < a->n; i++)
		equal = strcmp(a->entries[i].name, b->entries[i].name) == 0 &&
			a->entries[i].octets.len == b->entries[i].octets.len &&
			(a->entries[i].octets.len == 0 ||
			    memcmp(a->entries[i].octets.data, b->entries[i].octets.data,
				a->entries[i].octets.len) == 0);
	return equal;
}

static void what_is_written_is_read(void **state)
{
	struct container_fault why;
	struct rxp_container c, again;
	struct rxp_buf b, twice;

	(void)state;
	fill(&c);
	rxp_buf_init(&b, 65536);
	rxp_buf_init(&twice, 65536);
	assert_int_equal(container_zip_write(&b, &c), 0);
	assert_int_equal(container_zip_write(&twice, &c), 0);
	assert_int_equal(b.len, twice.len);
	assert_memory_equal(b.data, twice.data, b.len);
	assert_memory_equal(b.data + LOCAL_HEAD, "mimetype", 8);
	assert_memory_equal(b.data + LOCAL_HEAD + 8, RXP_EVIDENCE_MIMETYPE_VALUE,
	    strlen(RXP_EVIDENCE_MIMETYPE_VALUE));
	rxp_container_init(&again);
	assert_int_equal(container_zip_read(&again, &why, b.data, b.len), 0);
	assert_true(same(&c, &again));
	rxp_container_clear(&again);
	/* Cut off, and with an octet changed. */
	for (size_t len = 0; len < b.len; len++) {
		rxp_container_init(&again);
		assert_true(container_zip_read(&again, &why, b.data, len) < 0);
		rxp_container_clear(&again);
		b.data[len] ^= 1;
		if (container_zip_read(&again, &why, b.data, b.len) == 0)
			assert_true(same(&c, &again));
		b.data[len] ^= 1;
		rxp_container_clear(&again);
	}
	rxp_buf_free(&b);
	rxp_buf_free(&twice);
	rxp_container_clear(&c);
}

static void without_a_mimetype(void **state)
{
	struct rxp_container c;
	struct rxp_buf b;

	(void)state;
	rxp_container_init(&c);
	rxp_buf_init(&b, 65536);
	assert_int_equal(rxp_container_add(&c, HEADER, "x", 1), 0);
	assert_int_equal(container_zip_write(&b, &c), RXP_ERR_NOT_FOUND);
	assert_int_equal(b.len, 0);
	rxp_buf_free(&b);
	rxp_container_clear(&c);
}

/* The second entry differs from a good one in one thing. */
static void one_thing_wrong(void **state)
{
	static const struct {
		struct item item;
		int want; /* 0: the twin */
		const char *entry, *text;
	} ROWS[] = {
	    {{.name = HEADER, .octets = "x"}, 0, "", ""},
	    {{.name = HEADER, .octets = "x", .mode = 0100644}, 0, "", ""},
	    {{.name = HEADER, .octets = "x", .mode = 0120777}, RXP_ERR_STRUCTURE, HEADER, "plain"},
	    {{.name = HEADER, .octets = "x", .mode = 040755}, RXP_ERR_STRUCTURE, HEADER, "plain"},
	    {{.name = "../" HEADER, .octets = "x"}, RXP_ERR_SYNTAX, "../" HEADER, "no entry"},
	    {{.name = "/" HEADER, .octets = "x"}, RXP_ERR_SYNTAX, "/" HEADER, "no entry"},
	    {{.name = "documents/01-Withdrawal-QRA/../header.xml", .octets = "x"}, RXP_ERR_SYNTAX,
		"documents/01-Withdrawal-QRA/../header.xml", "no entry"},
	    {{.name = "documents\\01-Withdrawal-QRA\\header.xml", .octets = "x"}, RXP_ERR_SYNTAX,
		"documents\\01-Withdrawal-QRA\\header.xml", "no entry"},
	    {{.name = "documents/", .octets = ""}, RXP_ERR_SYNTAX, "documents/", "no entry"},
	    {{.name = "META-INF/signatures2.xml", .octets = "x"}, RXP_ERR_SYNTAX,
		"META-INF/signatures2.xml", "no entry"},
	    {{.name = "", .octets = "x"}, RXP_ERR_SYNTAX, "", "no entry"},
	    {{.name = HEADER "\0", .name_len = sizeof(HEADER), .octets = "x"}, RXP_ERR_SYNTAX,
		HEADER "?", "no entry"},
	    {{.name = "descriptors/QRA.xml\n", .octets = "x"}, RXP_ERR_SYNTAX, DESCRIPTOR "?",
		"no entry"},
	    {{.name = RXP_EVIDENCE_MIMETYPE, .octets = RXP_EVIDENCE_MIMETYPE_VALUE},
		RXP_ERR_STRUCTURE, RXP_EVIDENCE_MIMETYPE, "first entry"},
	    {{.name = HEADER, .octets = "x", .flags = 1}, RXP_ERR_STRUCTURE, HEADER, "encrypted"},
	    {{.name = HEADER, .octets = "x", .flags = 8}, RXP_ERR_STRUCTURE, HEADER, "encrypted"},
	    {{.name = HEADER, .octets = "x", .method = 12}, RXP_ERR_STRUCTURE, HEADER, "packed"},
	    {{.name = HEADER, .octets = "x", .extra = 4}, RXP_ERR_STRUCTURE, HEADER, "extra field"},
	    {{.name = HEADER, .octets = "x", .comment = 4}, RXP_ERR_STRUCTURE, HEADER, "comment"},
	    {{.name = HEADER,
		 .local_name = "documents/01-Withdrawal-QRB/header.xml",
		 .octets = "x"},
		RXP_ERR_STRUCTURE, HEADER, "its own header"},
	    {{.name = HEADER, .octets = "x", .gap = 1}, RXP_ERR_STRUCTURE, HEADER,
		"not where the entry before it ends"},
	    {{.name = HEADER, .octets = "x", .longer = 1}, RXP_ERR_DAMAGED, HEADER,
		"does not unpack"},
	    {{.name = HEADER, .octets = "x", .longer = 2 * RXP_MAX_DOCUMENT_OCTETS}, RXP_ERR_BOUND,
		HEADER, "larger than"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(ROWS) / sizeof(ROWS[0]); i++) {
		struct item items[] = {MIMETYPE, ROWS[i].item};
		struct container_fault why;
		struct rxp_buf b;

		make(&b, items, 2);
		if (ROWS[i].want == 0)
			assert_int_equal(read_octets(&b, &why), 0);
		else
			assert_refused(&b, ROWS[i].want, ROWS[i].entry, ROWS[i].text);
		rxp_buf_free(&b);
	}
}

static void the_first_entry(void **state)
{
	static const struct item OTHER = {.name = HEADER, .octets = "x"};
	struct item swapped[] = {OTHER, MIMETYPE}, packed[] = {MIMETYPE, OTHER};
	struct item hidden[] = {MIMETYPE, OTHER};
	struct rxp_buf b;

	(void)state;
	make(&b, swapped, 2);
	assert_refused(&b, RXP_ERR_STRUCTURE, HEADER, "the first entry must be mimetype");
	rxp_buf_free(&b);
	packed[0].method = 8;
	make(&b, packed, 2);
	assert_refused(&b, RXP_ERR_STRUCTURE, RXP_EVIDENCE_MIMETYPE, "and stored");
	rxp_buf_free(&b);
	hidden[0].gap = 4; /* another file before this one */
	make(&b, hidden, 2);
	assert_refused(
	    &b, RXP_ERR_STRUCTURE, RXP_EVIDENCE_MIMETYPE, "not where the entry before it ends");
	rxp_buf_free(&b);
}

static void a_name_twice(void **state)
{
	static const struct item OTHER = {.name = HEADER, .octets = "x"};
	const struct item items[] = {MIMETYPE, OTHER, {.name = DESCRIPTOR, .octets = "y"}, OTHER};
	struct rxp_buf b;
	uint32_t central;

	(void)state;
	make(&b, items, 4);
	assert_refused(&b, RXP_ERR_EXISTS, HEADER, "is there twice");
	rxp_buf_free(&b);
	/* Two names for the same octets of the file. */
	make(&b, items, 3);
	central = (uint32_t)(b.len - END_HEAD - CENTRAL_HEAD - strlen(DESCRIPTOR));
	memcpy(b.data + central + 42, b.data + central - strlen(HEADER) - CENTRAL_HEAD + 42, 4);
	assert_refused(&b, RXP_ERR_STRUCTURE, DESCRIPTOR, "not where the entry before it ends");
	rxp_buf_free(&b);
}

static void the_end(void **state)
{
	const struct item items[] = {MIMETYPE, {.name = HEADER, .octets = "x"}};
	struct container_fault why;
	struct rxp_buf b;
	uint8_t *end;

	(void)state;
	make(&b, items, 2);
	rxp_buf_puts(&b, "more");
	assert_refused(&b, RXP_ERR_STRUCTURE, "", "something behind its end");
	rxp_buf_cut(&b, b.len - 4);
	assert_int_equal(read_octets(&b, &why), 0);
	end = b.data + b.len - END_HEAD;
	end[8]--, end[10]--; /* an entry less than there are */
	assert_refused(&b, RXP_ERR_STRUCTURE, "", "belong to no entry");
	end[8] += 2, end[10] += 2;
	assert_refused(&b, RXP_ERR_STRUCTURE, "", "central directory is malformed");
	end[9] = end[11] = 0x20;
	end[8] = end[10] = 1; /* 8193 */
	assert_refused(&b, RXP_ERR_BOUND, "", "too many entries");
	rxp_buf_free(&b);
}

/* Octets behind the last entry, before the central directory, which is where the end says. */
static void hidden_behind_the_entries(void **state)
{
	const struct item items[] = {MIMETYPE, {.name = HEADER, .octets = "x"}};
	struct container_fault why;
	struct rxp_buf b;
	size_t at;

	(void)state;
	make(&b, items, 2);
	assert_int_equal(read_octets(&b, &why), 0);
	at = b.data[b.len - END_HEAD + 16]; /* a small file */
	assert_memory_equal(b.data + at, "PK\1\2", 4);
	rxp_buf_puts(&b, "more");
	memmove(b.data + at + 4, b.data + at, b.len - at - 4);
	b.data[b.len - END_HEAD + 16] += 4;
	assert_refused(&b, RXP_ERR_STRUCTURE, "", "belong to no entry");
	rxp_buf_free(&b);
}

/* A text of zeros packs to a thousandth. */
static void bombs(void **state)
{
	struct rxp_container c;
	uint8_t *zeros = calloc(1, RXP_MAX_CONTAINER_TEXT_OCTETS + 1);
	struct container_fault why;
	struct rxp_buf b;
	uint8_t *at;

	(void)state;
	assert_non_null(zeros);
	for (int over = 0; over < 2; over++) {
		fill(&c);
		rxp_buf_init(&b, 65536);
		assert_int_equal(rxp_container_add(&c, RXP_EVIDENCE_MANIFEST, zeros,
				     RXP_MAX_CONTAINER_TEXT_OCTETS + (size_t)over),
		    0);
		assert_int_equal(container_zip_write(&b, &c), 0);
		if (over == 0)
			assert_int_equal(read_octets(&b, &why), 0);
		else
			assert_refused(&b, RXP_ERR_BOUND, RXP_EVIDENCE_MANIFEST, "larger than");
		/* It unpacks to all that, and says that it is small. */
		for (size_t from = 0;
		     over == 0 && (at = memmem(b.data + from, b.len - from, RXP_EVIDENCE_MANIFEST,
				       strlen(RXP_EVIDENCE_MANIFEST))) != NULL;
		     from = (size_t)(at - b.data) + 1) {
			bool central = memcmp(at - CENTRAL_HEAD, "PK\1\2", 4) == 0;

			memcpy(
			    at - (central ? CENTRAL_HEAD - 24 : LOCAL_HEAD - 22), "\x10\0\0\0", 4);
		}
		if (over == 0)
			assert_refused(
			    &b, RXP_ERR_DAMAGED, RXP_EVIDENCE_MANIFEST, "does not unpack to what");
		rxp_buf_free(&b);
		rxp_container_clear(&c);
	}
	free(zeros);
}

/* Each allowed by itself, together more than a container may hold. */
static void too_much_together(void **state)
{
	uint8_t *zeros = calloc(1, RXP_MAX_DESCRIPTOR_OCTETS);
	struct container_fault why;
	struct rxp_container c;
	struct rxp_buf b, file;
	int rc = 0;

	(void)state;
	assert_non_null(zeros);
	fill(&c);
	for (int i = 0; rc == 0 && i < 26 * 26; i++) {
		char path[RXP_ENTRY_TEXT], party[RXP_PARTY_TEXT];

		snprintf(party, sizeof(party), "Q%c%c", 'A' + i / 26, 'A' + i % 26);
		rxp_evidence_descriptor_path(path, party);
		rc = rxp_container_add(&c, path, zeros, RXP_MAX_DESCRIPTOR_OCTETS);
		if (rc == RXP_ERR_EXISTS)
			rc = 0;
	}
	assert_int_equal(rc, RXP_ERR_BOUND);
	rxp_buf_init(&b, RXP_MAX_CONTAINER_OCTETS);
	assert_int_equal(container_zip_write(&b, &c), 0);
	assert_int_equal(read_octets(&b, &why), 0);
	rxp_buf_free(&b);
	rxp_container_clear(&c);
	free(zeros);
	rxp_buf_init(&file, RXP_MAX_CONTAINER_OCTETS + 1);
	assert_int_equal(rxp_buf_room(&file, RXP_MAX_CONTAINER_OCTETS + 1, &zeros), 0);
	memset(zeros, 0, RXP_MAX_CONTAINER_OCTETS + 1);
	assert_refused(&file, RXP_ERR_BOUND, "", "the file is too large");
	rxp_buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read),
	    cmocka_unit_test(without_a_mimetype),
	    cmocka_unit_test(one_thing_wrong),
	    cmocka_unit_test(the_first_entry),
	    cmocka_unit_test(a_name_twice),
	    cmocka_unit_test(the_end),
	    cmocka_unit_test(hidden_behind_the_entries),
	    cmocka_unit_test(bombs),
	    cmocka_unit_test(too_much_together),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
