/* Offers: make one of what this node holds, see what peers offer, and get the file to add it. */
#include <jansson.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/file.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"
#include "protocol/base/buf.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))

enum exit_status ctl_offer_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"OFFER", "offer_id"}, {"PEER", "peer"},
	    {"KIND", "kind"}, {"NAME", "name"}, {"VERSION", "version"}, {"FROM", "from_day"},
	    {"DIGEST OF THE FILE", "digest"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "offers");
}

enum exit_status ctl_offer_file(struct ctl *c)
{
	char path[CTL_PATH_TEXT];
	struct rxp_buf octets;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_fetch(c, &(struct call_request){.method = "GET", .path = path}, &octets);
	if (status != EXIT_OK)
		return status;
	status = file_write(c, c->args.options[OPT_OUT], FILE_PUBLIC, &octets);
	rxp_buf_free(&octets);
	return status;
}

static enum exit_status offer(struct ctl *c)
{
	char path[CTL_PATH_TEXT];
	json_t *json = NULL;
	enum exit_status status;

	ctl_path(c, path);
	status = ctl_call(c, &(struct call_request){.method = "POST", .path = path}, &json);
	if (status == EXIT_OK && !ctl_json(c, json))
		ctl_say(c, "offered to %s", c->args.argument[0]);
	json_decref(json);
	return status;
}

enum exit_status ctl_profile_offer(struct ctl *c)
{
	return offer(c);
}

enum exit_status ctl_calendar_offer(struct ctl *c)
{
	return offer(c);
}
