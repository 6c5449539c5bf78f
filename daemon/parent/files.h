/*
 * files - what the parent opens for the roles: listeners, the API socket, keys, the data directory.
 *
 * Listeners and the API socket are opened once and outlive a set of processes, so that a restart
 * refuses nobody. What can be wrong has been looked at before (inspect.h); what is wrong here all the same
 * is reported with the line of its setting.
 */
#ifndef PARENT_FILES_H
#define PARENT_FILES_H

#include <stdbool.h>
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

/* The keys of the key directory, but those of the storage (epochs.h). */
enum files_key {
	FILES_TLS_KEY,
	FILES_TLS_CERT,
	FILES_TLS_FORMER_KEY, /* the key before, if it is there, … */
	FILES_TLS_FORMER_CERT, /* … with its certificate */
	FILES_SEAL_KEY,
	FILES_SEAL_CERT, /* only if the key lies in a token, and the one before only if it does not */
	FILES_IDENTITY,
	FILES_KEYS
};

/* Nothing open. */
void files_init(struct files *f);

/* Whom the roles become. Only root can become another user; UINT32_MAX for everybody else, who stays who
 * he is. RXP_ERR_NOT_FOUND: no such user. */
int files_user(const struct config *c, uint32_t *uid, uint32_t *gid);

#define FILES_KEY_PATH (CONFIG_TEXT_MAX + 32)

void files_key_path(char out[FILES_KEY_PATH], const struct config *c, enum files_key key);
bool files_key_secret(enum files_key key); /* for its owner alone */
/* Does a node of this configuration have it? */
bool files_key_wanted(const struct config *c, enum files_key key);

/* The path of what `file:` or `credential:` names. RXP_ERR_NOT_FOUND: a credential, and systemd gives none to this
 * process. */
int files_secret_path(char out[FILES_KEY_PATH], const char *secret);
/* Open it for reading. -1 with a log line if it cannot be opened. */
int files_open_secret(const char *secret);

/* Open everything but keys; makes the data directory if it is missing. RXP_ERR_CONFIG. */
int files_open(struct files *f, const struct config *c, config_report *report, void *arg);
void files_close(struct files *f);

/* Open a key file for reading. -1 with a log line if it cannot be opened. */
int files_open_key(const struct config *c, enum files_key key);

#endif
