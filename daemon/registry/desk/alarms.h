/*
 * alarms - what stands at this node until somebody, or what it waits for, ends it (daemon/base/alarm.def), as it is now: nothing is
 * remembered but what the rest of the registry does.
 */
#ifndef REGISTRY_DESK_ALARMS_H
#define REGISTRY_DESK_ALARMS_H

#include <stdint.h>

#include "daemon/base/alarm.h"

struct peer;
struct status;

/* One that stands, so often; peer NULL: at the node itself. */
typedef void alarms_fn(void *arg, enum alarm a, const struct peer *peer, uint64_t count);

/* Each: first those of the node itself, then peer by peer; in the order of the table. */
void alarms_each(const struct status *of, alarms_fn *fn, void *arg);

#endif
