/* Corrections carried out: content erased or blocked, cases under a legal hold. */
#include <jansson.h>

#include "daemon/ctl/confirm.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"

/* What the content has become, which under a legal hold is not what was asked for. */
static enum exit_status act(struct ctl *c)
{
	char path[CTL_PATH_TEXT], became[VIEW_TEXT], reason[VIEW_TEXT];
	json_t *json = NULL;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_call(c, &(struct call_request){.method = "POST", .path = path}, &json);
	if (status == EXIT_OK && !ctl_json(c, json)) {
		view_text(became, json_object_get(json, "content"));
		view_text(reason, json_object_get(json, "reason"));
		if (json_is_string(json_object_get(json, "reason")))
			ctl_say(c, "%s: its content is %s, since %s", c->args.argument[0], became,
			    reason);
		else
			ctl_say(c, "%s: its content is %s", c->args.argument[0], became);
	}
	json_decref(json);
	return status;
}

enum exit_status ctl_message_erase(struct ctl *c)
{
	enum exit_status status =
	    confirm(c, "erase", "Its content and its attachments are destroyed for good.");

	return status == EXIT_OK ? act(c) : status;
}

enum exit_status ctl_message_block(struct ctl *c)
{
	return act(c);
}

enum exit_status ctl_message_unblock(struct ctl *c)
{
	return act(c);
}

enum exit_status ctl_case_legal_hold(struct ctl *c)
{
	return list_act(c, "nothing of it is erased from now on:");
}

enum exit_status ctl_case_lift_hold(struct ctl *c)
{
	return list_act(c, "its time counts again:");
}
