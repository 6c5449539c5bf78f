/*
 * rehearsal - would a set start with this configuration? The programs themselves judge the key files,
 * whether they belong together and, if nobody works with the data, whether they are those of the data.
 */
#ifndef PARENT_REHEARSAL_H
#define PARENT_REHEARSAL_H

#include <stdbool.h>

#include "daemon/parent/config.h"
#include "daemon/parent/set.h"

struct rehearsal {
	const struct config *config;
	const char *libexec; /* directory of the role programs */
	bool data; /* the data directory is sound */
	/* The daemon that asks; NULL if none does, or it has no identity yet. */
	const struct config *running;
	const struct set_identity *identity;
	config_report *report;
	void *arg;
};

/* 0 or RXP_ERR_CONFIG with what was reported. *compared: the keys were held against the data, or there
 * are none yet. */
int rehearse(const struct rehearsal *r, bool *compared);

/* Report a reason with the file and the line of the setting that it is about. */
void rehearsal_unfit(const struct config *c, enum unfit why, config_report *report, void *arg);

#endif
