/* Outages: declare one of this node, or its end; list those of both sides. */
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/notice.h"
#include "daemon/ctl/view.h"

#define N_OF(columns) (sizeof(columns) / sizeof((columns)[0]))

enum exit_status ctl_outage_list(struct ctl *c)
{
	static const struct view_column COLUMNS[] = {{"PEER", "peer"},
	    {"DECLARED BY", "declared_by"}, {"FROM", "from"}, {"UNTIL", "until"},
	    {"OUTAGE", "outage_id"}};

	return list_page(c, COLUMNS, N_OF(COLUMNS), "outages");
}

enum exit_status ctl_outage_begin(struct ctl *c)
{
	return notice_tell(c, "an outage is declared");
}

enum exit_status ctl_outage_end(struct ctl *c)
{
	return notice_tell(c, "its end is declared");
}
