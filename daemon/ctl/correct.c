/* Corrections carried out: content erased or blocked, cases under a legal hold. */
#include <jansson.h>

#include "daemon/ctl/confirm.h"
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"

/* What the content has become, which under a legal hold is not what was asked for. */
/* content: of which document, in words. */
static enum exit_status act(struct ctl *c, const char *content)
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
			ctl_say(c, "%s: %s is %s, since %s", c->args.argument[0], content, became,
			    reason);
		else
			ctl_say(c, "%s: %s is %s", c->args.argument[0], content, became);
	}
	json_decref(json);
	return status;
}

enum exit_status ctl_message_erase(struct ctl *c)
{
	enum exit_status status =
	    confirm(c, "erase", "Its content and its attachments are destroyed for good.");

	return status == EXIT_OK ? act(c, "its content") : status;
}

enum exit_status ctl_message_carry_out(struct ctl *c)
{
	enum exit_status status = confirm(c, "carry out",
	    "What it asks to erase is destroyed for good, what it corrects is shown so from now on.");

	return status == EXIT_OK ? act(c, "carried out; the content that it corrects") : status;
}

/* What it says of each place, and what stood there. */
enum exit_status ctl_message_corrections(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"CORRECTION", "correction"}, {"BY", "from"},
	    {"ITEM", "item"}, {"DONE", "done"}, {"CARRIED OUT", "carried_out"}, {"FIELD", "field"},
	    {"WAS", "was"}, {"IS", "value"}, {"KNOWN", "known"}};
	char path[CTL_PATH_TEXT], header[CTL_REASON_TEXT];
	enum exit_status status;
	const json_t *items;
	json_t *json = NULL;

	if (!ctl_reason(c, header))
		return EXIT_USAGE;
	ctl_path(c, path);
	status = ctl_call(
	    c, &(struct call_request){.method = "GET", .path = path, .headers = {header}}, &json);
	if (status == EXIT_OK && !ctl_json(c, json)) {
		items = json_object_get(json, "items");
		if (json_array_size(items) == 0)
			ctl_say(c, "nothing of it is corrected");
		else
			view_table(c->out, items, COLUMNS, sizeof(COLUMNS) / sizeof(COLUMNS[0]));
	}
	json_decref(json);
	return status;
}

enum exit_status ctl_case_corrections(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"CORRECTION", "correction"}, {"BY", "from"},
	    {"RECEIVED", "received"}, {"DOCUMENT", "document"}, {"ITEM", "item"}, {"ASKS", "asked"},
	    {"OF", "scope"}, {"HERE", "here"}, {"SINCE", "here_since"}, {"ANSWER", "answer"},
	    {"ANSWERED", "answered"}};

	return list_page(c, COLUMNS, sizeof(COLUMNS) / sizeof(COLUMNS[0]), "corrections");
}

enum exit_status ctl_message_block(struct ctl *c)
{
	return act(c, "its content");
}

enum exit_status ctl_message_unblock(struct ctl *c)
{
	return act(c, "its content");
}

enum exit_status ctl_case_legal_hold(struct ctl *c)
{
	return list_act(c, "nothing of it is erased from now on:");
}

enum exit_status ctl_case_lift_hold(struct ctl *c)
{
	return list_act(c, "its time counts again:");
}
