#include "daemon/registry/terms/terms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/terms.h"
#include "daemon/registry/terms/builtin.h"
#include "protocol/err.h"

struct terms {
	struct node *node;
	struct rxp_profile builtin;
};

int terms_new(struct terms **out, struct node *node)
{
	struct terms *t = calloc(1, sizeof *t);
	int rc;

	if (t == NULL)
		return RXP_ERR_NOMEM;
	t->node = node;
	rc = terms_read_profile(&t->builtin,
	    (struct bytes){.data = builtin_profile, .len = (uint32_t)builtin_profile_len});
	if (rc != 0) {
		terms_free(t);
		return rc;
	}
	*out = t;
	return 0;
}

void terms_free(struct terms *t)
{
	free(t);
}

const struct rxp_profile *terms_builtin(const struct terms *t)
{
	return &t->builtin;
}

void terms_name(struct store_case *c, const struct rxp_profile *p)
{
	memcpy(c->profile_id, p->id, sizeof c->profile_id);
	snprintf(c->profile_version, sizeof c->profile_version, "%u", (unsigned)p->version);
}

/* A version has one form as text (RXP-PRF-022), so that names are compared as they are. */
static bool is_named(const struct rxp_profile *p, const struct store_case *c)
{
	struct store_case named;

	terms_name(&named, p);
	return strcmp(named.profile_id, c->profile_id) == 0 &&
	       strcmp(named.profile_version, c->profile_version) == 0;
}

int terms_find(struct terms_of_case *out, const struct terms *t, const struct store_case *c)
{
	if (!is_named(&t->builtin, c))
		return RXP_ERR_NOT_FOUND;
	*out = (struct terms_of_case){.profile = &t->builtin};
	return 0;
}
