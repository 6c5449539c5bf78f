/* Emergency stops: set and confirm, lift, list; and whose transfer one concerns. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))

/* Says what the state asks for next. */
static enum exit_status order(struct ctl *c, const char *path)
{
	static const struct {
		const char *state, *words;
	} NEXT[] = {
	    {"proposed", "proposed; another officer: readmitctl stop confirm"},
	    {"in-force", "in force; see readmitctl stop transfers"},
	    {"lifting", "still in force; another officer: readmitctl stop lift"},
	    {"lifted", "lifted:"},
	};
	char id[VIEW_TEXT], state[VIEW_TEXT];
	json_t *json = NULL;
	enum exit_status status =
	    ctl_call(c, &(struct call_request){.method = "POST", .path = path}, &json);

	if (status == EXIT_OK && !ctl_json(c, json)) {
		view_text(id, json_object_get(json, "id"));
		view_text(state, json_object_get(json, "state"));
		for (size_t i = 0; i < N_OF(NEXT); i++)
			if (strcmp(NEXT[i].state, state) == 0)
				ctl_say(c, "%s %s", NEXT[i].words, id);
	}
	json_decref(json);
	return status;
}

enum exit_status ctl_stop_set(struct ctl *c)
{
	const char *because = c->args.options[OPT_BECAUSE];
	char path[CTL_PATH_TEXT];
	size_t used;

	if (because == NULL) {
		ctl_complain(c, "--because is missing: %s", option_table[OPT_BECAUSE].help);
		return EXIT_USAGE;
	}
	ctl_path(c, path);
	used = strlen(path);
	snprintf(path + used, sizeof(path) - used, "&reason=%s", because);
	return order(c, path);
}

static enum exit_status order_this(struct ctl *c)
{
	char path[CTL_PATH_TEXT];

	ctl_path(c, path);
	return order(c, path);
}

enum exit_status ctl_stop_confirm(struct ctl *c)
{
	return order_this(c);
}

enum exit_status ctl_stop_lift(struct ctl *c)
{
	return order_this(c);
}

enum exit_status ctl_stop_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"ID", "id"}, {"KIND", "kind"},
	    {"WHAT", "what"}, {"BECAUSE", "reason"}, {"STATE", "state"},
	    {"PROPOSED BY", "proposed_by"}, {"CONFIRMED BY", "confirmed_by"},
	    {"SINCE", "confirmed"}, {"TO LIFT", "lift_by"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "emergency stops");
}

enum exit_status ctl_stop_transfers(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {
	    {"CASE", "case_id"}, {"PEER", "peer"}, {"PERSON", "person"}, {"STATE", "state"}};

	return list_all(c, COLUMNS, N_OF(COLUMNS), "transfers");
}
