/*
 * Goals of what a profile lists, with everything around the registry played:
 * - our document that names an office, a crossing point or a fallback which the profile of the case does not list is
 *   refused at the desk, with the requirement and each place, and its twin goes; the record of a fact goes
 *   (RXP-PRF-028);
 * - a peer's is receipted with the flag `unlisted`, and its twin without (RXP-FLG-010);
 * - under the profile of the specification, which has no such list, nothing is said;
 * - the clock of the travel document shows what serves otherwise (RXP-CLK-031), and that is not used before its time
 *   (RXP-FLG-011).
 * The comparison itself is protocol/test/listed_test.c's.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_clock_rig.h"

#define NOTIFICATION "TransferNotification"
#define FALLBACK "StandardTravelDocumentNotice"

static struct facts at(struct facts f, const char *parent, const char *point)
{
	return case_facts_named(f, "CrossingPoint", parent, point);
}

static struct facts notice_of(const char *arrival)
{
	return at(at(case_facts("notify-own-document", 1, 1, NULL), "Departure", "icao:QASC"),
	    "Arrival", arrival);
}

static struct facts contact(const char *event, const char *office, const uint8_t *about)
{
	return case_facts_named(case_facts(event, 1, 1, about), "Office", "Contact", office);
}

static struct facts fallback(const char *word)
{
	return case_facts_named(
	    case_facts("use-standard-document", 1, 1, NULL), "Fallback", "Person", word);
}

/* Refused, with these places, each followed by a space; taken if there is none. */
static void offered(struct world *w, const char *key, uint8_t case_id[16], const char *type,
    struct facts f, const char *places)
{
	const struct world_answer *a = case_submit(w, key, case_id, type, &f);
	struct record_cursor c = {.at = a->octets, .left = a->len};
	char got[RECORD_NAME_MAX] = "";
	struct rec_violation v;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal((int)a->result, places[0] != '\0' ? RXP_ERR_NOT_ACCEPTABLE : 0);
	while (record_list_next(&c, &tag, &fields) == 1) {
		assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
		assert_string_equal(v.requirement, "RXP-PRF-028");
		snprintf(got + strlen(got), sizeof got - strlen(got), "%.*s ", (int)v.path.len,
		    (const char *)v.path.data);
	}
	assert_string_equal(got, places);
}

/* Our case in which P1 is accepted, under a profile that is held. */
static void accepted(struct world *w, uint8_t case_id[16], const struct rxp_profile *p)
{
	struct fake_envelope application, reply;

	clock_rig_hold(w, p);
	application = clock_rig_asked(w, case_id);
	reply = clock_rig_reply(case_id, &application);
	assert_string_equal(clock_rig_flags(w, &reply), "");
}

static void test_ours(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	uint8_t case_id[16];

	accepted(w, case_id, &p);
	offered(w, "key-1", case_id, NOTIFICATION, notice_of("iata:ZNU"), "Arrival ");
	offered(w, "key-2", case_id, NOTIFICATION,
	    case_facts_named(notice_of("icao:QASC"), "Office", "Contact", "HEALTH"),
	    "Arrival Contact ");
	offered(w, "key-3", case_id, FALLBACK, fallback("reply"), "Person ");
	offered(w, "key-4", case_id, NOTIFICATION,
	    case_facts_named(notice_of("iata:ZNT"), "Office", "Contact", "RETURNS"), "");
}

static void test_a_case_that_opens(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();

	clock_rig_hold(w, &p);
	offered(w, "key-1", NULL, APPLICATION, contact("apply", "NODE", NULL), "Contact ");
	offered(w, "key-2", NULL, APPLICATION, contact("apply", "RETURNS", NULL), "");
}

/* What happened is said, whatever was agreed. */
static void test_our_record(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	uint8_t case_id[16], id[16];

	accepted(w, case_id, &p);
	case_accepted(w, "key-1", case_id, NOTIFICATION, notice_of("iata:ZNT"), id);
	case_receipt(w, 2, id);
	offered(w, "key-2", case_id, RECORD,
	    at(case_facts("not-perform", 1, 1, NULL), "Delivered", "iata:ZNU"), "");
}

static void test_theirs(void **state)
{
	static const struct {
		const char *office, *flags;
	} rows[] = {{"READMISSION", ""}, {"HEALTH", "unlisted"}};
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();

	clock_rig_hold(w, &p);
	for (uint8_t i = 0; i < 2; i++) {
		struct fake_envelope application;
		struct fake_envelope reply;
		uint8_t case_id[16], id[16];
		char key[16];

		snprintf(key, sizeof key, "key-%u", i);
		case_accepted(w, key, case_id, APPLICATION, case_facts("apply", 1, 1, NULL), id);
		application = case_receipt(w, i + 1u, id);
		reply = case_document((uint8_t)(60 + i), case_id, REPLY, 1,
		    contact("accept", rows[i].office, application.fingerprint));
		case_seen(&reply, &application);
		assert_string_equal(clock_rig_flags(w, &reply), rows[i].flags);
	}
}

static void test_without_a_list(void **state)
{
	struct world *w = *state;
	struct fake_envelope application, reply;
	uint8_t case_id[16];

	assert_int_equal(world_add_peer(w, 1)->result, 0);
	application = clock_rig_asked(w, case_id);
	reply = case_document(
	    60, case_id, REPLY, 1, contact("accept", "HEALTH", application.fingerprint));
	case_seen(&reply, &application);
	assert_string_equal(clock_rig_flags(w, &reply), "");
	offered(w, "key-3", case_id, FALLBACK, fallback("reply"), "");
}

static void test_fallback(void **state)
{
	struct world *w = *state;
	struct rxp_profile p = clock_rig_two_days();
	const struct world_answer *a;
	struct facts f = fallback("eu-standard-document");
	struct shown s;
	uint8_t case_id[16];
	size_t seen = 0;

	terms_rig_limit(&p, RXP_CLOCK_TRAVEL_DOCUMENT, 3, RXP_UNIT_CALENDAR_DAYS);
	accepted(w, case_id, &p);
	case_show(w, case_id, &s);
	for (size_t i = 0; i < s.n_clocks; i++) {
		bool is = strcmp(s.clocks[i].clock, "travel-document") == 0;

		seen += is;
		assert_string_equal(s.clocks[i].fallback, is ? "eu-standard-document" : "");
	}
	assert_int_equal(seen, 1);
	a = case_submit(w, "key-2", case_id, FALLBACK, &f);
	assert_int_equal((int)a->result, RXP_ERR_NOT_ACCEPTABLE);
	assert_string_equal(
	    a->words, "RXP-TDN-002: the time for the travel document has not run out");
	world_move_clock(w, 5 * DAY);
	offered(w, "key-3", case_id, FALLBACK, f, "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
	const struct CMUnitTest tests[] = {
	    TEST(test_ours),
	    TEST(test_a_case_that_opens),
	    TEST(test_our_record),
	    TEST(test_theirs),
	    TEST(test_without_a_list),
	    TEST(test_fallback),
	};

	return cmocka_run_group_tests(tests, terms_rig_read, NULL);
}
