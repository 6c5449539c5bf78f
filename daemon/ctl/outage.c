/* Outages: declare one of this node, or its end; list those of both sides. */
#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))

enum exit_status ctl_outage_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"PEER", "peer"},
	    {"DECLARED BY", "declared_by"}, {"FROM", "from"}, {"UNTIL", "until"},
	    {"OUTAGE", "outage_id"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "outages");
}

static enum exit_status declare(struct ctl *c, const char *what)
{
	char path[CTL_PATH_TEXT], peers[VIEW_TEXT];
	json_t *json = NULL;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_call(c, &(struct call_request){.method = "POST", .path = path}, &json);
	if (status == EXIT_OK && !ctl_json(c, json)) {
		view_text(peers, json_object_get(json, "peers"));
		ctl_say(c, "%s to %s peer(s)", what, peers);
	}
	json_decref(json);
	return status;
}

enum exit_status ctl_outage_begin(struct ctl *c)
{
	return declare(c, "an outage is declared");
}

enum exit_status ctl_outage_end(struct ctl *c)
{
	return declare(c, "its end is declared");
}
