/*
 * Goals:
 * - what differs between two texts is the whole of a short value, name or element, and what gave way to it is told;
 * - it is found again in octets that were made of the text, and not where that could be somewhere else;
 * - a change that shows in no text is none.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/message/changed.h"

#define MAX_OCTETS 4096UL

static void put(struct rxp_buf *b, const char *text)
{
	rxp_buf_init(b, MAX_OCTETS);
	assert_int_equal(rxp_buf_puts(b, text), 0);
}

static void is_text(const uint8_t *octets, size_t len, const char *text)
{
	assert_int_equal(len, strlen(text));
	if (len > 0)
		assert_memory_equal(octets, text, len);
}

static void test_what_differs(void **state)
{
	static const struct {
		const char *before, *after, *was, *is; /* is NULL: nothing differs */
	} rows[] = {
	    {"<To>QRA</To>", "<To>QRB</To>", "QRA", "QRB"},
	    {"<To>QRA</To>", "<To>QRAx</To>", "QRA", "QRAx"},
	    {"<To>QRA</To>", "<Tw>QRA</Tw>", "To>QRA</To", "Tw>QRA</Tw"},
	    {"<A/><C/>", "<A/><B/><C/>", "", "<B/>"},
	    {"<A/><B/><C/>", "<A/><C/>", "<B/>", ""},
	    {"<A/><A/>", "<A/><A/><A/>", "", "<A/>"},
	    {"<A b=\"1\"/>", "<A b=\"2\"/>", "1", "2"},
	    {"<A/>", "", "<A/>", ""},
	    {"<A/>", "<A/>", "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_buf before, after;
		struct changed c;

		put(&before, rows[i].before);
		put(&after, rows[i].after);
		changed_init(&c, MAX_OCTETS);
		assert_int_equal(changed_note(&c, &before, &after), 0);
		assert_int_equal(c.known, rows[i].is != NULL);
		if (c.known) {
			is_text(c.was.data, c.was.len, rows[i].was);
			is_text(c.text.data + c.at, c.len, rows[i].is);
		}
		changed_clear(&c);
		rxp_buf_free(&before);
		rxp_buf_free(&after);
	}
}

static void test_where_it_is(void **state)
{
	static const struct {
		const char *octets;
		size_t at;
		bool found;
	} rows[] = {
	    {"<To>QRB</To><Id>1</Id>", 4, true},
	    {"<D><H><To>QRB</To><Id>1</Id></H></D>", 10, true},
	    {"<From>QRB</From><To>QRB</To><Id>2</Id>", 20, true},
	    {"<D><To>QRB</To><To>QRB</To></D>", 0, false},
	    {"<D><To>QRA</To></D>", 0, false},
	    {"", 0, false},
	};
	struct rxp_buf before, after;
	struct changed c;

	(void)state;
	put(&before, "<To>QRA</To><Id>1</Id>");
	put(&after, "<To>QRB</To><Id>1</Id>");
	changed_init(&c, MAX_OCTETS);
	assert_int_equal(changed_note(&c, &before, &after), 0);
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_buf octets;
		size_t at = 0;

		put(&octets, rows[i].octets);
		assert_int_equal(changed_find(&at, &c, &octets), rows[i].found);
		assert_int_equal(at, rows[i].at);
		rxp_buf_free(&octets);
	}
	changed_clear(&c);
	rxp_buf_free(&before);
	rxp_buf_free(&after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_differs),
	    cmocka_unit_test(test_where_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
