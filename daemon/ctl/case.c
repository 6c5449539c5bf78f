/* Cases: list, one with its persons, and its history, which both States must tell alike. */
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))
#define SHORT_DIGITS 16 /* of a fingerprint, for people */

enum exit_status ctl_case_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"CASE", "case_id"}, {"PEER", "peer"},
	    {"ROLE", "role"}, {"PERSONS", "persons"}, {"DOCUMENTS", "documents"},
	    {"STATE", "state"}, {"HOLDS", "holds"}, {"CHANGED", "changed"}, {"CLOCK", "clock"},
	    {"WHO", "actor"}, {"DUE", "due_local"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "cases");
}

static enum exit_status fetch(struct ctl *c, json_t **json)
{
	char path[CTL_PATH_TEXT];

	ctl_path(c, path);
	return ctl_call(c, &(struct call_request){.method = "GET", .path = path}, json);
}

/* A line for each person, the traits behind the state; `prefix` stands before it. */
static void print_states(struct ctl *c, const json_t *states, const char *prefix)
{
	const json_t *one;
	size_t i;

	json_array_foreach(states, i, one)
	{
		const char *traits = json_string_value(json_object_get(one, "traits"));
		char person[VIEW_TEXT], state[VIEW_TEXT];

		view_text(person, json_object_get(one, "person"));
		view_text(state, json_object_get(one, "state"));
		fprintf(c->out, "%sP%s %s%s%s\n", prefix, person, state, traits != NULL ? " " : "",
		    traits != NULL ? traits : "");
	}
}

/* Persons as people write them; person 0 is the whole case. */
static void name_persons(json_t *items)
{
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		json_int_t person = json_integer_value(json_object_get(item, "person"));

		json_object_set_new(item, "person",
		    person == 0 ? json_string("all")
				: json_sprintf("P%" JSON_INTEGER_FORMAT, person));
	}
}

static void print_holds(struct ctl *c, json_t *holds)
{
	static const struct view_column COLUMNS[] = {
	    {"HELD", "person"}, {"BECAUSE", "reason"}, {"BY", "user"}, {"SINCE", "at"}};

	if (json_array_size(holds) == 0)
		return;
	name_persons(holds);
	fputc('\n', c->out);
	view_table(c->out, holds, COLUMNS, N_OF(COLUMNS));
}

/* Each clock in its words, the steps of each behind it if they came. */
static void print_clocks(struct ctl *c, json_t *clocks)
{
	static const struct view_column COLUMNS[] = {{"PERSON", "person"}, {"CLOCK", "clock"},
	    {"WHO", "actor"}, {"STATUS", "status"}, {"DUE", "due_local"}, {"UNIT", "unit"},
	    {"SOURCE", "source"}, {"OTHERWISE", "fallback"}};
	const json_t *one;
	size_t i;

	if (json_array_size(clocks) == 0)
		return;
	name_persons(clocks);
	fputc('\n', c->out);
	view_table(c->out, clocks, COLUMNS, N_OF(COLUMNS));
	json_array_foreach(clocks, i, one)
	{
		const char *steps = json_string_value(json_object_get(one, "steps"));
		char person[VIEW_TEXT], clock[VIEW_TEXT];

		if (steps == NULL)
			continue;
		view_text(person, json_object_get(one, "person"));
		view_text(clock, json_object_get(one, "clock"));
		fprintf(c->out, "\n%s %s\n", person, clock);
		view_lines(c->out, steps);
	}
}

enum exit_status ctl_case_show(struct ctl *c)
{
	static const struct view_column FACTS[] = {{"case", "case_id"}, {"own party", "own"},
	    {"peer", "peer"}, {"role", "role"}, {"state", "state"}, {"persons", "persons"},
	    {"documents", "documents"}, {"unproved", "unproved"}, {"profile", "profile_id"},
	    {"its version", "profile_version"}, {"opened", "opened"}, {"changed", "changed"}};
	json_t *json = NULL;
	enum exit_status status = fetch(c, &json);

	if (status == EXIT_OK && !ctl_json(c, json)) {
		view_facts(c->out, json, FACTS, N_OF(FACTS));
		fputc('\n', c->out);
		print_states(c, json_object_get(json, "states"), "");
		print_holds(c, json_object_get(json, "held"));
		print_clocks(c, json_object_get(json, "clocks"));
	}
	json_decref(json);
	return status;
}

/* --- the history ---------------------------------------------------------------------------------- */
/* Only what is receipted counts for both: the rest is still between them. */
static void print_canonical(struct ctl *c, const json_t *json)
{
	static const char *const MEMBERS[] = {
	    "from", "type", "position", "fingerprint", "received", "effect"};
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(json, "items"), i, item)
	{
		if (!json_is_string(json_object_get(item, "received")))
			continue;
		fputs("document", c->out);
		for (size_t k = 0; k < N_OF(MEMBERS); k++) {
			char text[VIEW_TEXT];

			view_text(text, json_object_get(item, MEMBERS[k]));
			fprintf(c->out, " %s", text);
		}
		fputc('\n', c->out);
	}
	print_states(c, json_object_get(json, "states"), "person ");
}

static json_t *parties_of(const json_t *json, const json_t *item)
{
	char own[VIEW_TEXT], peer[VIEW_TEXT], from[VIEW_TEXT];

	view_text(own, json_object_get(json, "own"));
	view_text(peer, json_object_get(json, "peer"));
	view_text(from, json_object_get(item, "from"));
	return json_sprintf("%s -> %s", from, strcmp(from, peer) == 0 ? own : peer);
}

static json_t *short_fingerprint(const json_t *item)
{
	const char *hex = json_string_value(json_object_get(item, "fingerprint"));
	char text[SHORT_DIGITS + SHORT_DIGITS / 4 + 1];
	size_t n = 0;

	if (hex == NULL || strlen(hex) < SHORT_DIGITS)
		return json_null();
	for (size_t i = 0; i < SHORT_DIGITS; i++) {
		if (i > 0 && i % 4 == 0)
			text[n++] = ' ';
		text[n++] = hex[i];
	}
	return json_stringn(text, n);
}

/* What it does, or how far it is; and whether it is proved. */
static json_t *effect_of(const json_t *item)
{
	const json_t *effect = json_object_get(item, "effect");
	char text[VIEW_TEXT];

	if (!json_is_string(effect))
		effect = json_object_get(item, "state");
	view_text(text, effect);
	return json_integer_value(json_object_get(item, "unproved")) != 0
		   ? json_sprintf("%s, UNPROVED", text)
		   : json_string(text);
}

/* The document as a line for people; NULL without memory. */
static json_t *line_of(const json_t *json, const json_t *item)
{
	return json_pack("{s:O?, s:o, s:O?, s:O?, s:o, s:o}", "received",
	    json_object_get(item, "received"), "parties", parties_of(json, item), "type",
	    json_object_get(item, "type"), "position", json_object_get(item, "position"),
	    "fingerprint", short_fingerprint(item), "effect", effect_of(item));
}

/* What there was to tell of a clock, as a line; NULL without memory. */
static json_t *mark_line(const json_t *mark)
{
	static const struct {
		const char *status, *words;
	} PASSED[] = {{"past", "passed, nothing was sent"}, {"broken", "passed, it came late"},
	    {"ended", "passed, the case went on without it"}};
	const char *status = json_string_value(json_object_get(mark, "status"));
	const char *words = "warning";
	char clock[VIEW_TEXT], due[VIEW_TEXT], persons[VIEW_TEXT];

	for (size_t i = 0; status != NULL && i < N_OF(PASSED); i++)
		if (strcmp(status, PASSED[i].status) == 0)
			words = PASSED[i].words;
	view_text(clock, json_object_get(mark, "clock"));
	view_text(due, json_object_get(mark, "due_local"));
	view_text(persons, json_object_get(mark, "persons"));
	return json_pack("{s:O?, s:O?, s:s, s:o}", "received", json_object_get(mark, "at"),
	    "parties", json_object_get(mark, "actor"), "type", "clock", "effect",
	    json_sprintf("%s due %s \xe2\x80\x94 %s (%s)", clock, due, words, persons));
}

/* Those of before the time, which has one form and so an order as text; all that are left if it is NULL. */
static bool put_marks(json_t *lines, const json_t *marks, size_t *mark, const json_t *before)
{
	const char *until = json_string_value(before);

	if (before != NULL && until == NULL)
		return true; /* of a document without a receipt */
	for (; *mark < json_array_size(marks); ++*mark) {
		const json_t *one = json_array_get(marks, *mark);
		const char *at = json_string_value(json_object_get(one, "at"));

		if (until != NULL && (at == NULL || strcmp(at, until) >= 0))
			break;
		if (json_array_append_new(lines, mark_line(one)) != 0)
			return false;
	}
	return true;
}

static enum exit_status print_history(struct ctl *c, const json_t *json)
{
	static const struct view_column COLUMNS[] = {{"RECEIVED", "received"},
	    {"PARTIES", "parties"}, {"TYPE", "type"}, {"POSITION", "position"},
	    {"FINGERPRINT", "fingerprint"}, {"EFFECT", "effect"}};
	const json_t *marks = json_object_get(json, "marks");
	json_t *lines = json_array();
	const json_t *item;
	enum exit_status status = lines != NULL ? EXIT_OK : EXIT_FAILED;
	size_t i, mark = 0;

	json_array_foreach(json_object_get(json, "items"), i, item)
	{
		if (!put_marks(lines, marks, &mark, json_object_get(item, "received")) ||
		    json_array_append_new(lines, line_of(json, item)) != 0)
			status = EXIT_FAILED;
	}
	if (!put_marks(lines, marks, &mark, NULL))
		status = EXIT_FAILED;
	if (status == EXIT_OK) {
		view_table(c->out, lines, COLUMNS, N_OF(COLUMNS));
		fputc('\n', c->out);
		print_states(c, json_object_get(json, "states"), "");
	} else {
		ctl_complain(c, "out of memory");
	}
	json_decref(lines);
	return status;
}

enum exit_status ctl_case_timeline(struct ctl *c)
{
	json_t *json = NULL;
	enum exit_status status = fetch(c, &json);

	if (status == EXIT_OK && !ctl_json(c, json)) {
		if (c->args.options[OPT_CANONICAL] != NULL)
			print_canonical(c, json);
		else
			status = print_history(c, json);
	}
	json_decref(json);
	return status;
}
