#include "protocol/evidence/evidence_party.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/evidence/evidence_joined.h"
#include "protocol/peering/descriptor.h"
#include "protocol/peering/identity.h"
#include "protocol/seal/cert.h"

/* --- what the parts say --------------------------------------------------------------------------- */

static bool same_digest(const uint8_t a[RXP_DIGEST_OCTETS], const uint8_t b[RXP_DIGEST_OCTETS])
{
	return memcmp(a, b, RXP_DIGEST_OCTETS) == 0;
}

/* The place of the certificate among those known of the chain; n if it is new. */
static size_t find(const struct rxp_evidence_party *p, size_t chain, const struct rxp_buf *der)
{
	for (size_t i = 0; i < p->n; i++) {
		size_t known_len;
		const uint8_t *known = rxp_cert_der(p->certs[i], &known_len);

		if (p->chain[i] == chain && known_len == der->len &&
		    memcmp(known, der->data, known_len) == 0)
			return i;
	}
	return p->n;
}

static int add_cert(struct rxp_evidence_party *p, size_t chain, const struct rxp_buf *der)
{
	struct rxp_cert *cert = NULL;
	int rc;

	if (p->n == RXP_EVIDENCE_MAX_CERTS)
		return RXP_ERR_BOUND;
	rc = rxp_cert_parse(&cert, der->data, der->len);
	if (rc != 0)
		return rc;
	p->owned[p->n] = cert;
	p->chain[p->n] = (uint8_t)chain;
	p->certs[p->n++] = cert;
	return 0;
}

static void add_root(
    struct rxp_evidence_party *p, size_t chain, const uint8_t digest[RXP_DIGEST_OCTETS])
{
	for (size_t i = 0; i < p->n_roots; i++)
		if (p->roots[i].chain == chain && same_digest(p->roots[i].digest, digest))
			return;
	memcpy(p->roots[p->n_roots].digest, digest, RXP_DIGEST_OCTETS);
	p->roots[p->n_roots++].chain = (uint8_t)chain;
}

/* A pin that a part lists is former when a later one does not. */
static void add_pins(
    struct rxp_evidence_party *p, const struct rxp_identity *latest, const struct rxp_identity *i)
{
	for (size_t k = 0; k < i->n_pins; k++) {
		bool known = false;

		for (size_t n = 0; n < latest->n_pins; n++)
			known = known || same_digest(latest->pins[n], i->pins[k]);
		for (size_t n = 0; n < p->n_pins; n++)
			known = known || same_digest(p->former_pins[n], i->pins[k]);
		if (!known)
			memcpy(p->former_pins[p->n_pins++], i->pins[k], RXP_DIGEST_OCTETS);
	}
}

static void leave_out(struct rxp_evidence_party *p, size_t at, const struct rxp_identity *i)
{
	if (p->retired_ms[at] == 0)
		p->retired_ms[at] = i->created_ms;
	if (i->revoked_since_ms != 0 &&
	    (p->revoked_ms[at] == 0 || p->revoked_ms[at] > i->revoked_since_ms))
		p->revoked_ms[at] = i->revoked_since_ms;
}

/* Take over what one part of a chain says: the certificates that it lists, and since when those
 * that it leaves out are retired or revoked. */
static int add_part(struct rxp_evidence_party *p, size_t chain, const struct rxp_identity *i)
{
	bool listed[RXP_EVIDENCE_MAX_CERTS] = {false};
	int rc = 0;

	for (size_t k = 0; rc == 0 && k < i->n_certs; k++) {
		size_t at = find(p, chain, &i->certs[k]);

		if (at == p->n)
			rc = add_cert(p, chain, &i->certs[k]);
		listed[at] = rc == 0;
	}
	for (size_t k = 0; rc == 0 && k < p->n; k++) {
		if (listed[k])
			p->retired_ms[k] = 0;
		else if (p->chain[k] == chain)
			leave_out(p, k, i);
	}
	return rc;
}

/* The chain was verified as a whole. latest: its last part, if it is no longer than a descriptor; NULL: its pins do not matter. */
static int add_chain(struct rxp_evidence_party *p, const struct rxp_identity *latest,
    const struct rxp_buf *parts, size_t n)
{
	struct rxp_identity *identity = calloc(1, sizeof *identity);
	struct rxp_identity_root sealed_by = {.until_ms = 0};
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	const size_t chain = p->n_chains;
	int rc = identity == NULL ? RXP_ERR_NOMEM : 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rxp_identity_init(identity);
		rc = rxp_identity_read(
		    identity, &sealed_by, fingerprint, parts[i].data, parts[i].len);
		if (rc == 0)
			rc = add_part(p, chain, identity);
		if (rc == 0)
			add_root(p, chain, sealed_by.digest);
		if (rc == 0 && latest != NULL)
			add_pins(p, latest, identity);
		rxp_identity_clear(identity);
	}
	free(identity);
	if (rc != 0)
		return rc;
	p->n_chains++;
	if (chain == 0)
		p->n_joined = p->n;
	return 0;
}

/* --- opened ----------------------------------------------------------------------------------------- */

static int begin(struct rxp_evidence_party **out, const struct rxp_descriptor *d)
{
	struct rxp_evidence_party *p = calloc(1, sizeof *p);

	if (p == NULL)
		return RXP_ERR_NOMEM;
	memcpy(p->party, d->identity.party, sizeof p->party);
	memcpy(p->root, d->root, sizeof p->root);
	*out = p;
	return 0;
}

int rxp_evidence_party_open(struct rxp_evidence_party **out, const uint8_t *octets, size_t len,
    const uint8_t root[RXP_DIGEST_OCTETS])
{
	struct rxp_buf parts[RXP_MAX_IDENTITY_PARTS], working;
	struct rxp_evidence_party *p = NULL;
	struct rxp_descriptor *d = NULL;
	size_t n = 0;
	int rc = rxp_descriptor_open(&d, octets, len, root);

	if (rc != 0)
		return rc;
	if ((rc = begin(&p, d)) == 0) {
		rc = rxp_descriptor_split(parts, &n, &working, octets, len);
		if (rc == 0)
			rc = add_chain(p, &d->identity, parts, n);
		for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
			rxp_buf_free(&parts[i]);
		rxp_buf_free(&working);
	}
	rxp_descriptor_free(d);
	if (rc != 0)
		rxp_evidence_party_free(p);
	else
		*out = p;
	return rc;
}

int rxp_evidence_party_open_all(struct rxp_evidence_party **out, size_t *bad,
    const struct rxp_evidence_descriptor *in_force, const struct rxp_evidence_descriptor *former,
    size_t n)
{
	struct rxp_evidence_joined *joined = NULL;
	struct rxp_evidence_party *p = NULL;
	struct rxp_descriptor *d = NULL;
	int rc;

	*bad = n;
	if ((rc = rxp_descriptor_open(&d, in_force->data, in_force->len, NULL)) != 0 ||
	    (rc = begin(&p, d)) != 0 ||
	    (rc = rxp_evidence_join(&joined, bad, in_force, former, n, p->party)) != 0)
		goto done;
	for (size_t i = 0; rc == 0 && i < joined->n; i++)
		rc = add_chain(p, NULL, joined->chains[i].parts, joined->chains[i].n);
	if (rc == 0) {
		*out = p;
		p = NULL;
	}
done:
	rxp_evidence_joined_free(joined);
	rxp_evidence_party_free(p);
	rxp_descriptor_free(d);
	return rc;
}

void rxp_evidence_party_free(struct rxp_evidence_party *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n; i++)
		rxp_cert_free(p->owned[i]);
	free(p);
}

/* --- asked ------------------------------------------------------------------------------------------- */

bool rxp_evidence_party_compare(struct rxp_evidence_party *p, const uint8_t root[RXP_DIGEST_OCTETS])
{
	bool any = false;

	for (size_t i = 0; i < p->n_roots; i++)
		if (same_digest(p->roots[i].digest, root))
			any = p->compared[p->roots[i].chain] = true;
	return any;
}

size_t rxp_evidence_party_find(const struct rxp_evidence_party *p, const struct rxp_cert *cert)
{
	size_t i = 0;

	while (i < p->n && p->certs[i] != cert)
		i++;
	return i;
}

int64_t rxp_evidence_party_revoked(const struct rxp_evidence_party *p, const struct rxp_cert *cert)
{
	size_t at = rxp_evidence_party_find(p, cert);

	return at == p->n ? 0 : p->revoked_ms[at];
}
