/*
 * set_child - one role of a set: what it is given, its start, its configuration.
 */
#ifndef PARENT_SET_CHILD_H
#define PARENT_SET_CHILD_H

#include "daemon/parent/set_state.h"

/* RXP_ERR_IO. */
int pair_make(struct pair *p);
void pair_close(int *fd); /* an end that is open; -1 then */

/* The set is over: its owner is told, once. */
void set_finish(struct set *s, enum set_end why);

/* A child that does not run yet; there is room for all that a set has. */
struct child *child_add(struct set *s, enum ipc_role role, uint32_t number);
/* Start and configure it. RXP_ERR_IO, RXP_ERR_NOMEM. */
int child_start(struct set *s, struct child *c);

/* The registry was configured before, as it starts before all that there is to tell it of. */
void child_tell_registry(struct set *s, enum ipc_type type, const void *m);

#endif
