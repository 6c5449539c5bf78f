/* Contacts: tell peers how the office of this node is reached, and list what they told. */
#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))

enum exit_status ctl_contact_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"PEER", "peer"}, {"OFFICE", "office"},
	    {"TELEPHONE", "telephone"}, {"EMAIL", "email"}, {"TOLD", "told"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "contacts");
}

enum exit_status ctl_contact_tell(struct ctl *c)
{
	char path[CTL_PATH_TEXT], peers[VIEW_TEXT];
	json_t *json = NULL;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_call(c, &(struct call_request){.method = "POST", .path = path}, &json);
	if (status == EXIT_OK && !ctl_json(c, json)) {
		view_text(peers, json_object_get(json, "peers"));
		ctl_say(c, "told to %s peer(s)", peers);
	}
	json_decref(json);
	return status;
}
