/*
 * Goals for what a hold and an emergency stop keep back (RXP-HLD-002, RXP-HLD-009), written from the text of section
 * 38.8 and not from the table:
 * - each event that brings a person nearer to a transfer is stopped by a hold, each that asks for one by a stop too;
 * - what records, takes back, corrects, withdraws or gives up a claim is stopped by nothing, nor is an interview
 *   that is cancelled;
 * - nothing that only the requested State says is ever stopped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/case_table.h"

static const struct {
	const char *word;
	enum rxp_case_step step;
} stopped[] = {
    {"apply", RXP_CASE_TOWARDS},
    {"supplement", RXP_CASE_TOWARDS},
    {"arrange-interview", RXP_CASE_TOWARDS},
    {"remind-reply", RXP_CASE_TOWARDS},
    {"remind", RXP_CASE_TOWARDS},
    {"deem", RXP_CASE_TOWARDS},
    {"use-standard-document", RXP_CASE_TOWARDS},
    {"refer", RXP_CASE_TOWARDS},
    {"announce", RXP_CASE_TRANSFER},
    {"notify", RXP_CASE_TRANSFER},
    {"notify-own-document", RXP_CASE_TRANSFER},
    {"ask-transit", RXP_CASE_TRANSFER},
};

static enum rxp_case_step expected(const char *word)
{
	for (size_t i = 0; i < sizeof stopped / sizeof stopped[0]; i++)
		if (strcmp(stopped[i].word, word) == 0)
			return stopped[i].step;
	return RXP_CASE_FREE;
}

static void test_every_event(void **state)
{
	size_t found = 0;

	(void)state;
	for (unsigned event = 0; event < RXP_CASE_EVENT_COUNT; event++) {
		const struct rxp_case_event_row *row =
		    rxp_case_event_row((enum rxp_case_event)event);
		enum rxp_case_step step = rxp_case_step((enum rxp_case_event)event, 0);

		assert_int_equal(step, expected(row->word));
		assert_int_equal(step, row->step);
		assert_true(step == RXP_CASE_FREE || row->sender != RXP_CASE_BY_REQUESTED);
		found += step != RXP_CASE_FREE;
	}
	assert_int_equal(found, sizeof stopped / sizeof stopped[0]);
}

/* Of a document that cannot be read more than its type is not known. */
static void test_every_type(void **state)
{
	(void)state;
	for (unsigned type = 0; type < RXP_TYPE_COUNT; type++)
		assert_int_equal(rxp_case_may_ask_transfer((enum rxp_type)type),
		    type == RXP_TYPE_ADVANCE_NOTICE || type == RXP_TYPE_TRANSFER_NOTIFICATION ||
			type == RXP_TYPE_TRANSIT_APPLICATION);
}

static void test_with_traits(void **state)
{
	const rxp_traits cancelled = (rxp_traits)1 << RXP_CASE_TRAIT_INTERVIEW_CANCELLED;

	(void)state;
	for (unsigned event = 0; event < RXP_CASE_EVENT_COUNT; event++)
		for (unsigned trait = 0; trait < RXP_CASE_TRAIT_COUNT; trait++) {
			bool frees = event == RXP_CASE_EVENT_ARRANGE_INTERVIEW &&
				     (rxp_traits)1 << trait == cancelled;

			assert_int_equal(
			    rxp_case_step((enum rxp_case_event)event, (rxp_traits)1 << trait),
			    frees ? RXP_CASE_FREE : rxp_case_step((enum rxp_case_event)event, 0));
		}
	assert_int_equal(
	    rxp_case_step(RXP_CASE_EVENT_ARRANGE_INTERVIEW, cancelled | 1), RXP_CASE_FREE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_every_event),
	    cmocka_unit_test(test_every_type),
	    cmocka_unit_test(test_with_traits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
