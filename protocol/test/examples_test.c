/*
 * Goals:
 *  - each example of spec/examples satisfies its schema and the rules, is of the type that the name of its
 *    file begins with, and every type has one;
 *  - each of spec/examples/invalid has the one fault that a line of expected*.txt says, found at that place by
 *    the schema or by the rule of that requirement, and differs in one place only from a valid one;
 *  - what a safeguard refuses is no fault of form: a nationality, a stale or missing attestation;
 *  - a report names no element that only the sender knows, and their number is bounded.
 */
#include <ctype.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/document.h"
#include "protocol/err.h"
#include "protocol/init.h"
#include "protocol/limits.h"
#include "protocol/rules.h"
#include "protocol/schema.h"
#include "protocol/test/example.h"
#include "protocol/xml.h"

#define APPLICATION "ReadmissionApplication"
#define PERSON APPLICATION "/Person"
#define MAX_INVALID 512

struct seen {
	unsigned n;
	unsigned long line;
	char path[512];
	char text[128];
};

static void note(void *arg, unsigned long line, const char *path, const char *text)
{
	struct seen *seen = arg;

	if (seen->n++ > 0)
		return;
	seen->line = line;
	snprintf(seen->path, sizeof seen->path, "%s", path);
	snprintf(seen->text, sizeof seen->text, "%s", text);
}

/* As a receiver does it: the schemas, then the rules. */
static int check(struct seen *seen, const struct example *e)
{
	int rc;

	*seen = (struct seen){0};
	rc = rxp_schema_validate(e->content, note, seen);
	if (rc == 0 && e->manifest != NULL)
		rc = rxp_schema_validate(e->manifest, note, seen);
	if (rc == 0)
		rc = rxp_rules_check(rxp_xml_root(e->content),
		    e->manifest == NULL ? NULL : rxp_xml_root(e->manifest), note, seen);
	return rc;
}

/* A type's name as names of files have it: in lower case, with hyphens, without "Readmission". */
static void name_in_files(char out[64], enum rxp_type type)
{
	static const char left_out[] = "Readmission";
	const char *wire = rxp_type_row(type)->wire;
	size_t n = 0;

	if (strncmp(wire, left_out, sizeof left_out - 1) == 0)
		wire += sizeof left_out - 1;
	for (size_t i = 0; wire[i] != '\0'; i++) {
		if (isupper((unsigned char)wire[i]) && i > 0)
			out[n++] = '-';
		out[n++] = (char)tolower((unsigned char)wire[i]);
	}
	out[n] = '\0';
}

/* The type whose name the file's name begins with; of several the longest. RXP_TYPE_COUNT: none. */
static unsigned type_of_file(const char *file)
{
	unsigned found = RXP_TYPE_COUNT;
	size_t longest = 0;

	for (unsigned type = 0; type < RXP_TYPE_COUNT; type++) {
		char name[64];
		size_t len;

		name_in_files(name, (enum rxp_type)type);
		len = strlen(name);
		if (len > longest && strncmp(file, name, len) == 0 &&
		    (file[len] == '-' || file[len] == '.')) {
			found = type;
			longest = len;
		}
	}
	return found;
}

static bool is_of_type_of_file(const struct example *e, const char *file)
{
	unsigned type = type_of_file(file);

	return type < RXP_TYPE_COUNT && rxp_xml_is(rxp_xml_root(e->content), "urn:rxp:1:body",
					    rxp_type_row((enum rxp_type)type)->wire);
}

static void test_valid(void **unused)
{
	struct example_list files = example_list("");
	unsigned wrong = 0;

	(void)unused;
	for (size_t i = 0; i < files.n; i++) {
		struct example e = example_load(files.names[i]);
		struct seen seen;

		if (check(&seen, &e) != 0 || seen.n != 0) {
			print_message(
			    "%s:%lu: %s: %s\n", files.names[i], seen.line, seen.path, seen.text);
			wrong++;
		}
		if (!is_of_type_of_file(&e, files.names[i])) {
			print_message("%s: not of the type of its name\n", files.names[i]);
			wrong++;
		}
		example_free(&e);
	}
	assert_true(files.n > 0);
	example_list_free(&files);
	assert_int_equal(wrong, 0);
}

static void test_every_type_has_an_example(void **unused)
{
	struct example_list files = example_list("");
	unsigned examples[RXP_TYPE_COUNT + 1] = {0};
	unsigned missing = 0;

	(void)unused;
	for (size_t i = 0; i < files.n; i++)
		examples[type_of_file(files.names[i])]++;
	example_list_free(&files);
	for (unsigned type = 0; type < RXP_TYPE_COUNT; type++) {
		if (examples[type] == 0) {
			print_message("%s: no example\n", rxp_type_row((enum rxp_type)type)->wire);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
}

/* --- invalid examples ---------------------------------------------------------------------- */

struct expected {
	char file[128], place[256], requirement[32];
};

/* All lines of invalid/expected*.txt. */
static size_t read_expected(struct expected out[MAX_INVALID])
{
	glob_t found;
	size_t n = 0;

	assert_int_equal(glob("spec/examples/invalid/expected*.txt", 0, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		FILE *file = fopen(found.gl_pathv[i], "r");
		char line[512];

		assert_non_null(file);
		while (fgets(line, sizeof line, file) != NULL) {
			struct expected *e = &out[n++];
			int used = 0;

			assert_true(n < MAX_INVALID);
			if (sscanf(line, "%127s %255s %31s %n", e->file, e->place, e->requirement,
				&used) != 3 ||
			    line[used] != '\0')
				fail_msg("%s: %s", found.gl_pathv[i], line);
		}
		fclose(file);
	}
	globfree(&found);
	return n;
}

/* The requirement of the rule with this text; "schema" if none has it. */
static const char *requirement_of(const char *text)
{
	static const struct {
		const char *requirement, *text;
	} rules[] = {
#define RULE(name, requirement, text) {requirement, text},
#include "protocol/rule.def"
#undef RULE
	};

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (strcmp(rules[i].text, text) == 0)
			return rules[i].requirement;
	return "schema";
}

/* In how many places two examples of one type differ, counted up to 4. */
static unsigned differences(const struct example *a, const struct example *b)
{
	unsigned n = example_differences(rxp_xml_root(a->content), rxp_xml_root(b->content));

	if (a->manifest == NULL || b->manifest == NULL)
		return n + (a->manifest != b->manifest);
	return n + example_differences(rxp_xml_root(a->manifest), rxp_xml_root(b->manifest));
}

/* Is there a valid example from which this one differs in one place? */
static bool has_twin(const struct example *e, const struct example_list *valid)
{
	bool found = false;

	for (size_t i = 0; i < valid->n && !found; i++) {
		struct example other = example_load(valid->names[i]);

		found = strcmp(rxp_xml_name(rxp_xml_root(e->content)),
			    rxp_xml_name(rxp_xml_root(other.content))) == 0 &&
			differences(e, &other) == 1;
		example_free(&other);
	}
	return found;
}

/* The number of things that are not as expected says. */
static unsigned check_invalid(
    const char *name, const struct expected *expected, const struct example_list *valid)
{
	struct example e = example_load(name);
	struct seen seen;
	unsigned wrong = 0;
	int rc = check(&seen, &e);

	if (rc != RXP_ERR_SCHEMA || seen.n != 1 || strcmp(seen.path, expected->place) != 0 ||
	    strcmp(requirement_of(seen.text), expected->requirement) != 0) {
		print_message("%s: %d, %u faults, line %lu: %s: %s\n", name, rc, seen.n, seen.line,
		    seen.path, seen.text);
		wrong++;
	}
	if (!has_twin(&e, valid)) {
		print_message("%s: no valid example differs in one place only\n", name);
		wrong++;
	}
	if (!is_of_type_of_file(&e, expected->file)) {
		print_message("%s: not of the type of its name\n", name);
		wrong++;
	}
	example_free(&e);
	return wrong;
}

static void test_invalid(void **unused)
{
	static struct expected expected[MAX_INVALID];
	size_t n = read_expected(expected);
	struct example_list valid = example_list("");
	struct example_list files = example_list("invalid/");
	unsigned wrong = 0;

	(void)unused;
	for (size_t i = 0; i < files.n; i++) {
		const struct expected *found = NULL;
		unsigned lines = 0;

		for (size_t k = 0; k < n; k++) {
			if (strcmp(files.names[i] + strlen("invalid/"), expected[k].file) == 0) {
				found = &expected[k];
				lines++;
			}
		}
		if (lines != 1) {
			print_message("%s: %u lines say what is expected\n", files.names[i], lines);
			wrong++;
		} else {
			wrong += check_invalid(files.names[i], found, &valid);
		}
	}
	assert_int_equal(n, files.n);
	example_list_free(&files);
	example_list_free(&valid);
	assert_int_equal(wrong, 0);
}

/* --- changes to one example ---------------------------------------------------------------- */

/* One change to a valid example or to its manifest, and the fault; NULL: none. */
static void assert_change(const char *content_from, const char *content_to,
    const char *manifest_from, const char *manifest_to, const char *path, const char *text)
{
	struct rxp_buf content = content_from == NULL ? example_read("application-family.xml")
						      : example_change("application-family.xml",
							    content_from, content_to);
	struct rxp_buf manifest =
	    manifest_from == NULL
		? example_read("application-family.attachments.xml")
		: example_change("application-family.attachments.xml", manifest_from, manifest_to);
	struct example e = {example_parse(&content), example_parse(&manifest)};
	struct seen seen;
	int rc = check(&seen, &e);

	if (path == NULL) {
		assert_int_equal(rc, 0);
	} else {
		assert_int_equal(rc, RXP_ERR_SCHEMA);
		assert_string_equal(seen.path, path);
		assert_string_equal(seen.text, text);
		assert_int_equal(seen.n, 1);
	}
	example_free(&e);
	rxp_buf_free(&content);
	rxp_buf_free(&manifest);
}

static void test_manifest(void **unused)
{
	(void)unused;
	assert_change("<Photograph>\n      <Attachment>1<", "<Photograph>\n      <Attachment>3<",
	    NULL, NULL, "Attachments/Attachment", "the content does not name this attachment");
	assert_change(NULL, NULL, "<Type>document-scan<", "<Type>photograph<", NULL, NULL);
	assert_change(NULL, NULL, "number=\"1\">\n    <Type>photograph<",
	    "number=\"1\">\n    <Type>document-scan<", PERSON "/Photograph/Attachment",
	    "the attachment named is not a photograph");
	assert_change(NULL, NULL, "number=\"3\"", "number=\"2\"", "Attachments/Attachment",
	    "a value occurs twice");
}

static void test_rules_between_fields(void **unused)
{
	static const char date[] =
	    "<Date certainty=\"documented\">1974-08-12</Date>\n      <Place>";
	static const struct {
		const char *date;
		bool exists;
	} dates[] = {{"1972-02-29", true}, {"2000-02-29", true}, {"1900-02-29", false},
	    {"1974-04-31", false}, {"1974-12-31", true}, {"1974-12", true}};

	(void)unused;
	assert_change("<Role>spouse<", "<Role>principal<", NULL, NULL, PERSON "/Role",
	    "exactly one person must be the principal");
	assert_change("<Attachment>3<", "<Attachment>4<", "number=\"3\"", "number=\"4\"",
	    "Attachments/Attachment", "the numbers of the manifest must be 1, 2, 3 and so on");
	for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
		char to[sizeof date];

		snprintf(to, sizeof to, "<Date certainty=\"documented\">%s</Date>\n      <Place>",
		    dates[i].date);
		assert_change(date, to, NULL, NULL, dates[i].exists ? NULL : PERSON "/Birth/Date",
		    "no calendar has this date");
	}
}

static void test_safeguards_are_not_of_form(void **unused)
{
	(void)unused;
	assert_change("<Nationality status=\"previous\">QMA<",
	    "<Nationality status=\"previous\">XXB<", NULL, NULL, NULL, NULL);
	assert_change("<Nationality status=\"previous\">QMA<",
	    "<Nationality status=\"previous\">XXC<", NULL, NULL, NULL, NULL);
	assert_change("      <BestInterests>\n        <Date>2026-11-19</Date>\n"
		      "        <Officer>C-0007</Officer>\n"
		      "        <Role>child-protection-officer</Role>\n"
		      "        <Commitment>",
	    "      <BestInterests>\n        <Date>2011-11-19</Date>\n"
	    "        <Officer>C-0007</Officer>\n        <Role>legal-officer</Role>\n"
	    "        <Commitment>",
	    NULL, NULL, NULL, NULL);
}

/* A content of which nearly every value is wrong, as long as a Document may be. */
static void test_reports_are_bounded(void **unused)
{
	struct rxp_buf content;
	struct example e = {0};
	struct seen seen;

	(void)unused;
	rxp_buf_init(&content, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_puts(&content, "<Withdrawal xmlns=\"urn:rxp:1:body\">");
	for (unsigned i = 0; i < 9000; i++)
		rxp_buf_puts(&content, "<Person key=\"\"/>");
	assert_int_equal(rxp_buf_puts(&content, "</Withdrawal>"), 0);
	e.content = example_parse(&content);
	assert_int_equal(check(&seen, &e), RXP_ERR_SCHEMA);
	assert_in_range(seen.n, 20, RXP_MAX_REPORTS);
	example_free(&e);
	rxp_buf_free(&content);
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
	    cmocka_unit_test(test_valid),
	    cmocka_unit_test(test_every_type_has_an_example),
	    cmocka_unit_test(test_invalid),
	    cmocka_unit_test(test_manifest),
	    cmocka_unit_test(test_rules_between_fields),
	    cmocka_unit_test(test_safeguards_are_not_of_form),
	    cmocka_unit_test(test_reports_are_bounded),
	};

	return cmocka_run_group_tests_name("examples", tests, set_up, tear_down);
}
