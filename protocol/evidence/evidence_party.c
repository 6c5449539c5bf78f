#include "protocol/evidence/evidence_party.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/evidence/evidence_joined.h"
#include "protocol/peering/descriptor.h"
#include "protocol/peering/identity_known.h"
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
static int add_part(
    struct rxp_evidence_party *p, size_t chain, const struct rxp_evidence_part *part)
{
	const struct rxp_identity *i = &part->read->identity;
	bool listed[RXP_EVIDENCE_MAX_CERTS] = {false};
	int rc = 0;

	for (size_t k = 0; rc == 0 && k < i->n_certs; k++) {
		size_t at = find(p, chain, &i->certs[k]);

		if (at == p->n)
			rc = add_cert(p, chain, &i->certs[k]);
		if (rc != 0)
			break;
		listed[at] = true;
		p->n_former[at] = (uint8_t)part->n_former;
	}
	for (size_t k = 0; rc == 0 && k < p->n; k++) {
		if (listed[k])
			p->retired_ms[k] = 0;
		else if (p->chain[k] == chain)
			leave_out(p, k, i);
	}
	return rc;
}

static int add_chain(struct rxp_evidence_party *p, const struct rxp_evidence_part *parts, size_t n)
{
	const size_t chain = p->n_chains;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < n; i++) {
		rc = add_part(p, chain, &parts[i]);
		if (rc == 0)
			add_root(p, chain, parts[i].read->root.digest);
	}
	if (rc != 0)
		return rc;
	p->n_chains++;
	if (chain == 0)
		p->n_joined = p->n;
	return 0;
}

/* --- opened ----------------------------------------------------------------------------------------- */

static int read_chains(
    struct rxp_evidence_party **out, const struct rxp_evidence_joined *joined, bool pins)
{
	const struct rxp_evidence_part *parts = joined->chains[0].parts;
	const size_t n = joined->chains[0].n;
	const struct rxp_identity_part *latest = parts[n - 1].read;
	struct rxp_evidence_party *p = calloc(1, sizeof *p);
	int rc = p == NULL ? RXP_ERR_NOMEM : 0;

	if (rc == 0) {
		memcpy(p->party, latest->identity.party, sizeof p->party);
		memcpy(p->root, latest->root.digest, sizeof p->root);
	}
	for (size_t i = 0; rc == 0 && i < joined->n; i++)
		rc = add_chain(p, joined->chains[i].parts, joined->chains[i].n);
	for (size_t i = 0; rc == 0 && pins && i < n; i++)
		add_pins(p, &latest->identity, &parts[i].read->identity);
	if (rc != 0)
		rxp_evidence_party_free(p);
	else
		*out = p;
	return rc;
}

static bool has_root(const struct rxp_evidence_party *p, const uint8_t root[RXP_DIGEST_OCTETS])
{
	bool any = false;

	for (size_t i = 0; i < p->n_roots; i++)
		any = any || same_digest(p->roots[i].digest, root);
	return any;
}

static int open_one(struct rxp_evidence_party **out, struct rxp_identity_known *known,
    const struct rxp_evidence_descriptor *descriptor, const uint8_t root[RXP_DIGEST_OCTETS])
{
	struct rxp_evidence_joined *joined = NULL;
	struct rxp_evidence_party *p = NULL;
	size_t bad;
	int rc = rxp_evidence_join(&joined, &bad, known, descriptor, NULL, 0);

	if (rc == 0)
		rc = read_chains(&p, joined, true);
	if (rc == 0 && root != NULL && !has_root(p, root))
		rc = RXP_ERR_SIGNER;
	rxp_evidence_joined_free(joined);
	if (rc != 0)
		rxp_evidence_party_free(p);
	else
		*out = p;
	return rc;
}

int rxp_evidence_party_open(struct rxp_evidence_party **out, const uint8_t *octets, size_t len,
    const uint8_t root[RXP_DIGEST_OCTETS])
{
	struct rxp_identity_known *known = rxp_identity_known_new();
	int rc = known == NULL ? RXP_ERR_NOMEM : 0;

	if (rc == 0)
		rc = open_one(out, known, &(struct rxp_evidence_descriptor){octets, len}, root);
	rxp_identity_known_free(known);
	return rc;
}

int rxp_evidence_party_open_all(struct rxp_evidence_party **out, size_t *bad,
    struct rxp_identity_known *known, const struct rxp_evidence_descriptor *in_force,
    const struct rxp_evidence_descriptor *former, size_t n)
{
	struct rxp_evidence_joined *joined = NULL;
	int rc = rxp_evidence_join(&joined, bad, known, in_force, former, n);

	if (rc == 0)
		rc = read_chains(out, joined, false);
	rxp_evidence_joined_free(joined);
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
