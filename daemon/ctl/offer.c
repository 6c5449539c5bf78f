/* Offers: make one of what this node holds, see what peers offer, and get the file to add it. */
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/view.h"

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
	return list_octets(c);
}

enum exit_status ctl_profile_offer(struct ctl *c)
{
	return list_told(c, "offered to ", "");
}

enum exit_status ctl_calendar_offer(struct ctl *c)
{
	return list_told(c, "offered to ", "");
}
