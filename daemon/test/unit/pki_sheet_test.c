/*
 * Goals of the text of an escrow sheet:
 * - it is a page of at most 66 lines of 80 characters, for the longest key too, and reads back as what was printed;
 * - each wrong character of a line, two that changed places, a group too much or too little, a line in another's place, a
 *   line of another sheet, a missing line are told, each at its line; nothing of the line is in the words;
 * - small letters, O for 0, I and L for 1, other spaces, no line numbers (when they are asked for) and no words above do no harm;
 * - words above that were edited are told;
 * - whatever octet is changed, added or left out, no other sheet is read.
 * links: certs
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ctype.h>

#include <cmocka.h>

#include "certs/sheet_line.h"
#include "certs/sheet_text.h"
#include "daemon/test/unit/dice.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define TEXT_MAX 8192UL

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static struct sheet example(unsigned number, size_t len)
{
	struct sheet s = {.head = {.kind = SHEET_LOCKED,
			      .needed = 3,
			      .sheets = 5,
			      .set = {1, 2, 3, 4},
			      .day = 20786,
			      .party = "QRA",
			      .name = "root.key",
			      .len = len},
	    .number = number};

	for (size_t i = 0; i < sizeof s.head.fingerprint; i++)
		s.head.fingerprint[i] = (uint8_t)(7 * i);
	for (size_t i = 0; i < len; i++)
		s.share[i] = (uint8_t)(i * 31 + number);
	return s;
}

static void print(char out[TEXT_MAX], const struct sheet *s)
{
	struct rxp_buf page;

	rxp_buf_init(&page, TEXT_MAX - 1);
	assert_int_equal(sheet_print(&page, s), 0);
	memcpy(out, page.data, page.len);
	out[page.len] = '\0';
	rxp_buf_free(&page);
}

static int read_text(struct sheet *out, const char *text, char why[SHEET_WHY])
{
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, 2 * TEXT_MAX);
	assert_int_equal(rxp_buf_puts(&octets, text), 0);
	rc = sheet_text_read(out, &octets, why);
	rxp_buf_free(&octets);
	return rc;
}

/* The share line of this number in a page. */
static char *line_of(char *page, unsigned number)
{
	char start[16];
	char *at;

	snprintf(start, sizeof start, "\n%4u  ", number);
	at = strstr(page, start);
	assert_non_null(at);
	return at + 1;
}

static void assert_refused(const char *page, const char *words)
{
	static struct sheet out;
	char why[SHEET_WHY] = "";

	assert_int_equal(read_text(&out, page, why), RXP_ERR_SYNTAX);
	if (strstr(why, words) == NULL)
		fail_msg("said: %s; not: %s", why, words);
}

static void assert_read(const char *page, const struct sheet *want)
{
	static struct sheet out;
	char why[SHEET_WHY] = "";

	if (read_text(&out, page, why) != 0)
		fail_msg("said: %s", why);
	assert_memory_equal(&out, want, sizeof out);
}

static void test_page(void **state)
{
	static const size_t lengths[] = {1, 64, 65, 86, 87, SHEET_SHARE_OCTETS};
	char page[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		const struct sheet s = example(2, lengths[i]);
		unsigned lines = 0;

		print(page, &s);
		for (const char *at = page; *at != '\0'; lines++) {
			size_t len = strcspn(at, "\n");

			assert_in_range(len, 0, 80);
			at += len + 1;
		}
		assert_in_range(lines, 10, 66);
		assert_read(page, &s);
	}
}

static void test_each_character(void **state)
{
	const struct sheet s = example(2, 64);
	char page[TEXT_MAX], words[16];
	unsigned tried = 0;

	(void)state;
	print(page, &s);
	for (unsigned number = 1; number <= 9; number++) {
		snprintf(words, sizeof words, "line %u: ", number);
		for (char *at = line_of(page, number) + 5; *at != '\n'; at++) {
			const char was = *at;

			for (size_t k = 0; was != ' ' && alphabet[k] != '\0'; k++) {
				*at = alphabet[k];
				if (*at != was) {
					assert_refused(page, words);
					tried++;
				}
			}
			*at = was;
			if (was != ' ' && at[1] != ' ' && at[1] != '\n' && at[1] != was) {
				at[0] = at[1];
				at[1] = was;
				assert_refused(page, words);
				at[1] = at[0];
				at[0] = was;
			}
		}
	}
	assert_int_equal(tried, 9 * 28 * 31);
	assert_read(page, &s);
}

static void test_lines(void **state)
{
	const struct sheet s = example(2, 64), other = example(3, 64);
	char page[TEXT_MAX], changed[2 * TEXT_MAX], further[TEXT_MAX];
	size_t len;

	(void)state;
	print(page, &s);
	print(further, &other);
	len = strcspn(line_of(page, 3), "\n") + 1;
	/* A line of another sheet, and the same line under its number. */
	snprintf(changed, sizeof changed, "%s", page);
	memcpy(line_of(changed, 3), line_of(further, 3), len);
	assert_refused(
	    changed, "line 3: a character of it is wrong, or it is a line of another sheet");
	/* Two lines in each other's place, with their numbers and without. */
	snprintf(changed, sizeof changed, "%s", page);
	memcpy(line_of(changed, 3) + 4, line_of(page, 4) + 4, len - 4);
	assert_refused(changed, "line 3: ");
	snprintf(changed, sizeof changed, "%s", page);
	memcpy(line_of(changed, 3), line_of(page, 4), len);
	assert_refused(changed, "line 3: line 3 was to be here");
	/* One that is not there, the last that is not, one too much. */
	snprintf(changed, sizeof changed, "%.*s%s", (int)(line_of(page, 3) - page), page,
	    line_of(page, 4));
	assert_refused(changed, "line 3: line 3 was to be here");
	snprintf(changed, sizeof changed, "%.*s", (int)(line_of(page, 9) - page), page);
	assert_refused(changed, "line 9 is missing");
	snprintf(changed, sizeof changed, "%s%s", page, line_of(page, 9));
	assert_refused(changed, "line 10: the sheet has no further line");
	assert_refused("", "line 1 is missing");
}

static void test_groups(void **state)
{
	static const struct {
		const char *line, *why;
	} rows[] = {
	    {"0410 40R5 02N6 C8QJ KS8K 4MAJ GASV", NULL},
	    {"0410 40R5 02N6 C8QJ KS8K 4MAJ", "group 7 is missing"},
	    {"0410 40R5 02N6 C8QJ KS8K 4MAJ GASV 0000", "there is something behind group 7"},
	    {"0410 40R 02N6 C8QJ KS8K 4MAJ GASV", "group 2 has 3 characters, and not 4"},
	    {"0410 40R5 02N6 C8QJ KS8K 4MAJG ASV", "group 6 has 5 characters, and not 4"},
	    {"0410 40R5 02N6 C8QU KS8K 4MAJ GASV", "group 4 has a character that no sheet has"},
	    {"0410 40R5 02N6 C8QJ KS8K 4MAJ GAS\xc3", "group 7 has a character that no sheet has"},
	    {"2 0410 40R5 02N6 C8QJ KS8K 4MAJ GASV", "line 1 was to be here"},
	    {"1 0410 40R5 02N6 C8QJ KS8K 4MAJ GASV", NULL},
	    {" \t1\tO4lo  40r5 o2n6 c8qj ks8k 4maj gasv\r", NULL},
	    {"0410 40R5 02N6 C8QJ KS8K 4MJA GASV", "a character of it is wrong"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		uint8_t out[SHEET_LINE_OCTETS];
		char why[SHEET_WHY] = "";
		int rc = sheet_line_get(out, 1, rows[i].line, NULL, why);

		assert_int_equal(rc, rows[i].why == NULL ? 0 : RXP_ERR_SYNTAX);
		if (rows[i].why != NULL && strncmp(why, rows[i].why, strlen(rows[i].why)) != 0)
			fail_msg("row %zu said: %s", i, why);
	}
}

static void test_as_typed(void **state)
{
	const struct sheet s = example(2, 64);
	char page[TEXT_MAX], typed[TEXT_MAX];
	size_t n = 0;

	(void)state;
	print(page, &s);
	assert_read(line_of(page, 1), &s); /* no words above */
	for (const char *at = line_of(page, 1); *at != '\0'; at++) {
		if (*at == '\n')
			typed[n++] = '\r';
		typed[n] = (char)(*at == '0' && n % 2 == 0 ? 'o' : tolower((unsigned char)*at));
		n++;
	}
	typed[n] = '\0';
	/* The numbers of the lines have a 0 in none of the nine. */
	assert_read(typed, &s);
}

static void test_words(void **state)
{
	static const struct {
		const char *was, *is;
	} rows[] = {
	    {"QRA", "QRB"},
	    {"root.key", "seal.key"},
	    {"SHEET 2 OF 5", "SHEET 1 OF 5"},
	    {"ANY 3 OF", "ANY 2 OF"},
	    {"2026-11-29", "2025-11-29"},
	    {"0007 0e15", "0007 0e16"},
	};
	const struct sheet s = example(2, 64);
	char page[TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		char *at;

		print(page, &s);
		at = strstr(page, rows[i].was);
		assert_non_null(at);
		memcpy(at, rows[i].is, strlen(rows[i].is));
		assert_refused(page, " of the text is not what its share lines say");
	}
}

/* Lines that prove themselves and say what no sheet says: the head is judged before anything is believed. */
static void test_heads(void **state)
{
	struct sheet s;
	char page[TEXT_MAX];

	(void)state;
	s = example(6, 64);
	print(page, &s);
	assert_refused(line_of(page, 1), "no sheet says that");
	s = example(2, 64);
	s.head.needed = 6;
	print(page, &s);
	assert_refused(line_of(page, 1), "no sheet says that");
	s.head.needed = 3;
	s.head.sheets = 17;
	print(page, &s);
	assert_refused(line_of(page, 1), "no sheet says that");
	s = example(2, 64);
	s.head.party[0] = 'q';
	print(page, &s);
	assert_refused(line_of(page, 1), "no sheet says that");
	s = example(2, 64);
	s.head.name[4] = '/';
	print(page, &s);
	assert_refused(line_of(page, 1), "no sheet says that");
	s = example(2, 64);
	print(page, &s);
	assert_read(line_of(page, 1), &s);
}

/* One octet more, less or another, anywhere: the sheet is the same, or it is refused. */
static void test_any_octet(void **state)
{
	static struct sheet out;
	const struct sheet s = example(2, 64);
	char page[TEXT_MAX], changed[TEXT_MAX], why[SHEET_WHY];
	size_t len;

	(void)state;
	dice_start();
	print(page, &s);
	len = strlen(page);
	for (unsigned i = 0; i < 3000; i++) {
		size_t at = dice_roll((uint32_t)len);
		uint32_t what = dice_roll(3); /* in the place of, before, without */
		char octet = (char)(1 + dice_roll(255));

		snprintf(changed, sizeof changed, "%.*s%.*s%s", (int)at, page, what < 2, &octet,
		    page + at + (what != 1));
		if (read_text(&out, changed, why) == 0)
			assert_memory_equal(&out, &s, sizeof out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_page),
	    cmocka_unit_test(test_each_character),
	    cmocka_unit_test(test_lines),
	    cmocka_unit_test(test_groups),
	    cmocka_unit_test(test_as_typed),
	    cmocka_unit_test(test_words),
	    cmocka_unit_test(test_heads),
	    cmocka_unit_test(test_any_octet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
