#include "daemon/registry/cases/agreed.h"

#include <stdio.h>
#include <string.h>

#include "daemon/registry/terms/terms.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/case/listed.h"

/* What a document is held against. */
struct agreement {
	const struct rxp_profile *profile;
	const char *parties[2]; /* by enum rxp_case_side */
};

static struct bytes text_bytes(const char *text)
{
	return (struct bytes){.data = (const uint8_t *)text, .len = strlen(text)};
}

static void put_violation(struct rxp_buf *out, const struct agreement *a, enum rxp_listed_kind kind,
    const struct rec_fact_named *named)
{
	struct rec_violation v = {.path = named->path, .text = text_bytes(rxp_listed_words(kind))};
	char action[RXP_PROFILE_TEXT + 96];

	snprintf(action, sizeof action, "Name one that it lists: readmitctl profile show %s/%u",
	    a->profile->id, (unsigned)a->profile->version);
	v.action = text_bytes(action);
	snprintf(v.requirement, sizeof v.requirement, "RXP-PRF-028");
	record_list_put(out, REC_violation, &record_violation, &v);
}

static int check_one(
    bool *off, struct rxp_buf *violations, const struct agreement *a, struct bytes fields)
{
	const struct rxp_listed_row *row;
	struct rec_fact_named named;
	enum rxp_listed_kind kind;

	if (record_decode(&named, &record_fact_named, fields.data, fields.len) != 0 ||
	    rxp_listed_kind_parse(&kind, named.element) != 0 ||
	    (row = rxp_listed_find(kind, named.parent)) == NULL)
		return RXP_ERR_SCHEMA;
	if (rxp_listed_agreed(a->profile, a->parties, row, named.value))
		return 0;
	*off = true;
	if (violations != NULL && !row->fact)
		put_violation(violations, a, kind, &named);
	return violations != NULL ? rxp_buf_error(violations) : 0;
}

int agreed_check(bool *off, struct rxp_buf *violations, const struct terms *t,
    const struct store_case *c, struct bytes facts)
{
	struct record_cursor cursor = {.at = facts.data, .left = facts.len};
	struct terms_of_case terms;
	struct agreement a;
	struct bytes fields;
	bool found = false;
	uint16_t tag;
	int rc = terms_find(&terms, t, c), more;

	if (rc != 0) {
		if (rc == RXP_ERR_NOT_FOUND)
			*off = false;
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	}
	a.profile = terms.profile;
	a.parties[RXP_CASE_REQUESTING] = c->requesting ? terms_own(t) : c->peer;
	a.parties[RXP_CASE_REQUESTED] = c->requesting ? c->peer : terms_own(t);
	while (rc == 0 && (more = record_list_next(&cursor, &tag, &fields)) == 1)
		if (tag == REC_fact_named)
			rc = check_one(&found, violations, &a, fields);
	if (rc == 0 && more != 0)
		rc = RXP_ERR_SCHEMA;
	if (rc == 0)
		*off = found;
	return rc;
}
