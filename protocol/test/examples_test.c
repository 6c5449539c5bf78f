/*
 * Goals:
 *  - each example of spec/examples satisfies its schema, the rules and the safeguards, is of the type that the
 *    name of its file begins with; every type has one, and so has all that a type can say to the case;
 *  - each of spec/examples/invalid has the one fault that a line of expected*.txt says, found at that place by
 *    the schema or by the rule or safeguard of that requirement, and differs in one place only from a valid one;
 *  - each safeguard that content or manifest can break has one there.
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

#include "protocol/base/err.h"
#include "protocol/document/document.h"
#include "protocol/document/facts.h"
#include "protocol/test/example.h"
#include "protocol/test/library.h"
#include "protocol/xml/place.h"
#include "protocol/xml/xml.h"

#define MAX_INVALID 512

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
		struct example_fault fault;

		if (example_check(&fault, &e) != 0 ||
		    example_safeguards(&fault, files.names[i], &e) != 0) {
			print_message(
			    "%s:%lu: %s: %s\n", files.names[i], fault.line, fault.path, fault.text);
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

/* What the examples say, by the tables of case.def. */
struct told {
	bool type[RXP_TYPE_COUNT];
	bool event[RXP_CASE_EVENT_COUNT];
	unsigned traits[RXP_TYPE_COUNT];
};

static void tell(struct told *told, const char *name)
{
	unsigned found = type_of_file(name);
	struct example e = example_load(name);
	struct rxp_case_document facts;
	enum rxp_type type;

	assert_true(found < RXP_TYPE_COUNT);
	type = (enum rxp_type)found;
	told->type[type] = true;
	if (rxp_case_type(type)->in_case) {
		if (rxp_facts_content(&facts, type, rxp_xml_root(e.content)) != 0)
			fail_msg("%s: the case cannot read it", name);
		told->event[facts.event] |= !rxp_case_type(type)->names_persons;
		for (size_t i = 0; i < facts.n_persons; i++) {
			told->event[facts.persons[i].event] = true;
			told->traits[type] |= facts.persons[i].gives;
		}
	}
	example_free(&e);
}

/* What goes to the other State has names alone. */
static void test_place_names(void **unused)
{
	struct rxp_buf names;

	(void)unused;
	rxp_buf_init(&names, 64);
	assert_int_equal(rxp_place_names(&names, "A/Person[2]/B[10]/*"), 0);
	assert_int_equal(names.len, strlen("A/Person/B/*"));
	assert_memory_equal(names.data, "A/Person/B/*", names.len);
	rxp_buf_free(&names);
}

/* Each type has an example, and among those of a type is one for all that it can say to the case. */
static void test_examples_are_complete(void **unused)
{
	struct example_list files = example_list("");
	struct told told = {0};
	const struct rxp_case_mark *mark;
	unsigned missing = 0;

	(void)unused;
	for (size_t i = 0; i < files.n; i++)
		tell(&told, files.names[i]);
	example_list_free(&files);
	for (unsigned type = 0; type < RXP_TYPE_COUNT; type++) {
		if (!told.type[type]) {
			print_message("%s: no example\n", rxp_type_row((enum rxp_type)type)->wire);
			missing++;
		}
	}
	for (unsigned event = 0; event < RXP_CASE_EVENT_COUNT; event++) {
		if (told.type[rxp_case_event_row(event)->type] && !told.event[event]) {
			print_message("%s: no example\n", rxp_case_event_row(event)->word);
			missing++;
		}
	}
	for (size_t i = 0; (mark = rxp_case_mark(i)) != NULL; i++) {
		if (told.type[mark->type] && (told.traits[mark->type] & 1u << mark->trait) == 0) {
			print_message("%s in %s: no example\n", mark->element,
			    rxp_type_row(mark->type)->wire);
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

/* The requirement of the rule or safeguard with this text; "schema" if none has it. */
static const char *requirement_of(const char *text)
{
	static const struct {
		const char *requirement, *text;
	} rules[] = {
#define RULE(name, requirement, text) {requirement, text},
#include "protocol/document/rule.def"
#undef RULE
#define SAFEGUARD(name, requirement, judged, text, remedy) {requirement, text},
#include "protocol/safeguard/safeguard.def"
	};

	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (strcmp(rules[i].text, text) == 0)
			return rules[i].requirement;
	return "schema";
}

static bool is_safeguard(const char *requirement)
{
	for (unsigned rule = 0; rule < RXP_SAFEGUARD_COUNT; rule++)
		if (strcmp(rxp_safeguard_row((enum rxp_safeguard)rule)->requirement, requirement) ==
		    0)
			return true;
	return false;
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
	struct example_fault fault;
	unsigned wrong = 0;
	int wanted = is_safeguard(expected->requirement) ? RXP_ERR_NOT_ACCEPTABLE : RXP_ERR_SCHEMA;
	int rc = example_check(&fault, &e);

	if (rc == 0)
		rc = example_safeguards(&fault, name, &e);
	if (rc != wanted || fault.n != 1 || !example_place_is(fault.path, expected->place) ||
	    strcmp(requirement_of(fault.text), expected->requirement) != 0) {
		print_message("%s: %d, %u faults, line %lu: %s: %s\n", name, rc, fault.n,
		    fault.line, fault.path, fault.text);
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

/* A rule about who gives the document to the node is not one that a document can break. */
static bool is_of_content(enum rxp_safeguard rule)
{
	return rule != RXP_SAFEGUARD_SECOND_OFFICER;
}

static void test_safeguards_have_examples(void **unused)
{
	static struct expected expected[MAX_INVALID];
	size_t n = read_expected(expected);
	unsigned missing = 0;

	(void)unused;
	for (unsigned rule = 0; rule < RXP_SAFEGUARD_COUNT; rule++) {
		const char *requirement = rxp_safeguard_row(rule)->requirement;
		bool found = !is_of_content(rule);

		for (size_t i = 0; i < n; i++)
			found |= strcmp(expected[i].requirement, requirement) == 0;
		if (!found) {
			print_message("%s: no example\n", requirement);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_valid),
	    cmocka_unit_test(test_examples_are_complete),
	    cmocka_unit_test(test_invalid),
	    cmocka_unit_test(test_place_names),
	    cmocka_unit_test(test_safeguards_have_examples),
	};

	return cmocka_run_group_tests_name("examples", tests, library_begin, library_end);
}
