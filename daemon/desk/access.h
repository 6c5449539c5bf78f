/*
 * access - what the callers of the local API may do, as the configuration says.
 *
 * Root and the owner of the socket may do everything but what only officers do who are named for it
 * (api_role.def). Everybody else may do what the users and groups that
 * are named may do, of which he is one; the kernel names them (SO_PEERCRED, SO_PEERGROUPS), as they were
 * when the connection was made.
 */
#ifndef DESK_ACCESS_H
#define DESK_ACCESS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "daemon/base/api_role.h"
#include "daemon/base/record.h"

struct access {
	uint32_t owner; /* uid */
	struct rec_api_allow rows[API_ALLOW_MAX];
	size_t n;
};

/* rows: records api_allow. RXP_ERR_SYNTAX, RXP_ERR_BOUND: nobody but root may do anything then. */
int access_set(struct access *a, uint32_t owner, struct bytes rows);

/* The roles, as API_ROLE_BIT(), of a user with these groups with one kind of cases, a bit API_CASES_: what a row
 * gives counts for the kind that the row is about, and for no other. */
unsigned access_roles(
    const struct access *a, unsigned kind, uid_t uid, const gid_t *groups, size_t n);

/* What a caller may do with referrals, and with all else. */
struct access_rights {
	uid_t uid;
	unsigned others, referrals;
};

/* The cases that there are for him in this role, bits API_CASES_. 0: he has it nowhere. */
unsigned access_cases(const struct access_rights *rights, enum api_role role);

/* The same of the process that made the connection. RXP_ERR_IO; RXP_ERR_NOT_FOUND: the
 * kernel knows of none. */
int access_of_socket(struct access_rights *out, const struct access *a, int fd);

#endif
