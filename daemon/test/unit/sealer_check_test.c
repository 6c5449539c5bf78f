/*
 * check: each valid example gives its type, its persons' events, the application it answers and a
 * draft that opens only under the same storage key as the same type; the markup that a desk chose
 * does not leave the node (RXP-DOC-016). What is wrong is sealer_faults_test.c's.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_desk.h"

#include "daemon/sealer/draft.h"
#include "protocol/base/codec.h"
#include "protocol/base/date.h"
#include "protocol/base/timestamp.h"
#include "protocol/xml/xml.h"

/* The application that the example of a reply answers, as it stands there. */
#define ANSWERED "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="

/* The trait of the person before: after a plus sign. */
static void assert_trait(uint16_t tag, struct bytes fields, unsigned person, const char *trait)
{
	struct rec_fact_trait mark;

	assert_int_equal(tag, REC_fact_trait);
	assert_int_equal(record_decode(&mark, &record_fact_trait, fields.data, fields.len), 0);
	assert_int_equal(mark.person, person);
	assert_string_equal(mark.trait, trait);
}

/* The day that is stated of the person before: after an equals sign. */
static void assert_day(uint16_t tag, struct bytes fields, unsigned person, const char *day)
{
	struct rec_fact_times times;
	int32_t want;

	assert_int_equal(tag, REC_fact_times);
	assert_int_equal(record_decode(&times, &record_fact_times, fields.data, fields.len), 0);
	assert_int_equal(times.person, person);
	assert_int_equal(rxp_day_parse(&want, day), 0);
	assert_int_equal(times.stated_day, want);
	assert_true(times.at_ms == 0);
}

/* Events in the order of the persons, P1 first, and behind each the person's traits and the day stated; behind
 * them what a reply is about and the office that it names. */
static void assert_facts(struct bytes facts, const char *const *words, bool reply)
{
	struct record_cursor cursor = {.at = facts.data, .left = facts.len};
	struct rec_fact_about about;
	struct rec_fact_named named;
	struct rec_fact_person r;
	uint8_t answered[32];
	struct bytes fields;
	uint16_t tag;
	unsigned n = 0;

	for (size_t i = 0; words[i] != NULL; i++) {
		assert_int_equal(record_list_next(&cursor, &tag, &fields), 1);
		if (words[i][0] == '+') {
			assert_trait(tag, fields, n, words[i] + 1);
			continue;
		}
		if (words[i][0] == '=') {
			assert_day(tag, fields, n, words[i] + 1);
			continue;
		}
		assert_int_equal(tag, REC_fact_person);
		assert_int_equal(
		    record_decode(&r, &record_fact_person, fields.data, fields.len), 0);
		assert_int_equal(r.person, ++n);
		assert_string_equal(r.event, words[i]);
	}
	if (reply) {
		assert_int_equal(record_list_next(&cursor, &tag, &fields), 1);
		assert_int_equal(tag, REC_fact_about);
		assert_int_equal(
		    record_decode(&about, &record_fact_about, fields.data, fields.len), 0);
		assert_int_equal(rxp_base64_get_exact(answered, sizeof answered, ANSWERED), 0);
		assert_memory_equal(about.document, answered, sizeof answered);
		assert_int_equal(record_list_next(&cursor, &tag, &fields), 1);
		assert_int_equal(tag, REC_fact_named);
		assert_int_equal(
		    record_decode(&named, &record_fact_named, fields.data, fields.len), 0);
		assert_string_equal(named.value, "READMISSION");
		assert_memory_equal(
		    named.path.data, "ReadmissionReply/Contact/Office", named.path.len);
	}
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 0);
}

static void canonical(struct rxp_buf *out, struct rxp_buf *octets)
{
	struct rxp_xml *xml = NULL;

	while (octets->data[octets->len - 1] == '\n')
		octets->len--;
	rxp_buf_init(out, RXP_MAX_DOCUMENT_OCTETS);
	assert_int_equal(
	    rxp_xml_parse(&xml, octets->data, octets->len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_BODY),
	    0);
	assert_int_equal(rxp_xml_c14n(out, xml, rxp_xml_root(xml)), 0);
	rxp_xml_free(xml);
}

static void assert_draft(
    const struct msg_checked *c, const struct rxp_buf *want, struct bytes attachments)
{
	const struct draft_for of = {
	    .type = c->type, .peer = "QRB", .case_id = CASE_ID, .attachments = attachments};
	const struct rec_attachment_row row = {.number = 1};
	struct rxp_buf content, file;

	rxp_buf_init(&content, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_init(&file, 1024);
	assert_int_equal(
	    record_list_put(&file, REC_attachment_row, &record_attachment_row, &row), 0);
	assert_null(memmem(c->draft.data, c->draft.len, "urn:rxp", 7));
	for (size_t i = 0; i < 4; i++) {
		struct draft_for other = of;

		if (i == 0)
			other.type = "Ping";
		else if (i == 1)
			other.peer = "QRC";
		else if (i == 2)
			other.case_id[15] = 1;
		else
			other.attachments = reply_bytes(&file);
		assert_int_equal(draft_open(&content, a.node, &other, c->draft),
		    i < 2 ? RXP_ERR_DECRYPT : RXP_ERR_MISMATCH);
	}
	a.node->storage.keys[0].octets[0] ^= 1;
	assert_int_equal(draft_open(&content, a.node, &of, c->draft), RXP_ERR_DECRYPT);
	a.node->storage.keys[0].octets[0] ^= 1;
	assert_int_equal(content.len, 0);
	assert_int_equal(draft_open(&content, a.node, &of, c->draft), 0);
	assert_int_equal(content.len, want->len);
	assert_memory_equal(content.data, want->data, want->len);
	rxp_buf_free(&file);
	rxp_buf_free(&content);
}

static void assert_right(struct rxp_buf *octets, const char *type, const char *const *words)
{
	struct reply checked;
	const struct msg_checked *c = &checked.body.checked;
	struct rxp_buf want;

	assert_int_equal(check_octets(&checked, octets->data, octets->len), 0);
	assert_string_equal(c->type, type);
	assert_int_equal(c->violations.len, 0);
	assert_facts(c->facts, words, strcmp(type, "ReadmissionReply") == 0);
	canonical(&want, octets);
	assert_draft(c, &want, (struct bytes){.len = 0});
	rxp_buf_free(&want);
	reply_clear(&checked);
}

static void valid_examples(void **state)
{
	static const struct {
		const char *name, *type, *words[7];
	} rows[] = {
	    {"application-single.xml", "ReadmissionApplication", {"apply", "+accelerated"}},
	    {"reply-split.xml", "ReadmissionReply",
		{"accept", "=2027-02-20", "refuse", "accept", "+guardian-named", "=2027-02-20"}},
	};
	static const char withdrawal[] =
	    "<Withdrawal" BODY
	    ">\n  <Person key=\"P1\"/>\n  <Reason>generic</Reason>\n</Withdrawal> \r\n";
	struct rxp_buf octets;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		octets = example(rows[i].name);
		assert_right(&octets, rows[i].type, rows[i].words);
		rxp_buf_free(&octets);
	}
	rxp_buf_init(&octets, sizeof withdrawal);
	rxp_buf_puts(&octets, withdrawal);
	octets.len -= strlen(" \r\n");
	assert_right(&octets, "Withdrawal", (const char *const[]){"withdraw", NULL});
	octets.len += strlen(" \r\n");
	{
		struct reply checked;

		assert_int_equal(check_octets(&checked, octets.data, octets.len), 0);
		reply_clear(&checked);
	}
	rxp_buf_free(&octets);
}

/* What opens a case is of one that nobody had before. */
static void new_case(void **state)
{
	struct rxp_buf octets = example("application-single.xml");
	struct msg_check q = content_check(reply_bytes(&octets), (struct bytes){NULL, 0});
	uint8_t before[RXP_ID_OCTETS] = {0}, parsed[RXP_ID_OCTETS];
	char text[RXP_ID_TEXT];
	struct reply checked;

	(void)state;
	memset(q.case_id, 0, sizeof q.case_id);
	for (unsigned i = 0; i < 2; i++) {
		const struct msg_checked *c = &checked.body.checked;
		struct draft_for of = {.type = "ReadmissionApplication", .peer = "QRB"};
		struct rxp_buf content;

		reply_init(&checked);
		assert_int_equal(check_handle(a.node, &q, &checked), 0);
		assert_int_equal(c->result, 0);
		rxp_id_text(text, c->case_id);
		assert_int_equal(rxp_id_parse(parsed, text, 4), 0);
		assert_memory_not_equal(c->case_id, before, sizeof before);
		memcpy(before, c->case_id, sizeof before);
		rxp_buf_init(&content, RXP_MAX_DOCUMENT_OCTETS);
		assert_int_equal(draft_open(&content, a.node, &of, c->draft), RXP_ERR_MISMATCH);
		memcpy(of.case_id, c->case_id, sizeof of.case_id);
		assert_int_equal(draft_open(&content, a.node, &of, c->draft), 0);
		rxp_buf_free(&content);
		reply_clear(&checked);
	}
	rxp_buf_free(&octets);
}

/* The whole family, with its attachments; the draft is that of the content alone. */
static void family(void **state)
{
	struct rxp_buf octets = example("application-family.xml");
	static const char *const words[] = {"apply", "+together", "+interview-asked", "apply",
	    "+together", "+interview-asked", "apply", "+child", "+together", "+interview-asked",
	    NULL};
	struct rec_attachment_row rows[3];
	struct reply checked;
	const struct msg_checked *c = &checked.body.checked;
	struct rxp_buf want;
	struct rxp_buf list;

	(void)state;
	family_rows(rows);
	list = row_list(rows, 3);
	assert_int_equal(check_with(&checked, reply_bytes(&octets), reply_bytes(&list)), 0);
	assert_string_equal(c->type, "ReadmissionApplication");
	assert_facts(c->facts, words, false);
	canonical(&want, &octets);
	assert_draft(c, &want, reply_bytes(&list));
	rxp_buf_free(&want);
	rxp_buf_free(&list);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

/* RXP-STA-011: to the millisecond. */
static void report_of_a_quarter(void **state)
{
	struct rxp_buf octets = example("statistics-report.xml"); /* 2026-Q2 */
	struct msg_check q = content_check(reply_bytes(&octets), (struct bytes){NULL, 0});
	struct reply checked;
	struct record_cursor cursor;
	struct rec_violation v;
	struct bytes fields;
	uint16_t tag;

	(void)state;
	assert_int_equal(rxp_time_parse(&q.now_ms, "2026-07-01T00:00:00.000Z"), 0);
	reply_init(&checked);
	assert_int_equal(check_handle(a.node, &q, &checked), 0);
	assert_int_equal((int)checked.body.checked.result, 0);
	reply_clear(&checked);
	q.now_ms--;
	reply_init(&checked);
	assert_int_equal(check_handle(a.node, &q, &checked), 0);
	assert_int_equal((int)checked.body.checked.result, RXP_ERR_NOT_ACCEPTABLE);
	cursor = (struct record_cursor){.at = checked.body.checked.violations.data,
	    .left = checked.body.checked.violations.len};
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 1);
	assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
	assert_string_equal(v.requirement, "RXP-STA-011");
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 0);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

/* However it is written, the draft is the same. */
static void markup_of_the_desk(void **state)
{
	static const char *const forms[] = {
	    "<Withdrawal" BODY "><Person key=\"P1\"/><Reason>generic</Reason></Withdrawal>",
	    "<hidden:Withdrawal xmlns:hidden=\"urn:rxp:1:body\"><hidden:Person key='P1'/>"
	    "<hidden:Reason>generic</hidden:Reason></hidden:Withdrawal>",
	    "<Withdrawal" BODY "><a:Person xmlns:a=\"urn:rxp:1:body\" key=\"P1\"></a:Person>"
	    "<Reason>generic</Reason></Withdrawal>",
	    "<Withdrawal" BODY " xmlns:b=\"urn:hidden\"> \t \t\n\n<Person key=\"P1\"/>\t\t "
	    "<Reason>generic</Reason>\n \n</Withdrawal>",
	};
	struct rxp_buf want;

	(void)state;
	rxp_buf_init(&want, 1024);
	rxp_buf_puts(&want, "<Withdrawal" BODY ">\n  <Person key=\"P1\"></Person>\n"
			    "  <Reason>generic</Reason>\n</Withdrawal>");
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		struct reply checked;

		assert_int_equal(check_text(&checked, forms[i]), 0);
		assert_draft(&checked.body.checked, &want, (struct bytes){.len = 0});
		reply_clear(&checked);
	}
	rxp_buf_free(&want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(valid_examples),
	    cmocka_unit_test(new_case),
	    cmocka_unit_test(family),
	    cmocka_unit_test(report_of_a_quarter),
	    cmocka_unit_test(markup_of_the_desk),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
