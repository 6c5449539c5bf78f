/* Histories: ask a peer for lost documents of this node, and see what came. */
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
	return list_told(c, "", " is asked; what comes of it says history list");
}
