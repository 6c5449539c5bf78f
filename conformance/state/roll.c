#include "conformance/state/roll.h"

#include <string.h>

#include "conformance/state/parties.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"

/* The parts that are known, and behind them those that come. */
struct parts {
	struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS];
	size_t n;
	struct rxp_buf working;
};

static void parts_clear(struct parts *p)
{
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&p->identities[i]);
	rxp_buf_free(&p->working);
}

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
	struct rxp_signer root = keypair_signer(&r->parties->own->root);
	int rc;

	if (!r->has_next)
		return 0;
	rc = rxp_identity_seal(
	    &p->identities[p->n], &d->identity, d->identity.created_ms, &root, d->working.identity);
	d->working.identity_serial = d->identity.serial;
	p->n++;
	return rc;
}

static void follow(struct rxp_descriptor *d, int64_t now_ms)
{
	memcpy(d->identity.previous, d->identity_digest, sizeof d->identity.previous);
	d->identity.has_previous = true;
	d->identity.serial++;
	d->identity.created_ms = now_ms;
}

static int make(struct rxp_buf *out, struct parts *p, struct roll *r, roll_change *change,
    struct rxp_descriptor *d)
{
	size_t first, known = p->n;
	int rc = 0;

	if (known == RXP_MAX_IDENTITY_PARTS)
		return RXP_ERR_BOUND;
	follow(d, r->now_ms);
	if (change != NULL)
		rc = change(r);
	if (rc == 0)
		rc = put_next(p, r, d);
	if (rc == 0)
		rc = put_working(p, r, d);
	first = r->has_known ? 0 : known;
	return rc == 0 ? rxp_descriptor_write(out, p->identities + first, p->n - first, &p->working)
		       : rc;
}

int roll_make(struct rxp_buf *out, const struct parties *parties, const struct state *second,
    roll_change *change, int64_t now_ms)
{
	const struct rxp_buf *known = &parties->own->descriptor;
	struct rxp_descriptor *d = NULL;
	struct parts p = {.n = 0};
	int rc = rxp_descriptor_split(p.identities, &p.n, &p.working, known->data, known->len);

	if (rc == 0)
		rc = rxp_descriptor_open(&d, known->data, known->len, NULL);
	if (rc == 0) {
		struct roll r = {parties, second, now_ms, &d->identity, true, true, now_ms};

		rc = make(out, &p, &r, change, d);
	}
	rxp_descriptor_free(d);
	parts_clear(&p);
	return rc;
}
