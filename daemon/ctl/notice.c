#include "daemon/ctl/notice.h"

#include <jansson.h>

#include "daemon/ctl/call.h"
#include "daemon/ctl/view.h"

enum exit_status notice_tell(struct ctl *c, const char *what)
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
