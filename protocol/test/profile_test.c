/*
 * Goals:
 *  - every shipped profile reads; those of real agreements are unverified, name no party twice and give
 *    silence no word that the table of agreements does not give; sealed, they come back the same, and
 *    two publishers of the same terms name the same digest;
 *  - RXP-PRF-002 to 012: each negative changes one thing of a profile that reads, and the reason names
 *    its requirement and its place; a wrong seal, a foreign publisher, a draft and another kind are
 *    refused;
 *  - the lists of the schema are those of the tables;
 *  - hostile octets are refused and break nothing (seed printed).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/init.h"
#include "protocol/terms/profile.h"
#include "protocol/terms/terms.h"
#include "protocol/test/example.h"
#include "protocol/test/fixture.h"
#include "protocol/test/terms_file.h"
#include "protocol/xml/schema_data.h"

static const char *const agreements[] = {"albania", "armenia", "azerbaijan", "belarus",
    "bosnia-and-herzegovina", "cabo-verde", "denmark-iraq", "georgia", "hong-kong", "macao",
    "moldova", "montenegro", "north-macedonia", "pakistan", "russia", "serbia", "sri-lanka",
    "turkey", "ukraine"};

static struct fixture_key key, other_key;
static struct rxp_profile p, q; /* big; each test begins by reading into them */

static int read_draft(struct rxp_profile *out, struct rxp_buf octets, struct rxp_reason *reason)
{
	int rc = rxp_profile_draft(out, octets.data, octets.len, reason);

	rxp_buf_free(&octets);
	return rc;
}

static struct rxp_buf seal(struct rxp_buf draft, const char *party)
{
	return terms_seal(draft, RXP_KIND_PROFILE, party, &key, FIXTURE_TIME_MS);
}

static void must_seal(struct rxp_profile *out, const char *name, const char *party)
{
	assert_int_equal(terms_open(out, seal(terms_read(name), party), party, &key, NULL), 0);
}

static void test_agreements(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof agreements / sizeof agreements[0]; i++) {
		struct rxp_reason reason = {.text = ""};

		if (read_draft(&p, terms_read(agreements[i]), &reason) != 0)
			fail_msg("%s: line %lu: %s", agreements[i], reason.line, reason.text);
		assert_int_equal(p.status, RXP_STATUS_UNVERIFIED);
		assert_true(p.has_sides && !p.has_base);
		assert_int_equal(p.counting.calendar, RXP_CALENDAR_REQUESTED);
		assert_int_not_equal(p.clocks[RXP_CLOCK_REPLY].source, RXP_WORD_ABSENT);
		assert_int_not_equal(p.silences.n, 0);
		assert_int_equal(
		    rxp_profile_silence(&p, RXP_PERSONS_OWN_NATIONALS, RXP_AFTER_ACCELERATED),
		    RXP_SILENCE_NOTHING);
	}
	assert_int_equal(read_draft(&p, terms_read("serbia"), NULL), 0);
	assert_int_equal(p.clocks[RXP_CLOCK_EXTENSION].mode, RXP_MODE_ADDITIVE);
	assert_int_equal(p.clocks[RXP_CLOCK_EXTENSION].value, 6);
	assert_true(p.clocks[RXP_CLOCK_TRANSFER].extendable);
	assert_int_equal(p.clocks[RXP_CLOCK_REPLY].source, RXP_SOURCE_INFERRED);
	assert_int_equal(rxp_profile_silence(&p, RXP_PERSONS_THIRD_COUNTRY, RXP_AFTER_EXTENSION),
	    RXP_SILENCE_CONSENT);
	assert_int_equal(read_draft(&p, terms_read("belarus"), NULL), 0);
	assert_int_equal(
	    rxp_profile_chapter(&p, RXP_CHAPTER_OWN_NATIONALS, 20000), RXP_CHAPTER_STATE_SUSPENDED);
	assert_int_equal(read_draft(&p, terms_read("sri-lanka"), NULL), 0);
	assert_int_equal(rxp_profile_silence(&p, RXP_PERSONS_OWN_NATIONALS, RXP_AFTER_REPLY),
	    RXP_SILENCE_NOTHING);
	assert_int_equal(p.clocks[RXP_CLOCK_TRANSIT_REPLY].unit, RXP_UNIT_UNKNOWN);
}

/* Customary law sets no clock and lets silence say nothing. */
static void test_customary(void **state)
{
	(void)state;
	must_seal(&p, "customary", "QRA");
	must_seal(&q, "customary", "QRB");
	assert_memory_equal(p.digest, q.digest, sizeof p.digest);
	for (int i = 0; i < RXP_CLOCK_COUNT; i++)
		assert_false(rxp_unit_counts(p.clocks[i].unit));
	for (int persons = RXP_PERSONS_OWN_NATIONALS; persons <= RXP_PERSONS_THIRD_COUNTRY;
	     persons++)
		for (int after = RXP_AFTER_REPLY; after <= RXP_AFTER_EXTENSION; after++)
			assert_int_equal(
			    rxp_profile_silence(&p, persons, after), RXP_SILENCE_NOTHING);
	assert_true(rxp_profile_fits(&p, "QRA", "QRB"));
	assert_true(rxp_profile_fits(&p, "QRB", "QRA"));
	assert_false(rxp_profile_fits(&p, "QRB", "QRC"));
	assert_false(rxp_profile_fits(&p, "QRA", "QRA"));
}

static void test_all_comes_back(void **state)
{
	(void)state;
	must_seal(&p, "generic-test", "QRA");
	assert_string_equal(p.publisher, "QRA");
	assert_string_equal(p.id, "generic-test");
	assert_true(p.created_ms == FIXTURE_TIME_MS && p.version == 1);
	assert_int_equal(p.status, RXP_STATUS_TEST);
	for (int i = 0; i < RXP_CLOCK_COUNT; i++)
		assert_int_equal(p.clocks[i].source, RXP_SOURCE_INVENTED);
	assert_int_equal(p.clocks[RXP_CLOCK_REPLY].start, RXP_START_REGISTRATION);
	assert_int_equal(p.clocks[RXP_CLOCK_ACCELERATED_REPLY].start, RXP_WORD_ABSENT);
	assert_int_equal(rxp_profile_effect(&p, RXP_DISTURBANCE_OUTAGE), RXP_EFFECT_EXTEND);
	assert_int_equal(rxp_profile_effect(&p, RXP_DISTURBANCE_ATTEMPT), RXP_EFFECT_STOP);
	assert_int_equal(p.languages.n, 2);
	assert_string_equal(p.languages.rows[1], "fr");
	assert_int_equal(p.offices.n, 6);
	assert_string_equal(p.crossing_points.rows[3].code, "PORT1");
	assert_int_equal(p.evidence.n, 5);
	assert_string_equal(p.evidence.rows[3].kind, "own-statement");
	assert_int_equal(p.attachments.pending, RXP_PENDING_CLOCK_WAITS);
	assert_int_equal(p.retention.rows[2].months, 24);
	assert_int_equal(p.remarks.n, 1);
	assert_string_equal(rxp_profile_calendar(&p, "QRA", "QRB"), "QRB");
	assert_true(rxp_profile_in_time(&p, p.starts_ms));
	assert_false(rxp_profile_in_time(&p, p.starts_ms - 1));
}

/* --- refused --------------------------------------------------------------------------------- */

#define D "ProfileDraft"
#define REPLY "<Clock of=\"reply\" value=\"8\" unit=\"calendar-days\" starts=\"registration\""
#define NOTICE "<Clock of=\"notice\" value=\"5\" unit=\"working-days\""

/* One change of generic-test, and why it is refused; NULL: it is not. */
static const struct {
	const char *from, *to, *requirement, *place;
} rules[] = {
    {"<Language>en<", "<Tongue>en</Tongue><Language>en<", "RXP-PRF-002", D "/*"},
    {"<Status>test<", "<Status>final<", "RXP-PRF-002", D "/Status"},
    {"<Status>test<", "<Status>verified<", NULL, NULL},
    {REPLY " source=\"X\"", REPLY, "RXP-PRF-002", D "/Clock"},
    {REPLY " source=\"X\"", REPLY " source=\"Y\"", "RXP-PRF-002", D "/Clock"},
    {REPLY " source=\"X\"", REPLY " source=\"T\"", NULL, NULL},
    {REPLY, "<Clock of=\"answer\" value=\"8\" unit=\"calendar-days\"", "RXP-PRF-002", D "/Clock"},
    {REPLY, "<Clock of=\"reply\" value=\"8\" unit=\"weeks\"", "RXP-PRF-002", D "/Clock"},
    {REPLY, "<Clock of=\"reply\" value=\"0\" unit=\"calendar-days\"", "RXP-PRF-002", D "/Clock"},
    {REPLY, "<Clock of=\"reply\" value=\"3661\" unit=\"calendar-days\"", "RXP-PRF-002", D "/Clock"},
    {REPLY, "<Clock of=\"reply\" value=\"3660\" unit=\"hours\"", NULL, NULL},
    {REPLY, "<Clock of=\"reply\" unit=\"calendar-days\"", "RXP-PRF-008", D "/Clock"},
    {REPLY, "<Clock of=\"reply\" value=\"8\" unit=\"none\"", "RXP-PRF-008", D "/Clock"},
    {REPLY, "<Clock of=\"reply\" unit=\"none\"", NULL, NULL},
    {REPLY, "<Clock of=\"reply\" unit=\"none\" starts=\"receipt\"", "RXP-PRF-009", D "/Clock"},
    {REPLY, "<Clock of=\"reply\" value=\"8\" unit=\"calendar-days\" mode=\"additive\"",
	"RXP-PRF-010", D "/Clock"},
    {REPLY, "<Clock of=\"reply\" value=\"8\" unit=\"calendar-days\" consent=\"yes\"", "RXP-PRF-010",
	D "/Clock"},
    {NOTICE, "<Clock of=\"notice\" value=\"5\" unit=\"months\"", "RXP-PRF-008", D "/Clock"},
    {NOTICE, NOTICE " starts=\"receipt\"", "RXP-PRF-009", D "/Clock"},
    {"of=\"notice\"", "of=\"transfer-answer\"", "RXP-PRF-005", D "/Clock"},
    {" mode=\"additive\"", "", "RXP-PRF-010", D "/Clock"},
    {" mode=\"additive\"", " mode=\"absolute\"", NULL, NULL},
    {"of=\"extension\" value=\"6\" unit=\"calendar-days\"",
	"of=\"extension\" value=\"6\" unit=\"hours\"", "RXP-PRF-008", D "/Clock"},
    {"2026-01-01T00:00:00.000Z</Starts>", "2026-02-30T00:00:00.000Z</Starts>", "RXP-PRF-004", D},
    {"</Starts>", "</Starts><Ends>2026-01-01T00:00:00.000Z</Ends>", "RXP-PRF-004", D},
    {"</Starts>", "</Starts><Ends>2026-01-01T00:00:00.001Z</Ends>", NULL, NULL},
    {"name=\"transit\" state=\"in-force\" from=\"2026-01-01\"",
	"name=\"transit\" state=\"in-force\" from=\"2026-01-01\" until=\"2025-12-31\"",
	"RXP-PRF-004", D "/Chapter"},
    {"name=\"transit\" state=\"in-force\" from=\"2026-01-01\"",
	"name=\"transit\" state=\"in-force\" from=\"2026-01-01\" until=\"2026-01-01\"", NULL, NULL},
    {"name=\"transit\" state=\"in-force\" from=\"2026-01-01\"",
	"name=\"transit\" state=\"in-force\" from=\"2026-02-29\"", "RXP-PRF-004", D "/Chapter"},
    {"name=\"transit\"", "name=\"third-country\"", "RXP-PRF-005", D "/Chapter"},
    {"for=\"third-country\"", "for=\"own-nationals\"", "RXP-PRF-005", D "/Silence"},
    {"of=\"attempt\"", "of=\"outage\"", "RXP-PRF-005", D "/Effect"},
    {"list=\"2\" kind=\"own-statement\"", "list=\"2\" kind=\"driving-licence\"", "RXP-PRF-005",
	D "/Evidence"},
    {"after=\"lapsed\"", "after=\"refused\"", "RXP-PRF-005", D "/Retention"},
    {"<Fallback by=\"eu-standard-document\" source=\"X\"/>",
	"<Fallback by=\"eu-standard-document\" source=\"X\"/>"
	"<Fallback by=\"reply\" source=\"X\"/>",
	"RXP-PRF-005", D "/Fallback"},
    {"<Fallback by=\"eu-standard-document\" source=\"X\"/>",
	"<Fallback by=\"eu-standard-document\" source=\"X\"/>"
	"<Fallback requested=\"QRB\" by=\"reply\" source=\"X\"/>",
	NULL, NULL},
    {"<Counting calendar=\"requested\" roll=\"next-working-day\" source=\"X\"/>", "", "RXP-PRF-012",
	""},
    {"roll=\"next-working-day\"", "roll=\"next-working-day\" cutOff=\"24:00\"", "RXP-PRF-002",
	D "/Counting"},
    {"roll=\"next-working-day\"", "roll=\"next-working-day\" cutOff=\"23:59\"", NULL, NULL},
    {"</Starts>", "</Starts><Side><Party>QRA</Party></Side>", "RXP-PRF-006", ""},
    {"</Starts>",
	"</Starts><Side><Party>QRA</Party></Side><Side><Party>QRB</Party><Party>QRA</Party></Side>",
	"RXP-PRF-006", D "/Side"},
    {"</Starts>", "</Starts><Side><Party>QRA</Party></Side><Side><Party>QRB</Party></Side>", NULL,
	NULL},
    {"</Starts>", "</Starts><Side><Party>QRA</Party></Side><Side><Party>UTO</Party></Side>",
	"RXP-PRF-007", ""},
    {"<Id>generic-test<", "<Id>-generic-test<", "RXP-PRF-002", D "/Id"},
    {"<Version>1<", "<Version>01<", "RXP-PRF-002", D "/Version"},
};

static void test_rules(void **state)
{
	unsigned wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
		struct rxp_reason reason = {.requirement = "none"};
		int rc = read_draft(
		    &p, terms_change("generic-test", rules[i].from, rules[i].to), &reason);
		bool right = rules[i].requirement == NULL
				 ? rc == 0
				 : rc == RXP_ERR_SCHEMA &&
				       strcmp(reason.requirement, rules[i].requirement) == 0 &&
				       example_place_is(reason.place, rules[i].place);

		if (!right) {
			print_message("%s: %d %s at '%s'\n", rules[i].to, rc, reason.requirement,
			    reason.place);
			wrong++;
		}
	}
	assert_int_equal(wrong, 0);
}

static void assert_refused(
    struct rxp_buf octets, const char *party, int rc, const char *requirement)
{
	struct rxp_reason reason = {.requirement = "none"};

	assert_int_equal(terms_open(&p, octets, party, &key, &reason), rc);
	if (rc != 0)
		assert_string_equal(reason.requirement, requirement);
}

static void test_wrong_seal(void **state)
{
	struct rxp_buf octets = seal(terms_read("generic-test"), "QRA");
	struct rxp_buf calendar = terms_read("calendars/qra-1");
	struct rxp_signer signer = rxp_key_signer_interface(key.signer);
	struct rxp_buf out;
	uint8_t *value;

	(void)state;
	assert_refused(terms_seal(terms_read("generic-test"), RXP_KIND_PROFILE, "QRA", &other_key,
			   FIXTURE_TIME_MS),
	    "QRA", RXP_ERR_SIGNER, "RXP-PRF-003");
	assert_refused(
	    seal(terms_read("generic-test"), "QRA"), "QRB", RXP_ERR_MISMATCH, "RXP-PRF-003");
	assert_refused(terms_read("generic-test"), "QRA", RXP_ERR_STRICT, "RXP-PRF-002");
	assert_refused(terms_seal(terms_read("calendars/qra-1"), RXP_KIND_CALENDAR, "QRA", &key,
			   FIXTURE_TIME_MS),
	    "QRA", RXP_ERR_STRUCTURE, "RXP-PRF-002");
	value = memmem(octets.data, octets.len, "value=\"8\"", 9);
	assert_non_null(value);
	value[7] = '9';
	assert_refused(octets, "QRA", RXP_ERR_SEAL, "RXP-PRF-003");
	rxp_buf_init(&out, RXP_MAX_TERMS_OCTETS);
	assert_int_equal(rxp_terms_seal(&out, RXP_KIND_PROFILE, calendar.data, calendar.len, "QRA",
			     FIXTURE_TIME_MS, &signer, NULL),
	    RXP_ERR_SCHEMA);
	assert_int_equal(out.len, 0);
	rxp_buf_free(&calendar);
}

#define SIDES(one, other) \
	"</Starts><Side><Party>" one "</Party></Side><Side><Party>" other "</Party></Side>"

static void test_publisher(void **state)
{
	(void)state;
	assert_int_equal(
	    terms_open(&p,
		seal(terms_change("generic-test", "</Starts>", SIDES("QRA", "QRB")), "QRB"), "QRB",
		&key, NULL),
	    0);
	assert_true(rxp_profile_fits(&p, "QRA", "QRB"));
	assert_false(rxp_profile_fits(&p, "QRB", "QRC"));
	assert_refused(seal(terms_change("generic-test", "</Starts>", SIDES("QRA", "QRB")), "QRC"),
	    "QRC", RXP_ERR_MISMATCH, "RXP-PRF-006");
	assert_refused(
	    seal(terms_read("generic-test"), "UTO"), "UTO", RXP_ERR_SCHEMA, "RXP-PRF-007");
	assert_int_equal(
	    terms_open(&p, seal(terms_read("customary"), "UTO"), "UTO", &key, NULL), 0);
}

#define TIGHT \
	"<Id>tight</Id><Version>1</Version><Status>test</Status><Title>Tight</Title>" \
	"<Starts>2026-01-01T00:00:00.000Z</Starts><Side><Party>QRA</Party></Side>" \
	"<Side><Party>QRB</Party></Side>" \
	"<Counting calendar=\"requested\" roll=\"none\" source=\"X\"></Counting>"

/* Text between the elements of a sealed Body would make the digest a matter of layout. */
static void test_layout(void **state)
{
	static const struct {
		const char *from, *to;
		int rc;
	} cases[] = {{"</Id>", "</Id>", 0}, {"</Id>", "</Id> ", RXP_ERR_SCHEMA},
	    {"<Side>", "<Side>\n", RXP_ERR_SCHEMA}};
	struct rxp_signer signer = rxp_key_signer_interface(key.signer);
	struct rxp_buf header =
	    fixture_text("<Party>QRA</Party><Created>2026-11-23T10:00:00.000Z</Created>");

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_buf text = fixture_text(TIGHT);
		struct rxp_buf body, out;
		const char *at;
		uint8_t fingerprint[32];

		rxp_buf_init(&body, RXP_MAX_TERMS_OCTETS);
		rxp_buf_init(&out, RXP_MAX_TERMS_OCTETS);
		at = memmem(text.data, text.len, cases[i].from, strlen(cases[i].from));
		assert_non_null(at);
		rxp_buf_put(&body, text.data, (size_t)((const uint8_t *)at - text.data));
		rxp_buf_puts(&body, cases[i].to);
		rxp_buf_puts(
		    &body, TIGHT + ((const uint8_t *)at - text.data) + strlen(cases[i].from));
		assert_int_equal(rxp_seal_sign(&out, RXP_KIND_PROFILE, &header, &body,
				     FIXTURE_TIME_MS, &signer, fingerprint),
		    0);
		assert_refused(out, "QRA", cases[i].rc, "RXP-PRF-002");
		rxp_buf_free(&body);
		rxp_buf_free(&text);
	}
	rxp_buf_free(&header);
}

/* --- chapters and lists -------------------------------------------------------------------- */

static void test_chapters(void **state)
{
	int32_t from, until;

	(void)state;
	assert_int_equal(read_draft(&p,
			     terms_change("generic-test", "name=\"transit\" state=\"in-force\"",
				 "name=\"transit\" state=\"in-force\" until=\"2027-01-01\""),
			     NULL),
	    0);
	assert_int_equal(rxp_day_parse(&from, "2026-01-01"), 0);
	assert_int_equal(rxp_day_parse(&until, "2027-01-01"), 0);
	assert_int_equal(rxp_profile_chapter(&p, RXP_CHAPTER_TRANSIT, from - 1), RXP_WORD_ABSENT);
	assert_int_equal(
	    rxp_profile_chapter(&p, RXP_CHAPTER_TRANSIT, from), RXP_CHAPTER_STATE_IN_FORCE);
	assert_int_equal(
	    rxp_profile_chapter(&p, RXP_CHAPTER_TRANSIT, until), RXP_CHAPTER_STATE_IN_FORCE);
	assert_int_equal(rxp_profile_chapter(&p, RXP_CHAPTER_TRANSIT, until + 1), RXP_WORD_ABSENT);
	assert_int_equal(rxp_profile_chapter(&p, RXP_CHAPTER_OWN_NATIONALS, until + 1),
	    RXP_CHAPTER_STATE_IN_FORCE);
}

/* --- lists ------------------------------------------------------------------------------------ */

/* The text of a simple type in the schema of profiles; free() it. */
static char *simple_type(const char *name)
{
	const struct rxp_embedded *e = rxp_embedded_schemas;
	char start[80];
	const char *from;
	const char *to;

	while (e->name != NULL && strcmp(e->name, "profile.xsd") != 0)
		e++;
	assert_non_null(e->name);
	snprintf(start, sizeof start, "<xs:simpleType name=\"%s\">", name);
	from = memmem(e->octets, e->len, start, strlen(start));
	assert_non_null(from);
	to = strstr(from, "</xs:simpleType>");
	assert_non_null(to);
	return strndup(from, (size_t)(to - from));
}

static void assert_in_schema(const char *type, const char *const *list, size_t n)
{
	char *text = simple_type(type);
	size_t found = 0;

	for (const char *at = text; (at = strstr(at, "<xs:enumeration")) != NULL; at++)
		found++;
	if (found != n)
		fail_msg("%s: %zu words in the schema, %zu in the table", type, found, n);
	for (size_t i = 0; i < n; i++) {
		char value[80];

		snprintf(value, sizeof value, "value=\"%s\"", list[i]);
		if (strstr(text, value) == NULL)
			fail_msg("%s: the schema lacks %s", type, list[i]);
	}
	free(text);
}

static void test_lists(void **state)
{
	const char *list[RXP_WORD_COUNT];
	enum rxp_clock clock = RXP_CLOCK_COUNT;

	(void)state;
	for (int l = 0; l < RXP_LIST_COUNT; l++) {
		size_t n = 0;

		for (int w = 1; w < RXP_WORD_COUNT; w++) {
			enum rxp_word back = RXP_WORD_ABSENT;

			if (rxp_word_list(w) != (enum rxp_word_list)l)
				continue;
			list[n++] = rxp_word_text(w);
			assert_int_equal(rxp_word_parse(&back, l, rxp_word_text(w)), 0);
			assert_int_equal(back, w);
			assert_true(strlen(rxp_word_meaning(w)) > 0);
		}
		assert_in_schema(rxp_list_type(l), list, n);
		assert_true(strlen(rxp_list_about(l)) > 0);
	}
	for (int i = 0; i < RXP_CLOCK_COUNT; i++) {
		list[i] = rxp_clock_row(i)->word;
		assert_int_equal(rxp_clock_parse(&clock, list[i]), 0);
		assert_int_equal(clock, i);
	}
	assert_in_schema("ClockName", list, RXP_CLOCK_COUNT);
	assert_int_equal(rxp_clock_parse(&clock, "nothing"), RXP_ERR_NOT_FOUND);
}

/* --- hostile ---------------------------------------------------------------------------------- */

static void test_hostile(void **state)
{
	uint64_t seed = (uint64_t)time(NULL);
	struct rxp_buf octets = terms_read("generic-test");
	unsigned taken = 0;

	(void)state;
	print_message("seed %llu\n", (unsigned long long)seed);
	for (unsigned i = 0; i < 3000; i++) {
		size_t at;
		uint8_t before;

		seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		at = (size_t)(seed >> 33) % octets.len;
		before = octets.data[at];
		octets.data[at] = (uint8_t)(seed >> 20);
		taken += rxp_profile_draft(&p, octets.data, octets.len, NULL) == 0;
		octets.data[at] = before;
	}
	assert_in_range(taken, 1, 2999);
	rxp_buf_free(&octets);
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
	    cmocka_unit_test(test_agreements),
	    cmocka_unit_test(test_customary),
	    cmocka_unit_test(test_all_comes_back),
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_wrong_seal),
	    cmocka_unit_test(test_publisher),
	    cmocka_unit_test(test_layout),
	    cmocka_unit_test(test_chapters),
	    cmocka_unit_test(test_lists),
	    cmocka_unit_test(test_hostile),
	};

	return cmocka_run_group_tests_name("profile", tests, set_up, tear_down);
}
