#include "conformance/package/chain.h"

#include "conformance/document/part.h"
#include "conformance/state/state.h"

void chain_begin(struct chain *c, const struct state *own, int64_t now_ms)
{
	struct rxp_buf identities[RXP_MAX_IDENTITY_PARTS];
	size_t n;

	*c = (struct chain){.own = own, .now_ms = now_ms, .n = 1};
	for (size_t i = 0; i < CHAIN_MAX_PARTS; i++)
		rxp_buf_init(&c->parts[i], RXP_MAX_PART_OCTETS);
	c->rc = rxp_descriptor_split(
	    identities, &n, &c->working, own->descriptor.data, own->descriptor.len);
	if (c->rc == 0)
		c->rc = rxp_buf_put(&c->parts[0], identities[0].data, identities[0].len);
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&identities[i]);
	if (c->rc == 0)
		c->rc =
		    rxp_descriptor_open(&c->first, own->descriptor.data, own->descriptor.len, NULL);
}

void chain_clear(struct chain *c)
{
	rxp_descriptor_free(c->first);
	for (size_t i = 0; i < CHAIN_MAX_PARTS; i++)
		rxp_buf_free(&c->parts[i]);
	rxp_buf_free(&c->working);
}

struct rxp_identity *chain_next(struct chain *c)
{
	struct rxp_identity *i = &c->first->identity;

	i->serial = c->n + 1;
	i->created_ms = c->now_ms + (int64_t)c->n * CHAIN_STEP_MS;
	i->has_previous = true;
	part_fingerprint(i->previous, &c->parts[c->n - 1]);
	i->has_next_root = false;
	return i;
}

void chain_add(struct chain *c, const struct keypair *root)
{
	struct rxp_signer signer = keypair_signer(root);
	uint8_t digest[RXP_DIGEST_OCTETS];

	if (c->rc == 0)
		c->rc = rxp_identity_seal(&c->parts[c->n++], &c->first->identity,
		    c->first->identity.created_ms, &signer, digest);
}

void chain_replace_seal(struct chain *c, const struct keypair *seal)
{
	struct rxp_identity *i = &c->first->identity;
	const uint8_t *der;
	size_t len;

	der = rxp_cert_der(seal->cert, &len);
	rxp_buf_reset(&i->certs[0]);
	if (c->rc == 0)
		c->rc = rxp_buf_put(&i->certs[0], der, len);
}

struct rxp_working *chain_next_working(struct chain *c)
{
	struct rxp_working *w = &c->first->working;

	w->identity_serial = c->n;
	part_fingerprint(w->identity, &c->parts[c->n - 1]);
	w->created_ms = c->now_ms + (int64_t)c->n * CHAIN_STEP_MS;
	return w;
}

void chain_seal_working(struct chain *c, const struct keypair *seal)
{
	struct rxp_signer signer = keypair_signer(seal);

	rxp_buf_reset(&c->working);
	if (c->rc == 0)
		c->rc = rxp_working_seal(
		    &c->working, &c->first->working, c->first->working.created_ms, &signer);
}

void chain_write(struct rxp_buf *out, struct chain *c)
{
	if (c->rc == 0)
		c->rc = rxp_descriptor_write(out, c->parts + c->from, c->n - c->from, &c->working);
}
