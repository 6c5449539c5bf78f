/*
 * Goals:
 *  - the facts of each example are its persons, what is said about them, and the application named;
 *  - every event of case.def is read from its mark, in a Person or in the content, and every mark of
 *    case.def gives its trait, and neither is read from anything else;
 *  - the facts of an opened Document are also its chain fields, its sender and its fingerprint, and
 *    feed the fold of a case;
 *  - content of another type, persons without or with wrong keys, a person named twice and a person
 *    of whom nothing is said give no facts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/codec.h"
#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/base/random.h"
#include "protocol/base/timestamp.h"
#include "protocol/document/document.h"
#include "protocol/document/facts.h"
#include "protocol/test/example.h"
#include "protocol/test/fixture.h"
#include "protocol/test/library.h"
#include "protocol/xml/xml.h"

#define SOME_DIGEST "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=" /* reply-split.xml names it */
#define TOGETHER (1u << RXP_CASE_TRAIT_TOGETHER)

static int facts_of(struct rxp_case_document *out, enum rxp_type type, const struct rxp_buf *octets)
{
	struct rxp_xml *xml = example_parse(octets);
	int rc = rxp_facts_content(out, type, rxp_xml_root(xml));

	rxp_xml_free(xml);
	return rc;
}

#define ASKED (1u << RXP_CASE_TRAIT_INTERVIEW_ASKED)

static void test_examples(void **unused)
{
	static const struct {
		const char *name;
		enum rxp_type type;
		unsigned n;
		uint8_t keys[3], events[3];
		uint16_t gives[3];
	} examples[] = {
	    {"application-single.xml", RXP_TYPE_READMISSION_APPLICATION, 1, {1},
		{RXP_CASE_EVENT_APPLY}, {1u << RXP_CASE_TRAIT_ACCELERATED}},
	    {"application-third-country.xml", RXP_TYPE_READMISSION_APPLICATION, 1, {1},
		{RXP_CASE_EVENT_APPLY}, {1u << RXP_CASE_TRAIT_THIRD_COUNTRY}},
	    {"application-family.xml", RXP_TYPE_READMISSION_APPLICATION, 3, {1, 2, 3},
		{RXP_CASE_EVENT_APPLY, RXP_CASE_EVENT_APPLY, RXP_CASE_EVENT_APPLY},
		{ASKED | TOGETHER, ASKED | TOGETHER,
		    ASKED | TOGETHER | 1u << RXP_CASE_TRAIT_CHILD}},
	    {"reply-split.xml", RXP_TYPE_READMISSION_REPLY, 3, {1, 2, 3},
		{RXP_CASE_EVENT_ACCEPT, RXP_CASE_EVENT_REFUSE, RXP_CASE_EVENT_ACCEPT},
		{0, 0, 1u << RXP_CASE_TRAIT_GUARDIAN_NAMED}},
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, 1, {2}, {RXP_CASE_EVENT_WITHDRAW}, {0}},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
		struct rxp_buf octets = example_read(examples[i].name);
		struct rxp_case_document facts;

		assert_int_equal(facts_of(&facts, examples[i].type, &octets), 0);
		assert_int_equal(facts.type, examples[i].type);
		assert_int_equal(facts.n_persons, examples[i].n);
		for (unsigned k = 0; k < facts.n_persons; k++) {
			assert_int_equal(facts.persons[k].key, examples[i].keys[k]);
			assert_int_equal(facts.persons[k].event, examples[i].events[k]);
			assert_int_equal(facts.persons[k].gives, examples[i].gives[k]);
		}
		assert_int_equal(facts.has_about, examples[i].type == RXP_TYPE_READMISSION_REPLY);
		rxp_buf_free(&octets);
	}
}

/* What stands outside every Person, and what is no trait: due dates and instants. */
static void test_times(void **unused)
{
	static const struct {
		const char *name, *due, *at; /* "" for none */
		enum rxp_type type;
	} examples[] = {
	    {"registration.xml", "2026-12-08", "", RXP_TYPE_REGISTRATION},
	    {"registration-no-deadline.xml", "", "", RXP_TYPE_REGISTRATION},
	    {"extension.xml", "2026-12-14", "", RXP_TYPE_EXTENSION},
	    {"reminder.xml", "2026-12-08", "", RXP_TYPE_REMINDER},
	    {"deemed-acceptance.xml", "2026-12-08", "", RXP_TYPE_DEEMED_ACCEPTANCE},
	    {"reply-split.xml", "2027-02-20", "", RXP_TYPE_READMISSION_REPLY},
	    {"transit-reply.xml", "2027-02-19", "", RXP_TYPE_TRANSIT_REPLY},
	    {"transfer-notification.xml", "", "2026-12-15T12:55:00.000Z",
		RXP_TYPE_TRANSFER_NOTIFICATION},
	    {"advance-notice.xml", "", "2026-12-15T12:55:00.000Z", RXP_TYPE_ADVANCE_NOTICE},
	    {"application-apprehended.xml", "", "2026-11-19T20:40:00.000Z",
		RXP_TYPE_READMISSION_APPLICATION},
	    {"transit-application.xml", "", "2027-01-20T06:15:00.000Z",
		RXP_TYPE_TRANSIT_APPLICATION},
	    {"transfer-record-delivered.xml", "", "2026-12-15T13:35:00.000Z",
		RXP_TYPE_TRANSFER_RECORD},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
		struct rxp_buf octets = example_read(examples[i].name);
		struct rxp_case_document facts;
		char due[RXP_DAY_TEXT] = "";
		char at[RXP_TIME_TEXT] = "";
		bool persons;

		assert_int_equal(facts_of(&facts, examples[i].type, &octets), 0);
		persons = facts.n_persons > 0;
		if ((persons ? facts.persons[0].stated_day : facts.stated_day) != 0)
			rxp_day_text(due, persons ? facts.persons[0].stated_day : facts.stated_day);
		if (persons && facts.persons[0].at_ms != 0)
			rxp_time_text(at, facts.persons[0].at_ms);
		assert_string_equal(due, examples[i].due);
		assert_string_equal(at, examples[i].at);
		rxp_buf_free(&octets);
	}
}

static void test_about(void **unused)
{
	struct rxp_buf octets = example_read("reply-split.xml");
	struct rxp_case_document facts;
	uint8_t about[RXP_DIGEST_OCTETS];

	(void)unused;
	assert_int_equal(facts_of(&facts, RXP_TYPE_READMISSION_REPLY, &octets), 0);
	assert_int_equal(rxp_base64_get_exact(about, sizeof about, SOME_DIGEST), 0);
	assert_memory_equal(facts.about, about, sizeof about);
	rxp_buf_free(&octets);
}

/* --- every row of case.def ------------------------------------------------------------------ */

/* Content of a type: the document that it concerns, then inside in a Person, if it names persons. */
static int facts_of_type(struct rxp_case_document *out, enum rxp_type type, const char *inside)
{
	const struct rxp_case_answers *answers = rxp_case_answers(type);
	const char *wire = rxp_type_row(type)->wire;
	bool persons = rxp_case_type(type)->names_persons;
	char text[1024];
	char about[256] = "";
	struct rxp_buf octets;
	int rc;

	if (answers != NULL)
		snprintf(about, sizeof about, "<%s>" SOME_DIGEST "</%s>", answers->element,
		    answers->element);
	snprintf(text, sizeof text, "<%s xmlns=\"urn:rxp:1:body\">%s%s%s%s</%s>", wire, about,
	    persons ? "<Person key=\"P3\">" : "<Other/>", inside, persons ? "</Person>" : "", wire);
	rxp_buf_init(&octets, sizeof text);
	rxp_buf_puts(&octets, text);
	rc = facts_of(out, type, &octets);
	rxp_buf_free(&octets);
	return rc;
}

static void assert_says(enum rxp_type type, const char *inside, enum rxp_case_event event)
{
	struct rxp_case_document facts;

	assert_int_equal(facts_of_type(&facts, type, inside), 0);
	assert_int_equal(facts.has_about, rxp_case_answers(type) != NULL);
	if (!rxp_case_type(type)->names_persons) {
		assert_int_equal(facts.n_persons, 0);
		assert_int_equal(facts.event, event);
		return;
	}
	assert_int_equal(facts.n_persons, 1);
	assert_int_equal(facts.persons[0].key, 3);
	assert_int_equal(facts.persons[0].event, event);
}

static void test_every_event(void **unused)
{
	(void)unused;
	for (unsigned event = 0; event < RXP_CASE_EVENT_COUNT; event++) {
		const struct rxp_case_event_row *row = rxp_case_event_row(event);
		bool persons = rxp_case_type(row->type)->names_persons;
		struct rxp_case_document facts;
		char inside[256];

		if (row->mark[0] == '\0') {
			assert_says(row->type, "<Other/>", event);
			continue;
		}
		snprintf(inside, sizeof inside, "<%s/><Other/>", row->mark);
		assert_says(row->type, inside, event);
		/* Of a person the first child alone says it. */
		snprintf(inside, sizeof inside, "<Other/><%s/>", row->mark);
		if (!persons)
			assert_says(row->type, inside, event);
		else if (facts_of_type(&facts, row->type, inside) == 0)
			assert_int_not_equal(facts.persons[0].event, event);
		/* And not what is deeper. */
		snprintf(inside, sizeof inside, "<Other><%s/></Other>", row->mark);
		if (facts_of_type(&facts, row->type, inside) == 0)
			assert_int_not_equal(persons ? facts.persons[0].event : facts.event, event);
	}
}

/* Content that a Person of this type needs for saying anything. */
static const char *mark_of(enum rxp_type type)
{
	unsigned event = 0;

	while (rxp_case_event_row(event)->type != type)
		event++;
	return rxp_case_event_row(event)->mark;
}

static unsigned gives(enum rxp_type type, const char *element, const char *value)
{
	const char *mark = mark_of(type);
	struct rxp_case_document facts;
	char inside[512];

	bool persons = rxp_case_type(type)->names_persons;

	snprintf(inside, sizeof inside, "%s%s%s<Deep>%s<%s>%s</%s>%s</Deep>",
	    mark[0] == '\0' ? "" : "<", mark, mark[0] == '\0' ? "" : "/>",
	    persons ? "" : "<Person key=\"P3\">", element, value, element,
	    persons ? "" : "</Person>");
	assert_int_equal(facts_of_type(&facts, type, inside), 0);
	return facts.persons[0].gives;
}

static void test_every_mark(void **unused)
{
	const struct rxp_case_mark *mark;

	(void)unused;
	for (size_t i = 0; (mark = rxp_case_mark(i)) != NULL; i++) {
		bool any = mark->value[0] == '\0';

		assert_int_equal(
		    gives(mark->type, mark->element, any ? "x" : mark->value), 1u << mark->trait);
		assert_int_equal(
		    gives(mark->type, mark->element, "false"), any ? 1u << mark->trait : 0);
		assert_int_equal(gives(mark->type, "Other", mark->value), 0);
		assert_int_equal(gives(RXP_TYPE_WITHDRAWAL, mark->element, mark->value), 0);
	}
}

static void test_wrong_content(void **unused)
{
	static const struct {
		const char *name;
		enum rxp_type type;
		int rc;
		const char *from, *to;
	} wrong[] = {
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, 0, "P2", "P24"},
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, RXP_ERR_SCHEMA, "P2", "P25"},
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, RXP_ERR_SCHEMA, "P2", "P0"},
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, RXP_ERR_SCHEMA, "P2", "P02"},
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, RXP_ERR_SCHEMA, "P2", "P"},
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, RXP_ERR_SCHEMA, "P2", "Q2"},
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, RXP_ERR_SCHEMA, "P2", "P4294967298"},
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, RXP_ERR_SCHEMA, "key", "kex"},
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, RXP_ERR_SCHEMA, "<Person key=\"P2\"/>", ""},
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, 0, "<Person key=\"P2\"/>",
		"<Person key=\"P2\"/><Person key=\"P3\"/>"},
	    {"withdrawal.xml", RXP_TYPE_WITHDRAWAL, RXP_ERR_SCHEMA, "<Person key=\"P2\"/>",
		"<Person key=\"P2\"/><Person key=\"P2\"/>"},
	    {"withdrawal.xml", RXP_TYPE_READMISSION_REPLY, RXP_ERR_SCHEMA, "P2", "P3"},
	    {"withdrawal.xml", RXP_TYPE_PING, RXP_ERR_UNSUPPORTED, "P2", "P3"},
	    {"reply-split.xml", RXP_TYPE_READMISSION_REPLY, 0, "P2", "P4"},
	    {"reply-split.xml", RXP_TYPE_READMISSION_REPLY, RXP_ERR_SCHEMA, "<Application>n4bQ",
		"<Application>n4b"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct rxp_buf octets = example_change(wrong[i].name, wrong[i].from, wrong[i].to);
		struct rxp_case_document facts = {.position = 77};

		assert_int_equal(facts_of(&facts, wrong[i].type, &octets), wrong[i].rc);
		assert_int_equal(facts.position, wrong[i].rc == 0 ? 0 : 77);
		rxp_buf_free(&octets);
	}
}

/* RXP-CAS-013: a Person of a document of the whole case, however deep, and named again. */
static void test_besides(void **unused)
{
	static const char content[] =
	    "<DataCorrection xmlns=\"urn:rxp:1:body\"><Document>" SOME_DIGEST
	    "</Document><Item><Person key=\"P3\"><Minor/></Person></Item>"
	    "<Item><Person key=\"P1\"><Other/></Person></Item>"
	    "<Item><Person key=\"P3\"><Unaccompanied>true</Unaccompanied>"
	    "</Person></Item></DataCorrection>";
	struct rxp_case_document facts;
	struct rxp_buf octets;

	(void)unused;
	rxp_buf_init(&octets, sizeof content);
	rxp_buf_puts(&octets, content);
	assert_int_equal(facts_of(&facts, RXP_TYPE_DATA_CORRECTION, &octets), 0);
	assert_int_equal(facts.event, RXP_CASE_EVENT_CORRECT);
	assert_int_equal(facts.n_persons, 2);
	assert_int_equal(facts.persons[0].key, 3);
	assert_int_equal(facts.persons[0].event, RXP_CASE_EVENT_CORRECT);
	assert_int_equal(facts.persons[0].gives,
	    1u << RXP_CASE_TRAIT_CHILD | 1u << RXP_CASE_TRAIT_UNACCOMPANIED);
	assert_int_equal(facts.persons[1].key, 1);
	assert_int_equal(facts.persons[1].gives, 0);
	rxp_buf_free(&octets);
}

static void test_nothing_said(void **unused)
{
	struct rxp_buf octets = example_read("invalid/reply-no-outcome.xml");
	struct rxp_case_document facts;

	(void)unused;
	assert_int_equal(facts_of(&facts, RXP_TYPE_READMISSION_REPLY, &octets), RXP_ERR_SCHEMA);
	rxp_buf_free(&octets);
}

/* --- from a sealed Document ----------------------------------------------------------------- */

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	memset(out, 0x5a, len);
	return 0;
}

/* Without the XML declaration, as a Document wants its content. */
static struct rxp_buf content_of(const char *name)
{
	static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

	return example_change(name, declaration, "");
}

static struct rxp_header header_of(enum rxp_type type, const char *from, const char *to)
{
	struct rxp_header h = {.in_case = true,
	    .position = 1,
	    .from_office = "RETURNS",
	    .to_office = "READMISSION",
	    .profile_id = "test",
	    .profile_version = "1"};
	struct rxp_random random = {fill, NULL};

	assert_int_equal(rxp_id_make_v7(h.outer.message_id, FIXTURE_TIME_MS, &random), 0);
	assert_int_equal(rxp_id_make_v4(h.case_id, &random), 0);
	memcpy(h.outer.from, from, sizeof h.outer.from);
	memcpy(h.outer.to, to, sizeof h.outer.to);
	h.outer.created_ms = FIXTURE_TIME_MS;
	h.outer.expires_ms = FIXTURE_TIME_MS + 1000;
	snprintf(h.type, sizeof h.type, "%s", rxp_type_row(type)->wire);
	return h;
}

/* Seal, open and check, as it goes between two States, and read the facts. */
static void through_a_document(
    struct rxp_case_document *out, const struct rxp_header *h, const char *name)
{
	struct rxp_buf content = content_of(name);
	struct rxp_random random = {fill, NULL};
	struct fixture_key key;
	struct rxp_signer signer;
	struct rxp_document *d = NULL;
	struct rxp_buf octets, place;
	uint8_t fingerprint[32];

	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&place, RXP_PLACE_TEXT);
	fixture_key_make(&key, RXP_SEAL_ECDSA_P256);
	signer = rxp_key_signer_interface(key.signer);
	assert_int_equal(rxp_document_seal(&octets, h, &(struct rxp_draft){.content = &content},
			     FIXTURE_TIME_MS, &random, &signer, fingerprint),
	    0);
	assert_int_equal(rxp_document_open(&d, octets.data, octets.len, &h->outer,
			     (const struct rxp_cert *const *)&key.cert, 1),
	    0);
	assert_int_equal(rxp_document_check(d, &place), 0);
	assert_int_equal(rxp_facts_read(out, d), 0);
	assert_memory_equal(out->fingerprint, fingerprint, sizeof fingerprint);
	rxp_document_free(d);
	fixture_key_clear(&key);
	rxp_buf_free(&content);
	rxp_buf_free(&octets);
	rxp_buf_free(&place);
}

static void test_document(void **unused)
{
	struct rxp_header h = header_of(RXP_TYPE_READMISSION_APPLICATION, "QRA", "QRB");
	struct rxp_case_document docs[2];
	struct rxp_case_document answer;
	struct rxp_case *c = NULL;

	(void)unused;
	through_a_document(&docs[0], &h, "application-single.xml");
	assert_string_equal(docs[0].from, "QRA");
	assert_int_equal(docs[0].position, 1);
	assert_false(docs[0].has_previous);
	assert_false(docs[0].has_seen);

	h = header_of(RXP_TYPE_WITHDRAWAL, "QRA", "QRB");
	h.position = 2;
	h.has_previous = true;
	memcpy(h.previous, docs[0].fingerprint, sizeof h.previous);
	through_a_document(&docs[1], &h, "withdrawal.xml");
	assert_int_equal(docs[1].position, 2);
	assert_true(docs[1].has_previous);
	assert_memory_equal(docs[1].previous, docs[0].fingerprint, RXP_DIGEST_OCTETS);

	assert_false(docs[1].has_seen);
	h.has_seen = true;
	memset(h.seen, 9, sizeof h.seen);
	through_a_document(&answer, &h, "withdrawal.xml");
	assert_true(answer.has_seen);
	assert_memory_equal(answer.seen, h.seen, sizeof h.seen);

	/* The withdrawal is of P2, for whom nobody applied. */
	assert_int_equal(rxp_case_replay(&c, docs, 2, "QRA"), 0);
	assert_int_equal(rxp_case_person(c, 1), RXP_CASE_RECEIVED);
	assert_int_equal(rxp_case_person(c, 2), RXP_CASE_UNKNOWN);
	assert_int_equal(rxp_case_overtaken(c, 1), 2);
	rxp_case_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_examples),
	    cmocka_unit_test(test_times),
	    cmocka_unit_test(test_about),
	    cmocka_unit_test(test_every_event),
	    cmocka_unit_test(test_every_mark),
	    cmocka_unit_test(test_wrong_content),
	    cmocka_unit_test(test_besides),
	    cmocka_unit_test(test_nothing_said),
	    cmocka_unit_test(test_document),
	};

	return cmocka_run_group_tests_name("facts", tests, library_begin, library_end);
}
