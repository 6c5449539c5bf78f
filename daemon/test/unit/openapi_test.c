/*
 * openapi_test - goals:
 *   every row of route.def stands in spec/openapi.yaml with its method, name, role and summary
 *   every operation of spec/openapi.yaml is a row of route.def
 *   query parameters and headers that the file names for an operation are those of the row
 *   every field of a record that the API shows is a property of its schema
 *   the words of an alarm are those of alarm.def, in its order
 * links: desk
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "daemon/base/alarm.h"
#include "daemon/base/record.h"
#include "daemon/desk/access.h"
#include "daemon/desk/route.h"

#define FILE_NAME "spec/openapi.yaml"
#define OPERATIONS_MAX 128
#define LINE_MAX_OCTETS 256
#define WORDS_MAX_OCTETS 2048

struct operation {
	char path[LINE_MAX_OCTETS], method[LINE_MAX_OCTETS], id[LINE_MAX_OCTETS];
	char role[LINE_MAX_OCTETS], summary[LINE_MAX_OCTETS];
	char query
	    [LINE_MAX_OCTETS]; /* names, each with a space after it; repeated ones with an asterisk */
	char headers[LINE_MAX_OCTETS]; /* likewise */
};

static struct operation operations[OPERATIONS_MAX];
static size_t n_operations;

static FILE *open_file(void)
{
	FILE *f = fopen(FILE_NAME, "r");

	if (f == NULL)
		fail_msg("%s: the test runs in the top folder", FILE_NAME);
	return f;
}

static bool next_line(FILE *f, char line[LINE_MAX_OCTETS], size_t *indent)
{
	if (fgets(line, LINE_MAX_OCTETS, f) == NULL)
		return false;
	line[strcspn(line, "\n")] = '\0';
	*indent = strspn(line, " ");
	return true;
}

/* The rest of the line if it begins, after indent spaces, with this key. */
static const char *value_of(const char *line, size_t indent, const char *key)
{
	size_t len = strlen(key);

	if (strspn(line, " ") != indent || strncmp(line + indent, key, len) != 0)
		return NULL;
	return line + indent + len;
}

static void copy(char out[LINE_MAX_OCTETS], const char *text)
{
	snprintf(out, LINE_MAX_OCTETS, "%s", text);
}

static void add_name(char names[LINE_MAX_OCTETS], const char *name)
{
	size_t used = strlen(names);

	snprintf(names + used, LINE_MAX_OCTETS - used, "%s ", name);
}

/* The last parameter may come more than once. */
static void repeat_last(char names[LINE_MAX_OCTETS])
{
	size_t used = strlen(names);

	assert_true(used > 0);
	snprintf(names + used - 1, LINE_MAX_OCTETS - used + 1, "* ");
}

/* A parameter that several operations share. */
static void read_reference(struct operation *o, const char *line)
{
	static const struct {
		const char *reference, *name;
		bool header;
	} SHARED[] = {{"Peer", "peer", false}, {"CasePeer", "peer", false},
	    {"OutagePeer", "peer", false}, {"From", "from", false}, {"Until", "until", false},
	    {"After", "after", false}, {"Limit", "limit", false}, {"Entry", "entry", false},
	    {"OfCase", "case", false}, {"OfUser", "user", false}, {"Since", "since", false},
	    {"IdempotencyKey", "Idempotency-Key", true}, {"Reason", "Readmit-Reason", true},
	    {"Officer", "Readmit-Officer?", true},
	    {"SecondOfficer", "Readmit-Second-Officer?", true},
	    {"NamesConfirmed", "Readmit-Names-Confirmed?", true}, {"Publisher", "publisher", false},
	    {"LegalOfficer", "Readmit-Officer", true}, {"Countersigner", "Readmit-Officer", true}};
	char reference[LINE_MAX_OCTETS];

	for (size_t i = 0; i < sizeof(SHARED) / sizeof(SHARED[0]); i++) {
		snprintf(reference, sizeof(reference), "- $ref: \"#/components/parameters/%s\"",
		    SHARED[i].reference);
		if (value_of(line, 8, reference) != NULL)
			add_name(SHARED[i].header ? o->headers : o->query, SHARED[i].name);
	}
}

/* One line below an operation. */
static void read_detail(struct operation *o, const char *line, char name[LINE_MAX_OCTETS])
{
	const char *v;

	if ((v = value_of(line, 6, "operationId: ")) != NULL)
		copy(o->id, v);
	else if ((v = value_of(line, 6, "x-readmit-role: ")) != NULL)
		copy(o->role, v);
	else if ((v = value_of(line, 6, "summary: ")) != NULL)
		copy(o->summary, v);
	else if ((v = value_of(line, 8, "- name: ")) != NULL)
		copy(name, v);
	else if (value_of(line, 10, "in: query") != NULL)
		add_name(o->query, name);
	else if (value_of(line, 12, "type: array") != NULL)
		repeat_last(o->query);
	else
		read_reference(o, line);
}

static int read_operations(void **state)
{
	char line[LINE_MAX_OCTETS], path[LINE_MAX_OCTETS] = "", name[LINE_MAX_OCTETS] = "";
	FILE *f = open_file();
	struct operation *o = NULL;
	bool in_paths = false;
	size_t indent;

	(void)state;
	while (next_line(f, line, &indent)) {
		if (indent == 0 && line[0] != '\0')
			in_paths = strcmp(line, "paths:") == 0;
		if (!in_paths)
			continue;
		if (indent == 2) {
			snprintf(path, sizeof(path), "%.*s", (int)strcspn(line + 2, ":"), line + 2);
			o = NULL;
		} else if (indent == 4 && strcmp(line + 4, "parameters:") != 0) {
			assert_true(n_operations < OPERATIONS_MAX);
			o = &operations[n_operations++];
			copy(o->path, path);
			snprintf(o->method, sizeof(o->method), "%.*s", (int)strcspn(line + 4, ":"),
			    line + 4);
		} else if (o != NULL) {
			read_detail(o, line, name);
		}
	}
	fclose(f);
	return n_operations > 0 ? 0 : -1;
}

static const struct operation *operation_of(const struct route *r)
{
	for (size_t i = 0; i < n_operations; i++)
		if (strcasecmp(operations[i].method, route_method_name(r->method)) == 0 &&
		    strcmp(operations[i].path, r->path) == 0)
			return &operations[i];
	return NULL;
}

static void every_route_is_described(void **state)
{
	(void)state;
	for (size_t i = 0; i < route_count; i++) {
		const struct route *r = &route_table[i];
		const struct operation *o = operation_of(r);
		char query[LINE_MAX_OCTETS];

		if (o == NULL)
			fail_msg("%s does not describe %s", FILE_NAME, r->name);
		assert_string_equal(o->id, r->name);
		assert_string_equal(o->role, api_role_word(r->role));
		assert_string_equal(o->summary, r->summary);
		snprintf(query, sizeof(query), "%s%s", r->query, r->query[0] != '\0' ? " " : "");
		assert_string_equal(o->query, query);
		snprintf(
		    query, sizeof(query), "%s%s", r->headers, r->headers[0] != '\0' ? " " : "");
		assert_string_equal(o->headers, query);
	}
}

static void every_operation_is_a_route(void **state)
{
	(void)state;
	assert_int_equal(n_operations, route_count);
	for (size_t i = 0; i < n_operations; i++) {
		size_t found = 0;

		for (size_t k = 0; k < route_count; k++)
			found += operation_of(&route_table[k]) == &operations[i];
		if (found != 1)
			fail_msg("no route for %s %s", operations[i].method, operations[i].path);
	}
}

/* Is there a property of this name in the schema? */
static bool has_property(const char *schema, const char *property)
{
	char line[LINE_MAX_OCTETS];
	bool in_schemas = false, in_schema = false, found = false;
	FILE *f = open_file();
	size_t indent, len = strlen(property);

	while (next_line(f, line, &indent)) {
		if (indent == 2)
			in_schemas = strcmp(line, "  schemas:") == 0;
		if (in_schemas && indent == 4)
			in_schema = strncmp(line + 4, schema, strlen(schema)) == 0 &&
				    strcmp(line + 4 + strlen(schema), ":") == 0;
		if (in_schema && indent >= 8 && strncmp(line + indent, property, len) == 0 &&
		    strcmp(line + indent + len, ":") == 0)
			found = true;
	}
	fclose(f);
	return found;
}

static void every_field_is_a_property(void **state)
{
	static const struct {
		const struct record_type *type;
		const char *schema;
	} SHOWN[] = {{&record_peer_row, "Peer"}, {&record_message_row, "Message"},
	    {&record_metric_row, "Status"}, {&record_ending_row, "Ending"},
	    {&record_alarm_row, "Alarm"}, {&record_log_row, "Log"},
	    {&record_difference_row, "Difference"}, {&record_violation, "Violation"},
	    {&record_case_row, "Case"}, {&record_case_person_row, "Person"},
	    {&record_timeline_row, "CaseDocument"}, {&record_journal_row, "Journal"},
	    {&record_retention_person_row, "RetainedPerson"},
	    {&record_retention_document_row, "RetainedDocument"}, {&record_profile_row, "Profile"},
	    {&record_choice_row, "Choice"}, {&record_calendar_row, "Calendar"},
	    {&record_finding_row, "Finding"}, {&record_sheet_row, "SheetItem"},
	    {&record_statistic_row, "Statistic"}, {&record_outage_row, "Outage"},
	    {&record_offer_row, "Offer"}, {&record_history_row, "History"},
	    {&record_recovery_row, "Recovery"}, {&record_unproved_row, "Unproved"},
	    {&record_contact_row, "Contact"}, {&record_case_clock_row, "Clock"},
	    {&record_clock_mark_row, "ClockMark"}, {&record_correction_row, "CorrectionItem"},
	    {&record_corrected_row, "Corrected"}};

	(void)state;
	for (size_t i = 0; i < sizeof(SHOWN) / sizeof(SHOWN[0]); i++) {
		size_t n;
		const struct field *fields = SHOWN[i].type->fields(&n);

		for (size_t k = 0; k < n; k++) {
			char name[RECORD_NAME_MAX];
			size_t len = strlen(fields[k].name);

			if (fields[k].kind == FIELD_KIND_I64 && len > 3 &&
			    strcmp(fields[k].name + len - 3, "_ms") == 0)
				len -= 3;
			snprintf(name, sizeof(name), "%.*s", (int)len, fields[k].name);
			if (!has_property(SHOWN[i].schema, name))
				fail_msg("%s has no %s", SHOWN[i].schema, name);
		}
	}
	assert_false(has_property("Peer", "no_such"));
	assert_true(has_property("ShownMessage", "answer_octets"));
}

/* The values of the first enum behind the name of a schema, each with a space behind it. */
static void read_enum(char out[WORDS_MAX_OCTETS], const char *schema)
{
	FILE *f = open_file();
	char line[LINE_MAX_OCTETS], *rest;
	size_t indent, used = 0;
	bool inside = false, ended = false;

	while (!inside && next_line(f, line, &indent))
		inside = value_of(line, 4, schema) != NULL;
	inside = false;
	while (!ended && next_line(f, line, &indent)) {
		inside = inside || value_of(line, indent, "enum: [") != NULL;
		ended = inside && strchr(line, ']') != NULL;
		if (!inside)
			continue;
		for (char *word = strtok_r(line, " ,[]", &rest); word != NULL;
		     word = strtok_r(NULL, " ,[]", &rest))
			if (strcmp(word, "enum:") != 0)
				used += (size_t)snprintf(
				    out + used, WORDS_MAX_OCTETS - used, "%s ", word);
		assert_true(used < WORDS_MAX_OCTETS);
	}
	fclose(f);
	assert_true(ended);
}

static void every_alarm_has_its_word(void **state)
{
	char named[WORDS_MAX_OCTETS], known[WORDS_MAX_OCTETS];
	size_t used = 0;

	(void)state;
	for (enum alarm a = 0; a < ALARM_COUNT; a++)
		used += (size_t)snprintf(
		    known + used, sizeof(known) - used, "%s ", alarm_words(a).word);
	assert_true(used < sizeof(known));
	read_enum(named, "Alarm:");
	assert_string_equal(named, known);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_route_is_described),
	    cmocka_unit_test(every_operation_is_a_route),
	    cmocka_unit_test(every_field_is_a_property),
	    cmocka_unit_test(every_alarm_has_its_word),
	};

	return cmocka_run_group_tests(tests, read_operations, NULL);
}
