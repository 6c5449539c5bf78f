#include "daemon/desk/access.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#include "protocol/err.h"

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

static unsigned roles_of(const struct access *a, bool group, uint32_t id)
{
	unsigned roles = 0;

	for (size_t i = 0; i < a->n; i++)
		if ((a->rows[i].group != 0) == group && a->rows[i].id == id)
			roles |= a->rows[i].roles;
	return roles;
}

unsigned access_roles(const struct access *a, uid_t uid, const gid_t *groups, size_t n)
{
	unsigned roles = roles_of(a, false, uid);

	if (uid == 0 || uid == a->owner)
		roles |= ALL_ROLES & ~named_roles;
	for (size_t i = 0; i < n; i++)
		roles |= roles_of(a, true, groups[i]);
	return roles & ALL_ROLES;
}

/* A row with the role social is about referrals, any other about all else. */
static unsigned cases_of(const struct access *a, bool group, uint32_t id)
{
	unsigned cases = 0;

	for (size_t i = 0; i < a->n; i++)
		if ((a->rows[i].group != 0) == group && a->rows[i].id == id)
			cases |= (a->rows[i].roles & API_ROLE_BIT(API_SOCIAL)) != 0
				     ? API_CASES_REFERRALS
				     : API_CASES_OTHER;
	return cases;
}

unsigned access_cases(const struct access *a, uid_t uid, const gid_t *groups, size_t n)
{
	unsigned cases = cases_of(a, false, uid);

	if (uid == 0 || uid == a->owner)
		return API_CASES_ALL;
	for (size_t i = 0; i < n; i++)
		cases |= cases_of(a, true, groups[i]);
	return cases;
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
	    .roles = access_roles(a, cred.uid, groups, n),
	    .cases = access_cases(a, cred.uid, groups, n)};
	return 0;
}
