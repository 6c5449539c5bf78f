/* Histories: ask a peer for lost documents of this node, and see what came. */
#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))

enum exit_status ctl_history_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"PEER", "peer"}, {"ASKED BY", "asked_by"},
	    {"STATE", "state"}, {"CASES", "cases"}, {"COPIES", "copies"}, {"TAKEN", "taken"},
	    {"HELD", "held"}, {"LEFT OUT", "left_out"}, {"FORKED", "forked"}, {"SPOILT", "spoilt"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "histories");
}

enum exit_status ctl_history_ask(struct ctl *c)
{
	char path[CTL_PATH_TEXT];
	json_t *json = NULL;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_call(c, &(struct call_request){.method = "POST", .path = path}, &json);
	if (status == EXIT_OK && !ctl_json(c, json))
		ctl_say(c, "%s is asked; what comes of it says history list", c->args.argument[0]);
	json_decref(json);
	return status;
}
