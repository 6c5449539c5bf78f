#include "daemon/desk/access.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "protocol/base/err.h"

#define GROUPS_MAX 1024 /* of one caller; of one with more the first group alone counts */

/* Masks: every role, and those that must be given by name. */
#define ALL_ROLES (API_ROLE_BIT(API_ROLES) - 1)
static const unsigned named_roles = 0
#define API_ROLE(name, word, group, named, meaning) | ((named) != 0 ? API_ROLE_BIT(API_##name) : 0)
#include "daemon/base/api_role.def"
#undef API_ROLE
    ;

int access_set(struct access *a, uint32_t owner, struct bytes rows)
{
	struct record_cursor c = {.at = rows.data, .left = rows.len};
	struct access fresh = {.owner = owner};
	struct bytes fields;
	uint16_t tag;
	int rc;

	*a = (struct access){0};
	while ((rc = record_list_next(&c, &tag, &fields)) == 1) {
		if (fresh.n == API_ALLOW_MAX)
			return RXP_ERR_BOUND;
		if (tag != REC_api_allow || record_decode(&fresh.rows[fresh.n], &record_api_allow,
						fields.data, fields.len) != 0)
			return RXP_ERR_SYNTAX;
		fresh.n++;
	}
	if (rc == 0)
		*a = fresh;
	return rc;
}

/* A row with the role social is about referrals, any other about all else. */
static bool is_about(const struct rec_api_allow *row, unsigned kind)
{
	return ((row->roles & API_ROLE_BIT(API_SOCIAL)) != 0) == (kind == API_CASES_REFERRALS);
}

static unsigned roles_of(const struct access *a, unsigned kind, bool group, uint32_t id)
{
	unsigned roles = 0;

	for (size_t i = 0; i < a->n; i++)
		if ((a->rows[i].group != 0) == group && a->rows[i].id == id &&
		    is_about(&a->rows[i], kind))
			roles |= a->rows[i].roles;
	return roles;
}

unsigned access_roles(
    const struct access *a, unsigned kind, uid_t uid, const gid_t *groups, size_t n)
{
	unsigned roles = roles_of(a, kind, false, uid);

	if (uid == 0 || uid == a->owner)
		roles |= ALL_ROLES & ~named_roles;
	for (size_t i = 0; i < n; i++)
		roles |= roles_of(a, kind, true, groups[i]);
	return roles & ALL_ROLES;
}

unsigned access_cases(const struct access_rights *rights, enum api_role role)
{
	return ((rights->others & API_ROLE_BIT(role)) != 0 ? API_CASES_OTHER : 0) |
	       ((rights->referrals & API_ROLE_BIT(role)) != 0 ? API_CASES_REFERRALS : 0);
}

int access_of_socket(struct access_rights *out, const struct access *a, int fd)
{
	gid_t groups[1 + GROUPS_MAX];
	struct ucred cred;
	socklen_t len = sizeof cred, list = GROUPS_MAX * sizeof groups[0];
	size_t n;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return RXP_ERR_IO;
	if (cred.uid == (uid_t)-1) /* what the kernel says when it knows of none */
		return RXP_ERR_NOT_FOUND;
	groups[0] = cred.gid;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups + 1, &list) != 0)
		list = 0;
	n = 1 + list / sizeof groups[0];
	*out = (struct access_rights){.uid = cred.uid,
	    .others = access_roles(a, API_CASES_OTHER, cred.uid, groups, n),
	    .referrals = access_roles(a, API_CASES_REFERRALS, cred.uid, groups, n)};
	return 0;
}
