/*
 * Goals for what a hold and an emergency stop keep back (RXP-HLD-002, RXP-HLD-009), written from the text of section
 * 38.8 and not from the table:
 * - each event that brings a person nearer to a transfer is stopped by a hold, each that asks for one by a stop too;
 * - what records, takes back, corrects, withdraws or gives up a claim is stopped by nothing, nor is an interview
 *   that is cancelled;
 * - nothing that only the requested State says is ever stopped; of what this text does not name yet, the same.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/case/case_table.h"

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

/* What the text says that nothing stops. */
static const char *const never_stopped[] = {"register", "find-incomplete", "ask-supplement",
    "report-interview", "extend", "accept", "refuse", "find-minor", "issue-document",
    "decline-document", "agree-transfer", "counter-transfer", "change-transfer", "deliver",
    "arrive", "pass-on", "refuse-entry", "not-perform", "take-back", "withdraw", "correct",
    "answer-correction", "reach-requested-desk", "reach-requesting-desk", "retract", "contest",
    "lift-contest", "claim-error", "agree-take-back", "dispute-take-back", "consent-transit",
    "refuse-transit", "revoke-transit", "take-referral", "decline-referral", "withdraw-consent",
    "account-for-use", "settle-onward"};

static enum rxp_case_step step_of(const char *word)
{
	enum rxp_case_event event;

	assert_int_equal(rxp_case_event_parse(&event, word), 0);
	assert_int_equal(rxp_case_step(event, 0), rxp_case_event_row(event)->step);
	return rxp_case_step(event, 0);
}

static void test_every_event(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof stopped / sizeof stopped[0]; i++)
		assert_int_equal(step_of(stopped[i].word), stopped[i].step);
	for (size_t i = 0; i < sizeof never_stopped / sizeof never_stopped[0]; i++)
		assert_int_equal(step_of(never_stopped[i]), RXP_CASE_FREE);
	for (unsigned event = 0; event < RXP_CASE_EVENT_COUNT; event++) {
		const struct rxp_case_event_row *row =
		    rxp_case_event_row((enum rxp_case_event)event);

		assert_true(row->step == RXP_CASE_FREE || row->sender != RXP_CASE_BY_REQUESTED);
	}
}

/* Of a document that cannot be read more than its type is not known. */
static void test_every_type(void **state)
{
	bool asks[RXP_TYPE_COUNT] = {false};

	(void)state;
	for (unsigned event = 0; event < RXP_CASE_EVENT_COUNT; event++)
		if (rxp_case_event_row((enum rxp_case_event)event)->step == RXP_CASE_TRANSFER)
			asks[rxp_case_event_row((enum rxp_case_event)event)->type] = true;
	assert_true(asks[RXP_TYPE_ADVANCE_NOTICE] && asks[RXP_TYPE_TRANSFER_NOTIFICATION] &&
		    asks[RXP_TYPE_TRANSIT_APPLICATION]);
	for (unsigned type = 0; type < RXP_TYPE_COUNT; type++)
		assert_int_equal(rxp_case_may_ask_transfer((enum rxp_type)type), asks[type]);
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
