/*
 * Goals: what the schemas let a text, a name, an article and an officer's pseudonym be.
 *  - nothing is in a text that nobody sees, and no letter in a mere form of it (RXP-APP-005); whatever the script of a
 *    language needs is admitted;
 *  - a name is letters and what joins them (RXP-APP-026);
 *  - a pseudonym and an article have no room for a word (RXP-APP-027, 028).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/test/example.h"
#include "protocol/test/library.h"
#include "protocol/xml/xml.h"

#define SINGLE "application-single.xml"

/* Does the example keep its form with this in the place of that? */
static bool admits(const char *from, const char *to)
{
	struct rxp_buf octets = example_change(SINGLE, from, to);
	struct example e = example_load(SINGLE);
	struct example_fault fault;
	bool admitted;

	rxp_xml_free(e.content);
	e.content = example_parse(&octets);
	admitted = example_check(&fault, &e) == 0;
	example_free(&e);
	rxp_buf_free(&octets);
	return admitted;
}

static void check(
    const char *element, const char *from, const char *const *texts, size_t n, bool want)
{
	char before[128], after[512];

	snprintf(before, sizeof before, "<%s>%s</%s>", element, from, element);
	for (size_t i = 0; i < n; i++) {
		snprintf(after, sizeof after, "<%s>%s</%s>", element, texts[i], element);
		if (admits(before, after) != want)
			fail_msg("%s %s", after, want ? "is refused" : "is taken");
	}
}

#define CHECK(element, from, texts, want) \
	check((element), (from), (texts), sizeof(texts) / sizeof(texts)[0], (want))

static void texts(void **state)
{
	static const char *const seen[] = {"Zürich – „Halle 3“ (№ 7), 5 €", "Đà Nẵng", "Αθήνα",
	    "Ўзбекистон", "می\u200cخواهم", "ක්\u200dෂ ශ්\u200dරී", "العربية، لغة", "北京・東京",
	    "e\u0301te\u0301", "𞤀𞤣𞤤𞤢𞤥"};
	static const char *const unseen[] = {"a\u00adb", "a\u200bb", "a\u200eb", "a\u200fb",
	    "a\u061cb", "a\u202eb", "a\u2028b", "a\u2029b", "a\u2060b", "a\u2063b", "a\u2066b",
	    "a\ufeffb", "a\ufff9b", "a\ue000b", "a\U000f0000b", "a\U000e0061b", "a\ufe00b",
	    "a\U000e0101b", "a\u20dd", "a\u20e3", "\U0001d41a", "\u24d0", "\u24b6", "\U0001f130",
	    "\u200ca", "a\u034fb", "\u3164", "\u2800", "\uffa0", "\u1d43\u02e2", "x\u2070",
	    "a\u200c\u200cb", "a\u200d\u200cb"};

	(void)state;
	CHECK("Observations", "None.", seen, true);
	CHECK("Observations", "None.", unseen, false);
	CHECK("Place", "Specimen City", unseen, false);
}

static void names(void **state)
{
	static const char *const good[] = {"Ó Briain-MacGabhann", "D'Arcy", "D’Arcy", "Jr.",
	    "Nguyễn Thị", "Ibn ʿAbd al-ʿAzīz", "Gal·la", "מוחמד ג׳", "ཀུན་དགའ", "レオナルド・ダ",
	    "علی\u200cرضا", "O"};
	static const char *const bad[] = {"asylum 2026", "A: b", "a@b", "(b)", "b/c", "b, c",
	    "b; c", "a=b", "[b]", "file_17", "A+", "№", "☪", "२०२६", "a\u200b"};

	(void)state;
	CHECK("Secondary", "Anna Maria", good, true);
	CHECK("Secondary", "Anna Maria", bad, false);
	CHECK("Primary", "Eriksson", bad, false);
}

static void pseudonyms(void **state)
{
	static const char *const good[] = {"123", "R-001", "1234567890"};
	static const char *const bad[] = {
	    "12", "R1", "RF-123", "DUBLIN-7", "R-12345678901", "r-123", "R-123-4", "R-"};

	(void)state;
	CHECK("Officer", "R-2001", good, true);
	CHECK("Officer", "R-2001", bad, false);
}

static void articles(void **state)
{
	static const char *const good[] = {
	    "3", "14", "3a", "3(1)", "3(1)(a)", "3(1)(a)(iv)", "103(12)"};
	static const char *const bad[] = {
	    "3(asylum)", "1951", "3(ab)", "3(1)(a)(2)(b)", "0", "3(0)", "a", "3ab"};
	char before[] = "<OwnReference>";
	char after[128];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		snprintf(after, sizeof after, "<Article>%s</Article>%s", good[i], before);
		assert_true(admits(before, after));
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		snprintf(after, sizeof after, "<Article>%s</Article>%s", bad[i], before);
		if (admits(before, after))
			fail_msg("%s is taken", after);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts),
	    cmocka_unit_test(names),
	    cmocka_unit_test(pseudonyms),
	    cmocka_unit_test(articles),
	};

	return cmocka_run_group_tests_name("text_form", tests, library_begin, library_end);
}
