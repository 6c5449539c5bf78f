/*
 * Goals of the headers of bundles (RXP-BND-001, RXP-BND-002): what is written is what a POSIX tar writes; each kind
 * of name is read back; another name, kind, size, magic or check sum is refused, by one change each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/ustar.h"
#include "protocol/base/err.h"

#define ID "01980000-0000-7000-8000-000000000001"
#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define SUM_AT 148

/* The check sum anew, so that a change is one change. */
static void sum_anew(uint8_t block[USTAR_BLOCK])
{
	unsigned sum = 0;

	memset(block + SUM_AT, ' ', 8);
	for (unsigned i = 0; i < USTAR_BLOCK; i++)
		sum += block[i];
	snprintf((char *)block + SUM_AT, 8, "%06o", sum);
}

static int parse_named(const char *name, uint64_t size)
{
	uint8_t block[USTAR_BLOCK];
	struct ustar_entry e;

	ustar_write(block, USTAR_MESSAGE, ID, size);
	memset(block, 0, 100);
	for (size_t i = 0; name[i] != '\0'; i++)
		block[i] = (uint8_t)name[i];
	sum_anew(block);
	return ustar_parse(&e, block);
}

static void test_kinds(void **state)
{
	static const struct {
		enum ustar_kind kind;
		const char *id, *name, *word;
	} rows[] = {
	    {USTAR_DESCRIPTOR, "QRA", "descriptor/QRA.xml", "descriptor"},
	    {USTAR_ANSWER, ID, "answers/" ID ".xml", "answer"},
	    {USTAR_LOG, "1024", "logs/1024.xml", "log"},
	    {USTAR_ATTACHMENT, DIGEST, "attachments/" DIGEST, "attachment"},
	    {USTAR_MESSAGE, ID, "messages/" ID ".xml", "message"},
	};
	uint8_t block[USTAR_BLOCK];
	struct ustar_entry e;

	(void)state;
	assert_int_equal(sizeof rows / sizeof rows[0], USTAR_KINDS);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		ustar_write(block, rows[i].kind, rows[i].id, 1000);
		assert_int_equal(ustar_parse(&e, block), 0);
		assert_int_equal(e.kind, rows[i].kind);
		assert_string_equal(e.name, rows[i].name);
		assert_string_equal(e.id, rows[i].id);
		assert_string_equal(ustar_word(e.kind), rows[i].word);
		assert_int_equal(e.size, 1000);
	}
}

static void test_names(void **state)
{
	static const char *const wrong[] = {"", "messages/", "messages/.xml", "messages/" ID,
	    "messages/" ID ".xml.xml", "/messages/" ID ".xml", "./messages/" ID ".xml",
	    "messages/../" ID ".xml", "messages//" ID ".xml", "Messages/" ID ".xml",
	    "message/" ID ".xml", "messages/" ID ".XML", "messages/01980000.xml",
	    "messages/01980000-0000-4000-8000-000000000001.xml",
	    "messages/01980000-0000-7000-8000-00000000000A.xml", "descriptor/qra.xml",
	    "descriptor/QRAA.xml", "descriptor/Q.xml", "attachments/" DIGEST ".xml",
	    "attachments/" DIGEST "00", "attachments/passwd", "logs/00.xml", "logs/.xml",
	    "logs/-1.xml", "logs/12345678901.xml", "logs/1 .xml", "etc/passwd", ID ".xml"};

	(void)state;
	assert_int_equal(parse_named("messages/" ID ".xml", 1), 0);
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(parse_named(wrong[i], 1), RXP_ERR_SYNTAX);
}

static void test_sizes(void **state)
{
	(void)state;
	assert_int_equal(parse_named("messages/" ID ".xml", 0), RXP_ERR_BOUND);
	assert_int_equal(parse_named("messages/" ID ".xml", RXP_MAX_ENVELOPE_OCTETS), 0);
	assert_int_equal(
	    parse_named("messages/" ID ".xml", RXP_MAX_ENVELOPE_OCTETS + 1), RXP_ERR_BOUND);
	assert_int_equal(parse_named("answers/" ID ".xml", RXP_MAX_ANSWER_OCTETS), 0);
	assert_int_equal(
	    parse_named("answers/" ID ".xml", RXP_MAX_ANSWER_OCTETS + 1), RXP_ERR_BOUND);
	assert_int_equal(parse_named("logs/0.xml", RXP_MAX_LOG_PAGE_OCTETS), 0);
	assert_int_equal(
	    parse_named("logs/9999999999.xml", RXP_MAX_LOG_PAGE_OCTETS + 1), RXP_ERR_BOUND);
	assert_int_equal(parse_named("attachments/" DIGEST, USTAR_CIPHERTEXT_MAX), 0);
	assert_int_equal(
	    parse_named("attachments/" DIGEST, USTAR_CIPHERTEXT_MAX + 1), RXP_ERR_BOUND);
	assert_int_equal(ustar_padding(1), 511);
	assert_int_equal(ustar_padding(512), 0);
	assert_int_equal(ustar_padding(513), 511);
}

/* One octet of a right header at a time. sum: the check sum is made right again. */
static void test_one_change(void **state)
{
	static const struct {
		size_t at;
		uint8_t octet;
		bool sum;
	} rows[] = {{0, 'M', false}, {SUM_AT, '7', false}, {124, '8', true}, {124, '-', true},
	    {135, '0', true}, {156, '\0', true}, {156, '1', true}, {156, '2', true},
	    {156, '5', true}, {156, 'x', true}, {157, 'a', true}, {257, 'U', true},
	    {262, ' ', true}, {263, ' ', true}, {345, 'a', true}, {499, 'a', true},
	    {99, 'a', true}};
	uint8_t right[USTAR_BLOCK], block[USTAR_BLOCK];
	struct ustar_entry e = {.size = 7};

	(void)state;
	ustar_write(right, USTAR_MESSAGE, ID, 1000);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		memcpy(block, right, sizeof block);
		block[rows[i].at] = rows[i].octet;
		if (rows[i].sum)
			sum_anew(block);
		assert_int_equal(ustar_parse(&e, block), RXP_ERR_SYNTAX);
		assert_int_equal(e.size, 7); /* untouched */
	}
	memcpy(block, right, sizeof block);
	block[100] = '7', block[270] = 'r', block[140] = '3'; /* mode, owner, time: not looked at */
	sum_anew(block);
	assert_int_equal(ustar_parse(&e, block), 0);
	memset(block, 0, sizeof block);
	assert_int_equal(ustar_parse(&e, block), RXP_ERR_NOT_FOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_sizes),
	    cmocka_unit_test(test_one_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
