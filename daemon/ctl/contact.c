/* Contacts: tell peers how the office of this node is reached, and list what they told. */
#include "daemon/ctl/ctl.h"
#include "daemon/ctl/list.h"
#include "daemon/ctl/notice.h"
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
	return notice_tell(c, "told");
}
