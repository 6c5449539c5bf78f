#include "conformance/state/roll.h"

#include <string.h>

#include "conformance/state/parties.h"
#include "conformance/state/parts.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"

/* The working part under the identity part that is the last. */
static int put_working(struct parts *p, const struct roll *r, struct rxp_descriptor *d)
{
	struct rxp_signer seal = keypair_signer(&r->parties->own->seal);

	d->working.created_ms = r->working_ms;
	rxp_buf_reset(&p->working);
	return rxp_working_seal(&p->working, &d->working, r->working_ms, &seal);
}

static int put_next(struct parts *p, const struct roll *r, struct rxp_descriptor *d)
{
	struct rxp_signer root = keypair_signer(r->root);

	if (!r->has_next)
		return 0;
	d->working.identity_serial = d->identity.serial;
	return rxp_identity_seal(
	    parts_next(p), &d->identity, d->identity.created_ms, &root, d->working.identity);
}

static void follow(struct rxp_descriptor *d, int64_t now_ms, int64_t revoked_ms)
{
	memcpy(d->identity.previous, d->identity_digest, sizeof d->identity.previous);
	d->identity.has_previous = true;
	d->identity.serial++;
	d->identity.created_ms = now_ms;
	d->identity.revoked_since_ms = revoked_ms;
}

static int make(struct rxp_buf *out, struct parts *p, struct roll *r, roll_change *change,
    struct rxp_descriptor *d)
{
	int rc = 0;

	follow(d, r->now_ms, r->revoked_ms);
	if (change != NULL)
		rc = change(r);
	if (rc == 0)
		rc = put_next(p, r, d);
	if (rc == 0)
		rc = put_working(p, r, d);
	return rc == 0 ? parts_join(out, p, r->has_known ? 0 : p->n - 1) : rc;
}

int roll_make(struct rxp_buf *out, const struct roll *of, roll_change *change)
{
	const struct rxp_buf *known = &of->parties->own->descriptor;
	struct rxp_descriptor *d = NULL;
	struct parts p = {.n = 0};
	int rc = parts_split(&p, known);

	if (rc == 0)
		rc = rxp_descriptor_open(&d, known->data, known->len, NULL);
	if (rc == 0) {
		struct roll r = *of;

		r.root = &of->parties->own->root;
		r.identity = &d->identity;
		r.working = &d->working;
		r.has_next = r.has_known = true;
		r.working_ms = of->now_ms;
		rc = make(out, &p, &r, change, d);
	}
	rxp_descriptor_free(d);
	parts_clear(&p);
	return rc;
}
