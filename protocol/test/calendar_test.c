/*
 * Goals:
 *  - the shipped calendars read as they are written; sealed by their owner they come back the same, with
 *    a digest that does not depend on the layout;
 *  - RXP-CAL-002 to 007: each negative changes one thing of a calendar that reads, and the reason names
 *    its requirement; a wrong seal, another party's seal and an unsealed calendar are refused;
 *  - a version follows another only if it is higher and starts later, and is never retroactive;
 *  - every local day ends where the next begins, also where clocks change at midnight;
 *  - days of the Gregorian calendar are numbers and back, and months are added to them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/init.h"
#include "protocol/terms/calendar.h"
#include "protocol/terms/terms.h"
#include "protocol/test/example.h"
#include "protocol/test/fixture.h"
#include "protocol/test/terms_file.h"

static struct fixture_key key, other_key;

static struct rxp_buf seal(struct rxp_buf draft, const char *party, int64_t now_ms)
{
	return terms_seal(draft, RXP_KIND_CALENDAR, party, &key, now_ms);
}

static int open_under(struct rxp_calendar *c, const struct rxp_buf *octets, const char *party,
    const struct fixture_key *under, struct rxp_reason *reason)
{
	const struct rxp_cert *certs[] = {under->cert};

	return rxp_calendar_open(c, octets->data, octets->len, party, certs, 1, reason);
}

static int32_t day(const char *text)
{
	int32_t number = -1;

	assert_int_equal(rxp_day_parse(&number, text), 0);
	return number;
}

static int64_t at(const char *text)
{
	int64_t ms = -1;

	assert_int_equal(rxp_time_parse(&ms, text), 0);
	return ms;
}

static void test_reads(void **state)
{
	struct rxp_calendar *c = terms_calendar("qra-1");

	(void)state;
	assert_string_equal(c->owner, "QRA");
	assert_int_equal(c->version, 1);
	assert_true(c->effective_ms == at("2026-01-01T00:00:00.000Z") && c->created_ms == 0);
	assert_int_equal(c->first_day, day("2026-01-01"));
	assert_int_equal(c->last_day, day("2027-12-31"));
	assert_int_equal(c->weekend, 1 << RXP_SATURDAY | 1 << RXP_SUNDAY);
	assert_int_equal(c->n_offsets, 5);
	assert_int_equal(c->offsets[1].minutes, 120);
	assert_int_equal(c->n_holidays, 16);
	assert_int_equal(rxp_calendar_kind(c, day("2026-04-06")), RXP_DAY_HOLIDAY);
	assert_int_equal(rxp_calendar_kind(c, day("2026-04-07")), RXP_DAY_WORKING);
	assert_int_equal(rxp_calendar_kind(c, day("2026-04-05")), RXP_DAY_WEEKEND);
	assert_int_equal(rxp_calendar_minute(c, at("2026-07-01T22:30:00.000Z")), 30);
	assert_true(rxp_calendar_covers(c, day("2026-01-01")));
	assert_false(rxp_calendar_covers(c, day("2028-01-01")));
	free(c);
}

static void test_sealed(void **state)
{
	struct rxp_buf loose =
	    terms_change("calendars/qra-1", "<Owner>QRA</Owner>\n", "<Owner>QRA</Owner> \n\t ");
	struct rxp_buf sealed = seal(terms_read("calendars/qra-1"), "QRA", FIXTURE_TIME_MS);
	struct rxp_buf again = seal(loose, "QRA", FIXTURE_TIME_MS + 1);
	struct rxp_calendar *plain = terms_calendar("qra-1");
	struct rxp_calendar c, d;

	(void)state;
	assert_int_equal(open_under(&c, &sealed, "QRA", &key, NULL), 0);
	assert_int_equal(open_under(&d, &again, "QRA", &key, NULL), 0);
	assert_true(c.created_ms == FIXTURE_TIME_MS);
	assert_memory_equal(c.digest, d.digest, sizeof c.digest);
	assert_memory_not_equal(c.digest, plain->digest, sizeof c.digest);
	assert_memory_equal(c.holidays, plain->holidays, sizeof c.holidays);
	assert_memory_equal(c.offsets, plain->offsets, sizeof c.offsets);
	free(plain);
	rxp_buf_free(&sealed);
	rxp_buf_free(&again);
}

/* White space behind a `>` in a value is no layout. */
static void test_value_is_no_layout(void **state)
{
	struct rxp_buf draft =
	    terms_change("calendars/qrb-1", "QRB, invented:", "QRB >  invented:");
	struct rxp_buf sealed = seal(draft, "QRB", FIXTURE_TIME_MS);
	struct rxp_calendar c;

	(void)state;
	assert_int_equal(open_under(&c, &sealed, "QRB", &key, NULL), 0);
	assert_string_equal(c.zone, "QRB >  invented: three hours east all year");
	rxp_buf_free(&sealed);
}

static void test_wrong_seal(void **state)
{
	struct rxp_buf draft = terms_read("calendars/qra-1");
	struct rxp_buf sealed = seal(terms_read("calendars/qra-1"), "QRA", FIXTURE_TIME_MS);
	struct rxp_buf foreign = seal(terms_read("calendars/qra-1"), "QRB", FIXTURE_TIME_MS);
	struct rxp_reason reason;
	struct rxp_calendar c;
	uint8_t *holiday;

	(void)state;
	assert_int_equal(open_under(&c, &sealed, "QRA", &other_key, &reason), RXP_ERR_SIGNER);
	assert_string_equal(reason.requirement, "RXP-PRF-003");
	assert_int_equal(open_under(&c, &sealed, "QRB", &key, &reason), RXP_ERR_MISMATCH);
	assert_string_equal(reason.requirement, "RXP-PRF-003");
	assert_int_equal(open_under(&c, &foreign, "QRB", &key, &reason), RXP_ERR_MISMATCH);
	assert_string_equal(reason.requirement, "RXP-CAL-002");
	assert_int_equal(open_under(&c, &draft, "QRA", &key, &reason), RXP_ERR_STRICT);
	assert_string_equal(reason.requirement, "RXP-PRF-002");
	assert_int_equal(open_under(&c, &sealed, "QRA", &key, NULL), 0);
	holiday = memmem(sealed.data, sealed.len, "2026-04-06", 10);
	assert_non_null(holiday);
	holiday[9] = '7';
	assert_int_equal(open_under(&c, &sealed, "QRA", &key, &reason), RXP_ERR_SEAL);
	assert_string_equal(reason.requirement, "RXP-PRF-003");
	rxp_buf_free(&draft);
	rxp_buf_free(&sealed);
	rxp_buf_free(&foreign);
}

/* One change of qra-1, and why it is refused; NULL: it is not. */
static void test_rules(void **state)
{
	static const struct {
		const char *from, *to, *requirement, *place;
	} cases[] = {
	    {"<Effective>2026-01-01T", "<Effective>2025-12-31T", "RXP-CAL-003", "CalendarDraft"},
	    {"until=\"2027-12-31\"", "until=\"2027-12-30\"", NULL, NULL},
	    {"until=\"2027-12-31\"", "until=\"2027-12-25\"", "RXP-CAL-006",
		"CalendarDraft/Holiday"},
	    {"until=\"2027-12-31\"", "until=\"2025-12-31\"", "RXP-CAL-003", "CalendarDraft/Span"},
	    {"until=\"2027-12-31\"", "until=\"2027-02-29\"", "RXP-PRF-004", "CalendarDraft/Span"},
	    {"2026-04-03", "2026-02-30", "RXP-PRF-004", "CalendarDraft/Holiday"},
	    {"2026-04-03", "2026-04-06", "RXP-PRF-002", "CalendarDraft/Holiday"},
	    {"2026-04-03", "2025-04-03", "RXP-CAL-006", "CalendarDraft/Holiday"},
	    {"<Effective>2026-01-01T", "<Effective>2028-01-01T", "RXP-CAL-003", "CalendarDraft"},
	    {"<Effective>2026-01-01T", "<Effective>2026-02-30T", "RXP-PRF-004", "CalendarDraft"},
	    {"2025-10-26T01:00", "2026-01-01T01:00", "RXP-CAL-004", "CalendarDraft/Zone"},
	    {"2025-10-26T01:00", "2025-12-31T23:00", NULL, NULL},
	    {"2026-10-25T01:00", "2026-03-29T01:00", "RXP-CAL-004", "CalendarDraft/Zone/Offset"},
	    {"2026-10-25T01:00", "2026-10-25T22:00", NULL, NULL},
	    {"2026-10-25T01:00", "2026-10-25T22:01", "RXP-CAL-004", "CalendarDraft/Zone/Offset"},
	    {"2027-10-31T01:00:00.000Z\" minutes=\"60\"",
		"2027-10-31T01:00:00.000Z\" minutes=\"-60\"", NULL, NULL},
	    {"2026-03-29T01:00:00.000Z\" minutes=\"120\"",
		"2026-03-29T01:00:00.000Z\" minutes=\"+120\"", "RXP-PRF-002",
		"CalendarDraft/Zone/Offset"},
	    {"2026-03-29T01:00:00.000Z\" minutes=\"120\"",
		"2026-03-29T01:00:00.000Z\" minutes=\"841\"", "RXP-PRF-002",
		"CalendarDraft/Zone/Offset"},
	    {"<Weekend>saturday<", "<Weekend>sunday<", "RXP-PRF-005", "CalendarDraft/Weekend"},
	    {"<Weekend>saturday<", "<Weekend>Saturday<", "RXP-PRF-002", "CalendarDraft/Weekend"},
	    {"<Weekend>saturday</Weekend>", "", NULL, NULL},
	    {"<Version>1<", "<Version>0<", "RXP-PRF-002", "CalendarDraft/Version"},
	    {"<Owner>QRA</Owner>", "<Owner>QRA</Owner><Extra/>", "RXP-PRF-002", "CalendarDraft/*"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf draft = terms_change("calendars/qra-1", cases[i].from, cases[i].to);
		struct rxp_reason reason = {.requirement = "none"};
		struct rxp_calendar c;
		int rc = rxp_calendar_draft(&c, draft.data, draft.len, &reason);

		if (cases[i].requirement == NULL)
			assert_int_equal(rc, 0);
		else if (rc != RXP_ERR_SCHEMA ||
			 strcmp(reason.requirement, cases[i].requirement) != 0 ||
			 !example_place_is(reason.place, cases[i].place))
			fail_msg("%s: %d %s %s", cases[i].to, rc, reason.requirement, reason.place);
		rxp_buf_free(&draft);
	}
}

static void test_versions(void **state)
{
	struct rxp_calendar *one = terms_calendar("qra-1");
	struct rxp_calendar *two = terms_calendar("qra-2");
	struct rxp_calendar *qrb = terms_calendar("qrb-1");
	struct rxp_calendar next = *two;
	struct rxp_reason reason;

	(void)state;
	assert_int_equal(rxp_calendar_succeeds(one, two, &reason), 0);
	assert_int_equal(rxp_calendar_succeeds(two, one, &reason), RXP_ERR_MISMATCH);
	assert_string_equal(reason.requirement, "RXP-PRF-016");
	assert_int_equal(rxp_calendar_succeeds(two, two, &reason), RXP_ERR_MISMATCH);
	assert_int_equal(rxp_calendar_succeeds(qrb, two, &reason), RXP_ERR_MISMATCH);
	next.effective_ms = one->effective_ms;
	assert_int_equal(rxp_calendar_succeeds(one, &next, &reason), RXP_ERR_MISMATCH);
	next.effective_ms++;
	assert_int_equal(rxp_calendar_succeeds(one, &next, &reason), 0);
	free(one);
	free(two);
	free(qrb);
}

/* RXP-CAL-007: the first version may look back, a later one not. */
static void test_never_retroactive(void **state)
{
	static const struct {
		const char *name;
		int after;
		int rc;
	} cases[] = {{"calendars/qra-1", 1, 0}, {"calendars/qra-2", 0, 0},
	    {"calendars/qra-2", 1, RXP_ERR_SCHEMA}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf draft = terms_read(cases[i].name);
		struct rxp_reason reason = {.requirement = ""};
		struct rxp_calendar c;
		struct rxp_buf sealed;

		assert_int_equal(rxp_calendar_draft(&c, draft.data, draft.len, NULL), 0);
		sealed = seal(draft, "QRA", c.effective_ms + cases[i].after);
		assert_int_equal(open_under(&c, &sealed, "QRA", &key, &reason), cases[i].rc);
		if (cases[i].rc != 0)
			assert_string_equal(reason.requirement, "RXP-CAL-007");
		rxp_buf_free(&sealed);
	}
}

static void test_days_meet(void **state)
{
	static const char *const names[] = {"qra-1", "qra-2", "qrb-1", "qrc-1"};

	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct rxp_calendar *c = terms_calendar(names[i]);

		for (int32_t d = c->first_day; d <= c->last_day; d++) {
			int64_t end = rxp_calendar_day_end(c, d);

			assert_int_equal(rxp_calendar_day(c, end), d);
			assert_int_equal(rxp_calendar_day(c, end + 1), d + 1);
		}
		free(c);
	}
}

/* A day that never comes ends with the day before. */
static void test_skipped_day(void **state)
{
	struct rxp_calendar c = {
	    .n_offsets = 2, .offsets = {{0, -600}, {at("2026-12-30T10:00:00.000Z"), 840}}};

	(void)state;
	assert_int_equal(rxp_calendar_day(&c, at("2026-12-30T09:59:59.999Z")), day("2026-12-29"));
	assert_int_equal(rxp_calendar_day(&c, at("2026-12-30T10:00:00.000Z")), day("2026-12-31"));
	assert_true(rxp_calendar_day_end(&c, day("2026-12-29")) == at("2026-12-30T09:59:59.999Z"));
	assert_true(rxp_calendar_day_end(&c, day("2026-12-30")) == at("2026-12-30T09:59:59.999Z"));
	assert_true(rxp_calendar_day_end(&c, day("2026-12-31")) == at("2026-12-31T09:59:59.999Z"));
}

static void test_dates(void **state)
{
	static const char *const wrong[] = {"1969-12-31", "2026-02-29", "2026-13-01", "2026-00-01",
	    "2026-01-00", "2026-1-01", "2026-01-32", "2026/01/01", "2026-01-01 ", ""};
	char text[RXP_DAY_TEXT];
	int32_t number;

	(void)state;
	for (int32_t d = 0; d <= RXP_MAX_DAY; d += 97) {
		rxp_day_text(text, d);
		assert_int_equal(day(text), d);
	}
	rxp_day_text(text, RXP_MAX_DAY);
	assert_string_equal(text, "9999-12-31");
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		assert_int_equal(rxp_day_parse(&number, wrong[i]), RXP_ERR_SYNTAX);
	assert_int_equal(rxp_day_weekday(day("2026-06-08")), RXP_MONDAY);
	assert_int_equal(rxp_day_weekday(0), RXP_THURSDAY);
	assert_int_equal(rxp_day_add_months(day("2026-01-31"), 1), day("2026-02-28"));
	assert_int_equal(rxp_day_add_months(day("2028-01-31"), 1), day("2028-02-29"));
	assert_int_equal(rxp_day_add_months(day("2026-10-31"), 4), day("2027-02-28"));
	assert_int_equal(rxp_day_add_months(day("2026-12-01"), 12), day("2027-12-01"));
	assert_int_equal(rxp_day_add_months(day("2026-11-30"), 1), day("2026-12-30"));
}

static int set_up(void **state)
{
	(void)state;
	fixture_key_make(&key, RXP_SEAL_ECDSA_P256);
	fixture_key_make(&other_key, RXP_SEAL_ECDSA_P256);
	return rxp_init();
}

static int tear_down(void **state)
{
	(void)state;
	fixture_key_clear(&key);
	fixture_key_clear(&other_key);
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_reads),
	    cmocka_unit_test(test_sealed),
	    cmocka_unit_test(test_value_is_no_layout),
	    cmocka_unit_test(test_wrong_seal),
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_versions),
	    cmocka_unit_test(test_never_retroactive),
	    cmocka_unit_test(test_days_meet),
	    cmocka_unit_test(test_skipped_day),
	    cmocka_unit_test(test_dates),
	};

	return cmocka_run_group_tests_name("calendar", tests, set_up, tear_down);
}
