/*
 * Goals of the facts of a document on their way from a sealer to the registry:
 * - what the sealer writes of every event, with every trait that its marks can give, the registry reads as
 *   librxp read it from the content;
 * - what a document names of what a profile lists is told, with where it stands (RXP-PRF-027);
 * - records that are not those of one document of its type are refused.
 *
 * links: sealer registry
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/registry/cases/case_facts.h"
#include "daemon/sealer/facts.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/case/case_clock.h"
#include "protocol/document/facts.h"
#include "protocol/init.h"
#include "protocol/xml/xml.h"

#define SOME_DIGEST "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="

/* --- there and back ------------------------------------------------------------------------------ */

/* The elements by which a Person of this type has all its traits. */
static void put_marks(struct rxp_buf *out, enum rxp_type type)
{
	const struct rxp_case_mark *mark;

	for (size_t i = 0; (mark = rxp_case_mark(i)) != NULL; i++)
		if (mark->type == type) {
			rxp_buf_puts(out, "<");
			rxp_buf_puts(out, mark->element);
			rxp_buf_puts(out, ">");
			rxp_buf_puts(out, mark->value);
			rxp_buf_puts(out, "</");
			rxp_buf_puts(out, mark->element);
			rxp_buf_puts(out, ">");
		}
}

static void put_element(struct rxp_buf *out, const char *name)
{
	if (name[0] == '\0')
		return;
	rxp_buf_puts(out, "<");
	rxp_buf_puts(out, name);
	rxp_buf_puts(out, "/>");
}

/* A day, if documents of this type state one. */
static void put_day(struct rxp_buf *out, enum rxp_type type)
{
	const char *day = rxp_case_day(type);
	char text[64];

	if (day == NULL)
		return;
	snprintf(text, sizeof text, "<%s>2026-12-08</%s>", day, day);
	rxp_buf_puts(out, text);
}

/* And an instant. */
static void put_times(struct rxp_buf *out, enum rxp_type type)
{
	const char *instant = rxp_case_instant(type);
	char text[256];

	put_day(out, type);
	if (instant == NULL)
		return;
	snprintf(text, sizeof text,
	    "<%s><Local>2026-12-15T17:25</Local><Offset>+04:30</Offset></%s>", instant, instant);
	rxp_buf_puts(out, text);
}

/* Without one a correction, or its reply, says nothing. */
static void put_items(struct rxp_buf *out, enum rxp_type type)
{
	if (type == RXP_TYPE_DATA_CORRECTION)
		rxp_buf_puts(out,
		    "<Item><Block><Field>Family</Field></Block></Item><Item><Erase><All/></Erase></Item>");
	else if (type == RXP_TYPE_DATA_CORRECTION_REPLY)
		rxp_buf_puts(out, "<Item><Blocked/></Item><Item><Done/></Item>");
}

/* Content that says the event of P3 and of P7, who has the traits, or of the whole case. */
static void put_content(struct rxp_buf *out, const struct rxp_case_event_row *row)
{
	const struct rxp_case_answers *answers = rxp_case_answers(row->type);
	const char *wire = rxp_type_row(row->type)->wire;
	char about[256];

	rxp_buf_puts(out, "<");
	rxp_buf_puts(out, wire);
	rxp_buf_puts(out, " xmlns=\"urn:rxp:1:body\">");
	if (answers != NULL) {
		snprintf(about, sizeof about, "<%s>" SOME_DIGEST "</%s>", answers->element,
		    answers->element);
		rxp_buf_puts(out, about);
	}
	if (rxp_case_type(row->type)->names_persons) {
		rxp_buf_puts(out, "<Person key=\"P3\">");
		put_element(out, row->mark);
		rxp_buf_puts(out, "</Person><Person key=\"P7\">");
		put_element(out, row->mark);
		put_marks(out, row->type);
		put_times(out, row->type);
		rxp_buf_puts(out, "</Person>");
	} else {
		put_element(out, row->mark);
		put_items(out, row->type);
		put_day(out, row->type);
		rxp_buf_puts(out, "<Deep><Person key=\"P3\"/><Person key=\"P7\">");
		put_marks(out, row->type);
		rxp_buf_puts(out, "</Person></Deep>");
	}
	rxp_buf_puts(out, "</");
	rxp_buf_puts(out, wire);
	rxp_buf_puts(out, ">");
}

static void assert_same(const struct rxp_case_document *a, const struct rxp_case_document *b)
{
	assert_int_equal(a->event, b->event);
	assert_int_equal(a->stated_day, b->stated_day);
	assert_int_equal(a->has_about, b->has_about);
	assert_memory_equal(a->about, b->about, sizeof a->about);
	assert_int_equal(a->n_persons, b->n_persons);
	for (unsigned i = 0; i < a->n_persons; i++) {
		assert_int_equal(a->persons[i].key, b->persons[i].key);
		assert_int_equal(a->persons[i].event, b->persons[i].event);
		assert_int_equal(a->persons[i].gives, b->persons[i].gives);
		assert_int_equal(a->persons[i].stated_day, b->persons[i].stated_day);
		assert_int_equal(a->persons[i].at_ms, b->persons[i].at_ms);
	}
}

static void test_there_and_back(void **unused)
{
	unsigned with_traits = 0;

	(void)unused;
	for (unsigned event = 0; event < RXP_CASE_EVENT_COUNT; event++) {
		const struct rxp_case_event_row *row =
		    rxp_case_event_row((enum rxp_case_event)event);
		struct rxp_case_document want;
		struct rxp_case_document got = {.type = row->type, .position = 5};
		struct rxp_buf content, facts;
		struct rxp_xml *xml = NULL;

		rxp_buf_init(&content, 2048);
		rxp_buf_init(&facts, 2048);
		put_content(&content, row);
		assert_int_equal(
		    rxp_xml_parse(&xml, content.data, content.len, content.len, RXP_XML_BODY), 0);
		assert_int_equal(rxp_facts_content(&want, row->type, rxp_xml_root(xml)), 0);
		assert_int_equal(facts_put_content(&facts, row->type, rxp_xml_root(xml)), 0);
		assert_int_equal(
		    case_facts_read(&got, (struct bytes){.data = facts.data, .len = facts.len}), 0);
		assert_same(&got, &want);
		assert_int_equal(got.position, 5);
		assert_int_equal(want.n_persons, 2);
		assert_int_equal(want.persons[0].event, event);
		with_traits += want.persons[1].gives != 0;
		if (rxp_case_type(row->type)->names_persons) {
			assert_int_equal(
			    want.persons[1].stated_day != 0, rxp_case_day(row->type) != NULL);
			assert_int_equal(
			    want.persons[1].at_ms != 0, rxp_case_instant(row->type) != NULL);
		} else {
			assert_int_equal(want.stated_day != 0, rxp_case_day(row->type) != NULL);
			assert_int_equal(want.event, event);
		}
		rxp_xml_free(xml);
		rxp_buf_free(&content);
		rxp_buf_free(&facts);
	}
	assert_true(with_traits > 0);
}

/* --- what a profile lists ----------------------------------------------------------------------------------- */

#define POINT(scheme, code) \
	"<CrossingPoint scheme=\"" scheme "\" code=\"" code "\">Somewhere</CrossingPoint>"

#define NAMED_MAX 128

/* What the records name, each as parent=value and a space. */
static void named_of(char out[NAMED_MAX], const char *text, enum rxp_type type)
{
	struct rxp_case_document got = {.type = type};
	struct record_cursor c;
	struct rxp_xml *xml = NULL;
	struct rxp_buf facts;
	struct bytes fields;
	uint16_t tag;
	size_t used = 0;

	out[0] = '\0';
	rxp_buf_init(&facts, 2048);
	assert_int_equal(
	    rxp_xml_parse(&xml, (const uint8_t *)text, strlen(text), strlen(text), RXP_XML_BODY),
	    0);
	assert_int_equal(facts_put_content(&facts, type, rxp_xml_root(xml)), 0);
	c = (struct record_cursor){.at = facts.data, .left = facts.len};
	while (record_list_next(&c, &tag, &fields) == 1) {
		struct rec_fact_named named;

		if (tag != REC_fact_named)
			continue;
		assert_int_equal(
		    record_decode(&named, &record_fact_named, fields.data, fields.len), 0);
		used += (size_t)snprintf(
		    out + used, NAMED_MAX - used, "%s=%s ", named.parent, named.value);
	}
	assert_int_equal(
	    case_facts_read(&got, (struct bytes){.data = facts.data, .len = facts.len}), 0);
	assert_int_equal(got.n_persons, 1);
	rxp_xml_free(xml);
	rxp_buf_free(&facts);
}

/* RXP-PRF-027: each row of the table is found, with where it stands, and nothing else. */
static void test_named(void **unused)
{
	char named[NAMED_MAX];

	(void)unused;
	named_of(named,
	    "<TransferNotification xmlns=\"urn:rxp:1:body\"><Transfer><Departure>" POINT(
		"icao", "QASC") "</Departure><Arrival>" POINT("iata",
		"ZNT") "</Arrival></Transfer>"
		       "<Person key=\"P1\"><Attestations/></Person>"
		       "<Contact><Office>RETURNS</Office></Contact></TransferNotification>",
	    RXP_TYPE_TRANSFER_NOTIFICATION);
	assert_string_equal(named, "Departure=icao:QASC Arrival=iata:ZNT Contact=RETURNS ");
	named_of(named,
	    "<TransferRecord xmlns=\"urn:rxp:1:body\"><Person key=\"P1\"><Delivered>" POINT(
		"iata", "ZNT") "</Delivered></Person></TransferRecord>",
	    RXP_TYPE_TRANSFER_RECORD);
	assert_string_equal(named, "Delivered=iata:ZNT ");
	named_of(named,
	    "<StandardTravelDocumentNotice xmlns=\"urn:rxp:1:body\"><Person key=\"P1\">"
	    "<Fallback>reply</Fallback></Person></StandardTravelDocumentNotice>",
	    RXP_TYPE_STANDARD_TRAVEL_DOCUMENT_NOTICE);
	assert_string_equal(named, "Person=reply ");
}

/* --- items of corrections (RXP-COR-013) ------------------------------------------------------------------ */

static void items_of(char out[64], enum rxp_case_event event)
{
	const struct rxp_case_event_row *row = rxp_case_event_row(event);
	struct rxp_buf content, facts;
	struct rxp_xml *xml = NULL;
	struct record_cursor c;
	struct bytes fields;
	uint16_t tag;
	size_t used = 0;

	rxp_buf_init(&content, 2048);
	rxp_buf_init(&facts, 2048);
	put_content(&content, row);
	assert_int_equal(
	    rxp_xml_parse(&xml, content.data, content.len, content.len, RXP_XML_BODY), 0);
	assert_int_equal(facts_put_content(&facts, row->type, rxp_xml_root(xml)), 0);
	c = (struct record_cursor){.at = facts.data, .left = facts.len};
	out[0] = '\0';
	while (record_list_next(&c, &tag, &fields) == 1) {
		struct rec_fact_item item;

		if (tag != REC_fact_item)
			continue;
		assert_int_equal(
		    record_decode(&item, &record_fact_item, fields.data, fields.len), 0);
		used += (size_t)snprintf(out + used, 64 - used, "%u %s%s, ", item.number, item.word,
		    item.all != 0 ? " all" : "");
	}
	rxp_xml_free(xml);
	rxp_buf_free(&content);
	rxp_buf_free(&facts);
}

static void test_items(void **unused)
{
	char items[64];

	(void)unused;
	items_of(items, RXP_CASE_EVENT_CORRECT);
	assert_string_equal(items, "1 block, 2 erase all, ");
	items_of(items, RXP_CASE_EVENT_ANSWER_CORRECTION);
	assert_string_equal(items, "1 blocked, 2 done, ");
	items_of(items, RXP_CASE_EVENT_APPLY);
	assert_string_equal(items, "");
}

/* --- what is not one document -------------------------------------------------------------------- */

/* A list of records, in short: p P1 says the word, t P1 has the trait, d P1 has the due day, i the instant, a
 * the whole case, o concerns. */
static void put_records(struct rxp_buf *out, const char *const *words)
{
	for (; *words != NULL; words++) {
		struct rec_fact_person person = {.person = (uint32_t)((*words)[1] - '0')};
		struct rec_fact_trait mark = {.person = person.person};
		struct rec_fact_all all;
		const struct rec_fact_about about = {{1}};
		const char *word = *words + 3;
		struct rec_fact_times times = {.person = person.person};

		snprintf(person.event, sizeof person.event, "%s", word);
		snprintf(mark.trait, sizeof mark.trait, "%s", word);
		snprintf(all.event, sizeof all.event, "%s", word);
		switch ((*words)[0]) {
		case 'p':
			record_list_put(out, REC_fact_person, &record_fact_person, &person);
			break;
		case 't':
			record_list_put(out, REC_fact_trait, &record_fact_trait, &mark);
			break;
		case 'd':
			times.stated_day = (uint32_t)strtoul(word, NULL, 10);
			record_list_put(out, REC_fact_times, &record_fact_times, &times);
			break;
		case 'i':
			times.at_ms = strtoll(word, NULL, 10);
			record_list_put(out, REC_fact_times, &record_fact_times, &times);
			break;
		case 'a':
			record_list_put(out, REC_fact_all, &record_fact_all, &all);
			break;
		default:
			record_list_put(out, REC_fact_about, &record_fact_about, &about);
			break;
		}
	}
}

static void test_not_one_document(void **unused)
{
	static const struct {
		const char *const words[5];
		enum rxp_type type;
		bool sound;
	} lists[] = {
	    {{"p1 withdraw", NULL}, RXP_TYPE_WITHDRAWAL, true},
	    {{NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"p0 withdraw", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"p1 accept", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"p1 nothing", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"p1 withdraw", "o1 about", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"p1 withdraw", "a1 withdraw", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"p1 withdraw", "p2 withdraw", "t2 child", NULL}, RXP_TYPE_WITHDRAWAL, true},
	    {{"p1 withdraw", "p2 withdraw", "t1 child", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"t1 child", "p1 withdraw", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"p1 withdraw", "t1 tall", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"p1 accept", "o1 about", NULL}, RXP_TYPE_READMISSION_REPLY, true},
	    {{"p1 accept", NULL}, RXP_TYPE_READMISSION_REPLY, false},
	    {{"p1 accept", "o1 about", "o1 about", NULL}, RXP_TYPE_READMISSION_REPLY, false},
	    {{"a1 remind", NULL}, RXP_TYPE_REMINDER, true},
	    {{"a1 withdraw", NULL}, RXP_TYPE_REMINDER, false},
	    {{"a1 remind", "a1 remind", NULL}, RXP_TYPE_REMINDER, false},
	    {{"p1 remind", NULL}, RXP_TYPE_REMINDER, false},
	    {{"a1 remind", "t1 child", NULL}, RXP_TYPE_REMINDER, false},
	    {{"a1 remind", "d0 20000", NULL}, RXP_TYPE_REMINDER, true},
	    {{"d0 20000", "a1 remind", NULL}, RXP_TYPE_REMINDER, false},
	    {{"a1 remind", "i0 1", NULL}, RXP_TYPE_REMINDER, false},
	    {{"a1 remind", "d0 2932896", NULL}, RXP_TYPE_REMINDER, true},
	    {{"a1 remind", "d0 2932897", NULL}, RXP_TYPE_REMINDER, false},
	    {{"p1 withdraw", "d1 1", "i1 1", NULL}, RXP_TYPE_WITHDRAWAL, true},
	    {{"p1 withdraw", "i2 1", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"p1 withdraw", "i1 -1", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"p1 withdraw", "i1 253402300800000", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{"p1 withdraw", "i1 253402300799999", NULL}, RXP_TYPE_WITHDRAWAL, true},
	    {{"p1 withdraw", "d0 1", NULL}, RXP_TYPE_WITHDRAWAL, false},
	    {{NULL}, RXP_TYPE_PING, false},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
		struct rxp_case_document d = {.type = lists[i].type, .n_persons = 0};
		struct rxp_buf facts;

		rxp_buf_init(&facts, 1024);
		put_records(&facts, lists[i].words);
		assert_int_equal(
		    case_facts_read(&d, (struct bytes){.data = facts.data, .len = facts.len}),
		    lists[i].sound ? 0 : RXP_ERR_SCHEMA);
		if (!lists[i].sound)
			assert_int_equal(d.n_persons, 0);
		rxp_buf_free(&facts);
	}
}

static int set_up(void **unused)
{
	(void)unused;
	return rxp_init();
}

static int tear_down(void **unused)
{
	(void)unused;
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_there_and_back),
	    cmocka_unit_test(test_named),
	    cmocka_unit_test(test_items),
	    cmocka_unit_test(test_not_one_document),
	};

	return cmocka_run_group_tests_name("case_facts", tests, set_up, tear_down);
}
