/*
 * inspect - what the configuration names, looked at without changing anything: user, key files, data,
 * addresses, the place of the API socket. Every problem is reported with what to do about it.
 *
 * It runs before each start, in `readmitd --check` and in the child that looks at a configuration while
 * the daemon works with another.
 */
#ifndef PARENT_INSPECT_H
#define PARENT_INSPECT_H

#include <stdint.h>

#include "daemon/parent/config.h"

/* What was wrong, so that what rests on it need not be tried. */
enum {
	INSPECT_USER = 1,
	INSPECT_KEYS = 2,
	INSPECT_DATA = 4,
	INSPECT_OTHER = 8,
};

/*
 * running: the configuration of the daemon that asks and has its listeners open; NULL if none does.
 * Settings that are empty were reported by config_read and are passed over. A set of the bits above, 0 if
 * nothing was reported.
 */
unsigned inspect(
    const struct config *c, const struct config *running, config_report *report, void *arg);

/* The data directory alone, its owner and those of what is in it. 0 or INSPECT_DATA. */
unsigned inspect_data(const struct config *c, config_report *report, void *arg);

#endif
