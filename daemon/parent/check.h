/*
 * check - everything that the start with a configuration does, short of taking over: its file, what it
 * names (inspect.h), and the programs with their keys (rehearsal.h).
 */
#ifndef PARENT_CHECK_H
#define PARENT_CHECK_H

#include "daemon/parent/config.h"
#include "daemon/parent/set.h"

struct check {
	const char *path; /* of the configuration */
	const char *libexec;
	const struct config *running; /* of the daemon that asks, or NULL */
	const struct set_identity *identity; /* of the same, NULL if it has none yet */
	config_report *report;
	void *arg;
};

/* 0 or RXP_ERR_CONFIG with all that was reported. *compared: see rehearse(). */
int check_configuration(const struct check *check, bool *compared);

#endif
