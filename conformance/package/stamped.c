#include "conformance/package/stamped.h"

#include <string.h>

#include "conformance/package/evidence.h"
#include "conformance/package/kinds.h"
#include "conformance/package/stamp.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/evidence/container_seal.h"

#define SIGNATURES "META-INF/signatures.xml"
#define LATER_MS INT64_C(86400000) /* from the clock of the package to the time-stamp */

enum fault { NONE, OTHER_OCTETS, OTHER_USE, OTHER_VALUE };

static struct rxp_entry *signatures(struct evidence *e)
{
	for (size_t i = 0; i < e->entries.n; i++)
		if (strcmp(e->entries.entries[i].name, SIGNATURES) == 0)
			return &e->entries.entries[i];
	e->kept.rc = RXP_ERR_NOT_FOUND;
	return NULL;
}

static void put(struct evidence *e, enum fault fault)
{
	const struct making *m = e->kept.m;
	struct stamp_of of = {.key = e->kept.sides[0].own->seal_rsa.key,
	    .at_ms = m->now_ms + LATER_MS,
	    .other_use = fault == OTHER_USE};
	struct rxp_entry *is = signatures(e);
	struct rxp_buf token, whole;
	int rc = is == NULL ? RXP_ERR_NOT_FOUND : rxp_container_imprint(of.imprint, &is->octets);

	of.imprint[0] ^= fault == OTHER_OCTETS;
	rxp_buf_init(&token, RXP_MAX_CONTAINER_TEXT_OCTETS);
	rxp_buf_init(&whole, RXP_MAX_CONTAINER_TEXT_OCTETS);
	if (rc == 0)
		rc = stamp_put(&token, &of);
	if (rc == 0 && fault == OTHER_VALUE)
		token.data[token.len - 1] ^= 1; /* the signature value stands last */
	if (rc == 0)
		rc = rxp_container_stamp(&whole, &is->octets, &token);
	if (rc == 0) {
		is->octets.max = RXP_MAX_CONTAINER_TEXT_OCTETS;
		rxp_buf_reset(&is->octets);
		rc = rxp_buf_put(&is->octets, whole.data, whole.len);
	}
	rxp_buf_free(&token);
	rxp_buf_free(&whole);
	if (rc != 0)
		e->kept.rc = rc;
}

void stamped(struct evidence *e)
{
	put(e, NONE);
}

void stamped_otherwise(struct evidence *e)
{
	put(e, OTHER_OCTETS);
}

void stamped_by_other_use(struct evidence *e)
{
	put(e, OTHER_USE);
}

void stamped_falsely(struct evidence *e)
{
	put(e, OTHER_VALUE);
}

void stamped_twice(struct evidence *e)
{
	put(e, NONE);
	put(e, NONE);
}
