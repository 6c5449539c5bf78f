/*
 * notice - a command that has the node tell something to its peers, and says to how many.
 */
#ifndef CTL_NOTICE_H
#define CTL_NOTICE_H

#include "daemon/ctl/ctl.h"

/* Make the call of the command. what: what is done, before "to N peer(s)". */
enum exit_status notice_tell(struct ctl *c, const char *what);

#endif
