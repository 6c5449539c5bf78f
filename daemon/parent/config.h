/*
 * config - the one configuration file: XML, checked against config.xsd, settings from setting.def.
 *
 * Runs in the parent only, before anything else is started, and in `readmitd --check`. The file is
 * the administrator's, so messages may quote it. Every problem is reported, not only the first.
 */
#ifndef PARENT_CONFIG_H
#define PARENT_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/api_role.h"

#define CONFIG_MAX_OCTETS 262144UL
#define CONFIG_TEXT_MAX 1024 /* octets of a setting with its NUL */
#define CONFIG_LISTEN_MAX 8
#define CONFIG_NAME_TEXT 33 /* of a user or group, with its NUL */
#define CONFIG_ENVIRONMENT_OCTETS 8192 /* of what the module of a token finds in its environment */
#define CONFIG_CENTRES_OCTETS 65536 /* of all addresses of centres, each with its NUL */

struct config_address {
	char text[64]; /* as written: a.b.c.d:port or [v6]:port */
	unsigned long line;
};

/* A user or a group that may use the local API, and what for. */
struct config_allow {
	bool group;
	char name[CONFIG_NAME_TEXT];
	unsigned roles; /* API_ROLE_BIT() of each */
	unsigned long line;
};

struct config {
#define KIND_TEXT(member) char member[CONFIG_TEXT_MAX];
#define KIND_PATH(member) char member[CONFIG_TEXT_MAX];
#define KIND_URI(member) KIND_TEXT(member)
#define KIND_SECRET(member) KIND_TEXT(member)
#define KIND_COUNT(member) unsigned member;
#define KIND_OCTETS(member) uint64_t member;
#define KIND_MODE(member) unsigned member;
#define SETTING(element, attribute, kind, member, value, meaning) \
	KIND_##kind(member) unsigned long member##_line;
#include "daemon/parent/setting.def"
#undef SETTING
#undef KIND_TEXT
#undef KIND_PATH
#undef KIND_URI
#undef KIND_SECRET
#undef KIND_COUNT
#undef KIND_OCTETS
#undef KIND_MODE
	struct config_address listen[CONFIG_LISTEN_MAX]; /* none: the node only pulls */
	size_t n_listen;
	struct config_allow allow[API_ALLOW_MAX];
	size_t n_allow;
	char centres[CONFIG_CENTRES_OCTETS]; /* addresses one behind the other, each with its NUL */
	size_t centres_len;
	char token_environment
	    [CONFIG_ENVIRONMENT_OCTETS]; /* NAME=VALUE one behind the other, each with its NUL */
	size_t token_environment_len;
	bool read; /* the file was understood, but for what was reported: that is left empty */
};

/* One problem: line (0: the file as a whole), where (element or setting), what, in plain words. */
typedef void config_report(void *arg, unsigned long line, const char *where, const char *what);

/*
 * Read the file at path into out; report (never NULL) is called for each problem.
 * RXP_ERR_CONFIG if any was reported; out then holds what is right, so that the rest can be looked at
 * too, or has `read` false.
 */
int config_read(struct config *out, const char *path, config_report *report, void *arg);

#endif
