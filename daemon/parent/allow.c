#include "daemon/parent/allow.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>

#include "daemon/base/api_role.h"
#include "daemon/base/record.h"

/* Of the group of the socket, where no element says otherwise. */
static unsigned group_roles(void)
{
	static const bool rows[API_ROLES] = {
#define API_ROLE(name, word, group, named, meaning) [API_##name] = (group),
#include "daemon/base/api_role.def"
#undef API_ROLE
	};
	unsigned roles = 0;

	for (int i = 0; i < API_ROLES; i++)
		roles |= rows[i] ? API_ROLE_BIT(i) : 0;
	return roles;
}

static bool find(uint32_t *id, const struct config_allow *a)
{
	const struct group *g = a->group ? getgrnam(a->name) : NULL;
	const struct passwd *p = a->group ? NULL : getpwnam(a->name);

	if (g != NULL)
		*id = g->gr_gid;
	else if (p != NULL)
		*id = p->pw_uid;
	return g != NULL || p != NULL;
}

void allow_check(const struct config *c, config_report *report, void *arg)
{
	uint32_t id;

	for (size_t i = 0; i < c->n_allow; i++)
		if (!find(&id, &c->allow[i]))
			report(arg, c->allow[i].line,
			    c->allow[i].group ? "api/allow/@group" : "api/allow/@user",
			    c->allow[i].group ? "no such group" : "no such user");
}

static int put(struct rxp_buf *rows, bool group, uint32_t id, unsigned roles)
{
	const struct rec_api_allow r = {.group = group, .id = id, .roles = roles};

	return record_list_put(rows, REC_api_allow, &record_api_allow, &r);
}

int allow_rows(struct rxp_buf *rows, const struct config *c)
{
	const struct group *g = c->api_group[0] != '\0' ? getgrnam(c->api_group) : NULL;
	uint32_t id;
	int rc = 0;

	if (c->n_allow == 0 && g != NULL)
		return put(rows, true, g->gr_gid, group_roles());
	for (size_t i = 0; rc == 0 && i < c->n_allow; i++)
		if (find(&id, &c->allow[i]))
			rc = put(rows, c->allow[i].group, id, c->allow[i].roles);
	return rc;
}
