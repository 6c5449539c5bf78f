/* What was lost with peers, how far it is back, and a person who ends a hold. */
#include <stdio.h>

#include <jansson.h>

#include "daemon/ctl/confirm.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))

/* What a hold means, and who ends it. */
static void explain(struct ctl *c, const json_t *items)
{
	static const struct view_column words[] = {
	    {"how it is known", "how"}, {"means", "meaning"}, {"what follows", "next"}};
	const json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		if (json_integer_value(json_object_get(item, "held")) == 0)
			continue;
		fprintf(c->out, "\nnew documents of cases with %s are held\n",
		    json_string_value(json_object_get(item, "peer")));
		view_facts(c->out, item, words, N_OF(words));
	}
}

enum exit_status ctl_recovery_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"PEER", "peer"}, {"LOST BY", "lost_by"},
	    {"WHY", "why"}, {"STAGE", "stage"}, {"BEGAN", "began"}, {"ENDED", "ended"},
	    {"ANSWERS BACK", "answers"}, {"ITS DOCUMENTS", "documents"}, {"OURS", "own"},
	    {"WAIT", "waiting"}, {"UNPROVED", "unproved"}};
	char path[CTL_PATH_TEXT];
	json_t *page = NULL;
	const json_t *items;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_call(c, &(struct call_request){.method = "GET", .path = path}, &page);
	items = json_object_get(page, "items");
	if (status == EXIT_OK && !ctl_json(c, page)) {
		if (json_array_size(items) == 0)
			ctl_say(c, "nothing was lost");
		else
			view_table(c->out, items, COLUMNS, N_OF(COLUMNS));
		explain(c, items);
	}
	json_decref(page);
	return status;
}

enum exit_status ctl_recovery_confirm(struct ctl *c)
{
	enum exit_status status = confirm(c, "confirm",
	    "New documents of cases with it are sealed again, although not all that was lost is back.");

	return status != EXIT_OK ? status : list_act(c, "ended the hold with");
}
