/*
 * check: each valid example gives its type, its persons' events, the application it answers and a
 * draft that opens only under the same storage key as the same type; each invalid example gives
 * violations with line, path and requirement, and none of the values of the file; all faults are
 * told, up to the bound; what is no content of a case, no strict XML, or too long for a Document is
 * refused without a violation (how long one may be is sealer_length_test.c's); the markup that a desk chose does not leave the node (RXP-DOC-016).
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_desk.h"

#include <dirent.h>

#include "daemon/sealer/draft.h"
#include "protocol/base/codec.h"
#include "protocol/base/date.h"
#include "protocol/base/timestamp.h"
#include "protocol/xml/xml.h"

#define BODY " xmlns=\"urn:rxp:1:body\""

static int check_octets(struct reply *checked, const uint8_t *octets, size_t len)
{
	return check_with(checked, (struct bytes){octets, len}, (struct bytes){NULL, 0});
}

static int check_text(struct reply *checked, const char *text)
{
	return check_octets(checked, (const uint8_t *)text, strlen(text));
}

static void assert_nothing_but_violations(const struct msg_checked *c)
{
	assert_int_equal(c->facts.len, 0);
	assert_int_equal(c->draft.len, 0);
}

/* --- what is right --------------------------------------------------------------------------- */

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

/* --- what is wrong --------------------------------------------------------------------------- */

static bool starts_with(struct bytes b, const char *text)
{
	return b.len >= strlen(text) && memcmp(b.data, text, strlen(text)) == 0;
}

/* The number of violations, or of those that no safeguard found; each is whole. The first one's requirement, if it
 * is asked for. */
static unsigned count_of(const struct msg_checked *c, const char *requirement, bool safeguards)
{
	struct record_cursor cursor = {.at = c->violations.data, .left = c->violations.len};
	struct rec_violation v;
	struct bytes fields;
	uint16_t tag;
	unsigned n = 0;

	while (record_list_next(&cursor, &tag, &fields) == 1) {
		assert_int_equal(tag, REC_violation);
		assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
		assert_in_range(v.line, 1, 500);
		assert_true(starts_with(v.path, c->type));
		assert_true(v.text.len > 0);
		if (requirement != NULL && n == 0)
			assert_string_equal(v.requirement, requirement);
		else
			assert_memory_equal(v.requirement, "RXP-", 4);
		n += safeguards || strncmp(v.requirement, "RXP-SAF-", strlen("RXP-SAF-")) != 0;
	}
	assert_int_equal(cursor.left, 0);
	return n;
}

static unsigned count(const struct msg_checked *c, const char *requirement)
{
	return count_of(c, requirement, true);
}

static void assert_wrong(const char *name, unsigned violations, const char *requirement)
{
	struct rxp_buf octets = example(name);
	struct reply checked;

	assert_int_equal(check_octets(&checked, octets.data, octets.len), RXP_ERR_SCHEMA);
	assert_int_equal(count(&checked.body.checked, requirement), violations);
	assert_nothing_but_violations(&checked.body.checked);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

static void known_faults(void **state)
{
	(void)state;
	assert_wrong("application-family.xml", 3, "RXP-ATT-002"); /* without its attachments */
	assert_wrong("invalid/application-check-digit.xml", 1, "RXP-APP-014");
	assert_wrong("invalid/application-no-principal.xml", 1, "RXP-APP-003");
	assert_wrong("invalid/reply-person-twice.xml", 1, "RXP-REP-003");
	assert_wrong("invalid/reply-reason.xml", 1, "RXP-DOC-005");
	assert_wrong("invalid/withdrawal-reason.xml", 1, "RXP-DOC-005");
}

/* No run of characters between > and <, or between quotation marks, of four or more octets that
 * holds more than white space occurs in what is told. */
static unsigned assert_no_value(const struct rxp_buf *octets, struct bytes told)
{
	const uint8_t *at = octets->data;
	const uint8_t *end = octets->data + octets->len;
	unsigned values = 0;

	while (at < end) {
		const uint8_t *from = at;

		while (at < end && *at != '<' && *at != '>' && *at != '"')
			at++;
		while (from < at && (*from == ' ' || *from == '\n'))
			from++;
		if (at < end && *at != '>' && at - from >= 4 && from[-1] != '<' && at[-1] != '=' &&
		    memcmp(from, "urn:", 4) != 0) {
			assert_null(memmem(told.data, told.len, from, (size_t)(at - from)));
			values++;
		}
		at++;
	}
	return values;
}

/* Those are judged at the time of their own documents (sealer_safeguard_test, examples_test). */
static bool breaks_a_safeguard(const struct rxp_buf *list, const char *name)
{
	return memmem(list->data, list->len, name, strlen(name)) != NULL;
}

static void invalid_examples(void **state)
{
	struct rxp_buf safeguards = example("invalid/expected-safeguards.txt");
	DIR *dir = opendir("spec/examples/invalid");
	const struct dirent *entry;
	unsigned files = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL) {
		struct rxp_buf octets;
		struct reply checked;
		char name[300];
		int rc;

		if (strstr(entry->d_name, ".xml") == NULL ||
		    strstr(entry->d_name, ".attachments.xml") != NULL ||
		    breaks_a_safeguard(&safeguards, entry->d_name))
			continue;
		files++;
		snprintf(name, sizeof name, "invalid/%s", entry->d_name);
		octets = example(name);
		rc = check_octets(&checked, octets.data, octets.len);
		if (rc != RXP_ERR_UNSUPPORTED) { /* which no desk orders */
			assert_int_equal(rc, RXP_ERR_SCHEMA);
			/* The attestations of some are too old by the time of this test. */
			assert_in_range(count_of(&checked.body.checked, NULL, false), 1, 3);
			assert_true(assert_no_value(&octets, checked.body.checked.violations) > 0);
		}
		assert_nothing_but_violations(&checked.body.checked);
		reply_clear(&checked);
		rxp_buf_free(&octets);
	}
	closedir(dir);
	rxp_buf_free(&safeguards);
	assert_true(files >= 20);
}

static void replace(struct rxp_buf *octets, const char *from, const char *to)
{
	struct rxp_buf made;
	const uint8_t *at = memmem(octets->data, octets->len, from, strlen(from));

	assert_non_null(at);
	rxp_buf_init(&made, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_put(&made, octets->data, (size_t)(at - octets->data));
	rxp_buf_puts(&made, to);
	at += strlen(from);
	assert_int_equal(rxp_buf_put(&made, at, (size_t)(octets->data + octets->len - at)), 0);
	rxp_buf_free(octets);
	*octets = made;
}

static void assert_told(
    const struct msg_checked *checked, const char *path, const char *requirement)
{
	struct record_cursor cursor = {checked->violations.data, checked->violations.len};
	struct rec_violation v;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&cursor, &tag, &fields) == 1) {
		assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
		if (v.path.len == strlen(path) && memcmp(v.path.data, path, v.path.len) == 0 &&
		    strcmp(v.requirement, requirement) == 0)
			return;
	}
	fail_msg("not told: %s %s", path, requirement);
}

static void all_faults_are_told(void **state)
{
	struct rxp_buf octets;
	struct reply checked;

	(void)state;
	assert_int_equal(
	    check_text(&checked, "<Withdrawal" BODY "><Person key=\"PX1\"/><Person key=\"P0\"/>\n"
				 "<Reason>of my own</Reason></Withdrawal>"),
	    RXP_ERR_SCHEMA);
	assert_int_equal(count(&checked.body.checked, "RXP-DOC-005"), 3);
	reply_clear(&checked);

	/* Each person is told apart. */
	octets = example("application-family.xml");
	replace(&octets, "<Role>spouse<", "<Role>principal<");
	replace(&octets, "1974-08-12</Date>", "1974-02-30</Date>");
	assert_int_equal(check_octets(&checked, octets.data, octets.len), RXP_ERR_SCHEMA);
	assert_told(&checked.body.checked, "ReadmissionApplication/Person[2]/Role", "RXP-APP-003");
	assert_told(
	    &checked.body.checked, "ReadmissionApplication/Person[1]/Birth/Date", "RXP-APP-022");
	reply_clear(&checked);
	rxp_buf_free(&octets);

	/* One of the schema, one of the rules and one of the safeguards. */
	octets = example("application-family.xml");
	replace(&octets, "<Role>spouse<", "<Role>x<");
	replace(&octets, "1974-08-12</Date>", "1974-02-30</Date>");
	replace(&octets, "moveTogether=\"true\"", "moveTogether=\"false\"");
	assert_int_equal(check_octets(&checked, octets.data, octets.len), RXP_ERR_SCHEMA);
	assert_told(&checked.body.checked, "ReadmissionApplication/Person[2]/Role", "RXP-DOC-005");
	assert_told(
	    &checked.body.checked, "ReadmissionApplication/Person[1]/Birth/Date", "RXP-APP-022");
	assert_told(&checked.body.checked, "ReadmissionApplication/Family", "RXP-SAF-016");
	assert_int_equal(count(&checked.body.checked, NULL), 3 + 3); /* without its attachments */
	reply_clear(&checked);
	rxp_buf_free(&octets);

	octets = example("application-single.xml");
	octets.len =
	    (size_t)((uint8_t *)memmem(octets.data, octets.len, "<Person", 7) - octets.data);
	for (unsigned i = 0; i < RXP_MAX_PERSONS; i++)
		rxp_buf_puts(&octets, "<Person key=\"X\"><Role>x</Role><Category>x</Category>"
				      "<Name kind=\"x\"><Primary></Primary></Name></Person>\n");
	rxp_buf_puts(&octets, "</ReadmissionApplication>");
	assert_int_equal(check_octets(&checked, octets.data, octets.len), RXP_ERR_SCHEMA);
	assert_int_equal(count(&checked.body.checked, NULL), RXP_MAX_REPORTS);
	reply_clear(&checked);
	rxp_buf_free(&octets);
}

static void assert_one_without_path(const struct msg_checked *checked)
{
	struct record_cursor cursor = {checked->violations.data, checked->violations.len};
	struct rec_violation v;
	struct bytes fields;
	uint16_t tag;

	assert_int_equal(record_list_next(&cursor, &tag, &fields), 1);
	assert_int_equal(record_decode(&v, &record_violation, fields.data, fields.len), 0);
	assert_int_equal(v.line, 1);
	assert_int_equal(v.path.len, 0);
	assert_true(v.text.len > 0);
	assert_memory_equal(v.requirement, "RXP-XML-", 8);
	assert_int_equal(record_list_next(&cursor, &tag, &fields), 0);
}

/* No content of a case has no violation; no XML of the profile has one, with its line alone. */
static void refused_as_a_whole(void **state)
{
	static const struct {
		const char *body;
		int want;
	} rows[] = {
	    {"<Ping" BODY "/>", RXP_ERR_UNSUPPORTED},
	    {"<Ping" BODY ">x</Ping>", RXP_ERR_UNSUPPORTED},
	    {"<Pong" BODY "/>", RXP_ERR_UNSUPPORTED},
	    {"<Person" BODY "/>", RXP_ERR_UNSUPPORTED},
	    {"<Withdrawal xmlns=\"urn:rxp:1:document\"/>", RXP_ERR_UNSUPPORTED},
	    {"<Withdrawal/>", RXP_ERR_UNSUPPORTED},
	    {"", RXP_ERR_SYNTAX},
	    {"\n", RXP_ERR_SYNTAX},
	    {"{}", RXP_ERR_SYNTAX},
	    {"<Withdrawal" BODY ">", RXP_ERR_SYNTAX},
	    {"<Withdrawal" BODY "/>x", RXP_ERR_SYNTAX},
	    {"<!DOCTYPE Withdrawal><Withdrawal" BODY "/>", RXP_ERR_STRICT},
	    {"<Withdrawal" BODY "><!-- --></Withdrawal>", RXP_ERR_STRICT},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct reply checked;

		assert_int_equal(check_text(&checked, rows[i].body), rows[i].want);
		if (rows[i].want == RXP_ERR_UNSUPPORTED)
			assert_int_equal(checked.body.checked.violations.len, 0);
		else
			assert_one_without_path(&checked.body.checked);
		assert_nothing_but_violations(&checked.body.checked);
		reply_clear(&checked);
	}
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
	    cmocka_unit_test(known_faults),
	    cmocka_unit_test(invalid_examples),
	    cmocka_unit_test(all_faults_are_told),
	    cmocka_unit_test(refused_as_a_whole),
	    cmocka_unit_test(markup_of_the_desk),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
