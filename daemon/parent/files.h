/*
 * files - what the parent opens for the roles: listeners, the API socket, keys, the data directory.
 *
 * Listeners and the API socket are opened once and outlive a set of processes, so that a restart
 * refuses nobody. Every problem is reported in plain words, with the line of its setting.
 */
#ifndef PARENT_FILES_H
#define PARENT_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/parent/config.h"

struct files {
	uint32_t uid, gid; /* whom the roles become; UINT32_MAX: stay */
	int data; /* directory; -1 until opened */
	int clock; /* -1 if there is none */
	int api;
	int listen[CONFIG_LISTEN_MAX];
	size_t n_listen;
};

/* The keys of the key directory, in the order of key_name(). */
enum files_key {
	FILES_TLS_KEY,
	FILES_TLS_CERT,
	FILES_SEAL_KEY,
	FILES_STORAGE_KEY,
	FILES_IDENTITY,
	FILES_KEYS
};

/* Nothing open. */
void files_init(struct files *f);

/*
 * Check what can be checked without changing anything: user, key files and their modes, data
 * directory, addresses. RXP_ERR_CONFIG if anything was reported.
 */
int files_check(const struct config *c, config_report *report, void *arg);

/* Open everything but keys; makes the data directory if it is missing. RXP_ERR_CONFIG. */
int files_open(struct files *f, const struct config *c, config_report *report, void *arg);
void files_close(struct files *f);

/* Open a key file for reading. -1 with a log line if it cannot be opened. */
int files_open_key(const struct config *c, enum files_key key);

#endif
