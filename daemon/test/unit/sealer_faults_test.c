/*
 * check, of what is wrong: each invalid example gives violations with line, path and requirement, and
 * none of the values of the file; all faults are told, up to the bound; what is no content of a case, no
 * strict XML, or too long for a Document is refused without a violation (how long one may be is
 * sealer_length_test.c's), and nothing else comes of any.
 * links: sealer certs
 */
#include "daemon/test/unit/sealer_desk.h"

#include <dirent.h>

static void assert_nothing_but_violations(const struct msg_checked *c)
{
	assert_int_equal(c->facts.len, 0);
	assert_int_equal(c->draft.len, 0);
}

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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(known_faults),
	    cmocka_unit_test(invalid_examples),
	    cmocka_unit_test(all_faults_are_told),
	    cmocka_unit_test(refused_as_a_whole),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
