/*
 * Goals: RXP-SAF-017, the families of a case:
 *  - a notification that names some of a family that is to travel together needs its code, for as long as somebody
 *    of it is left behind, and for nobody else's sake;
 *  - it is judged by the notification's own past, and the same by sender and receiver;
 *  - the traits come from the content: Family and FamilySplit, for each person whom it names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/document/facts.h"
#include "protocol/test/example.h"
#include "protocol/test/library.h"
#include "protocol/test/story.h"
#include "protocol/xml/xml.h"

#define Q STORY_Q
#define D STORY_D
#define TOGETHER (1u << RXP_CASE_TRAIT_TOGETHER)
#define SPLIT (1u << RXP_CASE_TRAIT_SPLIT_EXPLAINED)
#define P1 1u
#define P2 2u
#define P3 4u
#define ALL 7u

/* Three persons; those of the mask are a family. All are accepted and ready but those left out. */
static struct story family(uint32_t of_family, uint32_t refused)
{
	struct story s = {.n = 0};

	story_tell(&s, Q, RXP_CASE_EVENT_APPLY, ALL);
	story_mark(&s.docs[0], of_family, TOGETHER);
	story_tell(&s, D, RXP_CASE_EVENT_ACCEPT, ALL & ~refused);
	if (refused != 0)
		story_tell(&s, D, RXP_CASE_EVENT_REFUSE, refused);
	story_tell(&s, D, RXP_CASE_EVENT_ISSUE_DOCUMENT, ALL & ~refused);
	return s;
}

/* What the case says to a notification for these persons, in either role. */
static bool is_taken(const struct story *s, uint32_t persons, unsigned traits)
{
	static const enum rxp_case_role roles[] = {RXP_CASE_SEALING, RXP_CASE_RECEIVING};
	struct rxp_case_document d = story_next(s, Q, RXP_CASE_EVENT_NOTIFY, persons);
	struct rxp_case *c = story_replay(s);
	bool taken[2];

	story_mark(&d, persons, traits);
	for (int i = 0; i < 2; i++) {
		struct rxp_case_verdict verdict;
		int rc = rxp_case_check(&verdict, c, &d, roles[i]);

		taken[i] = rc == 0;
		if (rc == 0)
			continue;
		assert_int_equal(rc, RXP_ERR_STATE);
		assert_int_equal(verdict.code, RXP_REFUSAL_NOT_ACCEPTABLE);
		assert_string_equal(verdict.requirement, "RXP-SAF-017");
	}
	assert_int_equal(taken[0], taken[1]);
	rxp_case_free(c);
	return taken[0];
}

static void test_who_is_left(void **unused)
{
	struct story s = family(ALL, 0);

	(void)unused;
	assert_true(is_taken(&s, ALL, 0));
	assert_false(is_taken(&s, P1, 0));
	assert_false(is_taken(&s, P1 | P2, 0));
	assert_true(is_taken(&s, P1 | P2, SPLIT));
	s = family(P1 | P2, 0); /* P3 is of no family */
	assert_true(is_taken(&s, P3, 0));
	assert_true(is_taken(&s, P1 | P2, 0));
	assert_false(is_taken(&s, P1 | P3, 0));
	s = family(0, 0);
	assert_true(is_taken(&s, P1, 0));
	s = family(ALL, P2); /* one who is not taken back is left behind */
	assert_false(is_taken(&s, P1 | P3, 0));
	assert_true(is_taken(&s, P1 | P3, SPLIT));
}

/* Each named person of the family needs the code, so that no Person of the document can leave it out. */
static void test_code_for_each(void **unused)
{
	struct story s = family(ALL, 0);
	struct rxp_case_document d = story_next(&s, Q, RXP_CASE_EVENT_NOTIFY, P1 | P2);
	struct rxp_case *c = story_replay(&s);
	struct rxp_case_verdict verdict;

	(void)unused;
	story_mark(&d, P1, SPLIT);
	assert_int_equal(rxp_case_check(&verdict, c, &d, RXP_CASE_SEALING), RXP_ERR_STATE);
	story_mark(&d, P2, SPLIT);
	assert_int_equal(rxp_case_check(&verdict, c, &d, RXP_CASE_SEALING), 0);
	rxp_case_free(c);
}

/* Who travels already was explained when the others were notified; who was withdrawn stays. */
static void test_who_is_not_left(void **unused)
{
	struct story s = family(ALL, 0);

	(void)unused;
	story_tell_marked(&s, Q, RXP_CASE_EVENT_NOTIFY, P1, SPLIT);
	assert_true(is_taken(&s, P2 | P3, 0));
	assert_false(is_taken(&s, P2, 0));
	story_tell(&s, Q, RXP_CASE_EVENT_WITHDRAW, P3);
	assert_true(is_taken(&s, P2, 0));
	story_tell(&s, D, RXP_CASE_EVENT_COUNTER_TRANSFER, P1); /* P1 waits again */
	assert_false(is_taken(&s, P2, 0));
	assert_true(is_taken(&s, P1 | P2, 0));
}

static unsigned traits_of(const char *name, enum rxp_type type, const char *from, const char *to)
{
	struct rxp_buf octets = from == NULL ? example_read(name) : example_change(name, from, to);
	struct rxp_xml *xml = example_parse(&octets);
	struct rxp_case_document facts;
	unsigned traits;

	assert_int_equal(rxp_facts_content(&facts, type, rxp_xml_root(xml)), 0);
	traits = facts.persons[0].gives & (TOGETHER | SPLIT);
	for (unsigned i = 1; i < facts.n_persons; i++)
		assert_int_equal(facts.persons[i].gives & (TOGETHER | SPLIT), traits);
	rxp_xml_free(xml);
	rxp_buf_free(&octets);
	return traits;
}

static void test_marks_of_content(void **unused)
{
	static const char apart[] = "moveTogether=\"false\" split=\"own-wish\"";

	(void)unused;
	assert_int_equal(
	    traits_of("application-family.xml", RXP_TYPE_READMISSION_APPLICATION, NULL, NULL),
	    TOGETHER);
	assert_int_equal(traits_of("application-family.xml", RXP_TYPE_READMISSION_APPLICATION,
			     "moveTogether=\"true\"", apart),
	    0);
	assert_int_equal(
	    traits_of("application-single.xml", RXP_TYPE_READMISSION_APPLICATION, NULL, NULL), 0);
	assert_int_equal(
	    traits_of("advance-notice-family.xml", RXP_TYPE_ADVANCE_NOTICE, NULL, NULL), TOGETHER);
	assert_int_equal(
	    traits_of("transfer-notification.xml", RXP_TYPE_TRANSFER_NOTIFICATION, NULL, NULL),
	    SPLIT);
	assert_int_equal(traits_of("transfer-notification.xml", RXP_TYPE_TRANSFER_NOTIFICATION,
			     "<FamilySplit>not-accepted</FamilySplit>", ""),
	    0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_who_is_left),
	    cmocka_unit_test(test_code_for_each),
	    cmocka_unit_test(test_who_is_not_left),
	    cmocka_unit_test(test_marks_of_content),
	};

	return cmocka_run_group_tests_name("case_family", tests, library_begin, library_end);
}
