/* What is held of a case, and when it is erased. */
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/view.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))
#define PERSONS_TEXT 128

/* "P1 P3" for a mask. */
static json_t *persons_text(const json_t *item, const char *member)
{
	json_int_t mask = json_integer_value(json_object_get(item, member));
	char text[PERSONS_TEXT] = "";
	size_t used = 0;

	for (unsigned key = 1; key <= RXP_MAX_PERSONS; key++)
		if ((mask >> (key - 1) & 1) != 0)
			used += (size_t)snprintf(
			    text + used, sizeof(text) - used, "%sP%u", used > 0 ? " " : "", key);
	return used > 0 ? json_string(text) : json_null();
}

/* When it goes, or why nobody can say. */
static json_t *due_of_person(const json_t *json, const json_t *item)
{
	json_t *due = json_object_get(item, "due");

	if (json_is_string(due))
		return json_incref(due);
	if (json_integer_value(json_object_get(item, "extendable")) != 0)
		return json_string(
		    "not before it is withdrawn: the agreement lets the transfer limit be extended");
	if (!json_is_string(json_object_get(item, "ended")))
		return json_string("not before the case ends");
	return json_string(json_is_true(json_object_get(json, "profile_held"))
			       ? "the profile does not say"
			       : "this node does not hold the profile");
}

static void print_persons(struct ctl *c, const json_t *json)
{
	static const struct view_column COLUMNS[] = {{"PERSON", "key"}, {"STATE", "state"},
	    {"ENDED", "ended"}, {"AFTER", "after"}, {"MONTHS", "months"}, {"SOURCE", "source"},
	    {"ERASED FROM", "goes"}, {"SHOWN", "shown"}};
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(json, "persons"), i, item)
	{
		json_object_set_new(item, "key",
		    json_sprintf("P%d", (int)json_integer_value(json_object_get(item, "person"))));
		json_object_set_new(item, "goes", due_of_person(json, item));
		json_object_set_new(item, "shown",
		    json_string(json_integer_value(json_object_get(item, "blocked")) != 0
				    ? "blocked"
				    : "yes"));
	}
	view_table(c->out, json_object_get(json, "persons"), COLUMNS, N_OF(COLUMNS));
}

static void print_documents(struct ctl *c, const json_t *json)
{
	static const struct view_column COLUMNS[] = {{"FROM", "from"}, {"POSITION", "position"},
	    {"TYPE", "type"}, {"PERSONS", "of"}, {"NOT SHOWN", "not_shown"}, {"CONTENT", "content"},
	    {"ERASED FROM", "due"}, {"ERASED", "erased"}, {"MESSAGE", "local_id"}};
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(json, "documents"), i, item)
	{
		json_object_set_new(item, "of", persons_text(item, "persons"));
		json_object_set_new(item, "not_shown", persons_text(item, "hidden"));
	}
	view_table(c->out, json_object_get(json, "documents"), COLUMNS, N_OF(COLUMNS));
}

enum exit_status ctl_case_retention(struct ctl *c)
{
	static const struct view_column FACTS[] = {{"case", "case_id"}, {"peer", "peer"},
	    {"profile", "profile_id"}, {"version", "profile_version"}, {"legal hold", "legal_hold"},
	    {"peer erased", "peer_erased"}};
	char path[CTL_PATH_TEXT];
	json_t *json = NULL;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_call(c, &(struct call_request){.method = "GET", .path = path}, &json);
	if (status == EXIT_OK && !ctl_json(c, json)) {
		view_facts(c->out, json, FACTS, N_OF(FACTS));
		fputc('\n', c->out);
		print_persons(c, json);
		fputc('\n', c->out);
		print_documents(c, json);
	}
	json_decref(json);
	return status;
}
