#include "protocol/evidence/evidence_party.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"
#include "protocol/message/answer.h"
#include "protocol/peering/descriptor.h"
#include "protocol/peering/identity.h"
#include "protocol/seal/cert.h"

/* The place of the certificate among those known; n if it is new. */
static size_t find(const struct rxp_evidence_party *p, const uint8_t *der, size_t len)
{
	for (size_t i = 0; i < p->n; i++) {
		size_t known_len;
		const uint8_t *known = rxp_cert_der(p->certs[i], &known_len);

		if (known_len == len && memcmp(known, der, len) == 0)
			return i;
	}
	return p->n;
}

/* A pin that a part lists is former when a later one does not. */
static void add_pins(
    struct rxp_evidence_party *p, const struct rxp_identity *latest, const struct rxp_identity *i)
{
	for (size_t k = 0; k < i->n_pins; k++) {
		bool known = false;

		for (size_t n = 0; n < latest->n_pins; n++)
			known =
			    known || memcmp(latest->pins[n], i->pins[k], RXP_DIGEST_OCTETS) == 0;
		for (size_t n = 0; n < p->n_pins; n++)
			known =
			    known || memcmp(p->former_pins[n], i->pins[k], RXP_DIGEST_OCTETS) == 0;
		if (!known)
			memcpy(p->former_pins[p->n_pins++], i->pins[k], RXP_DIGEST_OCTETS);
	}
}

/* Take over what one part of the chain says: the certificates that it lists, and since when those
 * that it leaves out are retired or revoked. */
static int add_part(struct rxp_evidence_party *p, const struct rxp_identity *i)
{
	bool listed[RXP_EVIDENCE_MAX_CERTS] = {false};

	for (size_t k = 0; k < i->n_certs; k++) {
		size_t at = find(p, i->certs[k].data, i->certs[k].len);
		struct rxp_cert *cert = NULL;
		int rc;

		if (at == p->n) {
			rc = rxp_cert_parse(&cert, i->certs[k].data, i->certs[k].len);
			if (rc != 0)
				return rc;
			p->owned[p->n] = cert;
			p->certs[p->n++] = cert;
		}
		listed[at] = true;
	}
	for (size_t k = 0; k < p->n; k++) {
		if (listed[k])
			p->retired_ms[k] = 0;
		else if (p->retired_ms[k] == 0)
			p->retired_ms[k] = i->created_ms;
		if (!listed[k] && i->revoked_since_ms != 0 &&
		    (p->revoked_ms[k] == 0 || p->revoked_ms[k] > i->revoked_since_ms))
			p->revoked_ms[k] = i->revoked_since_ms;
	}
	return 0;
}

/* The chain was verified as a whole. */
static int add_chain(struct rxp_evidence_party *p, const struct rxp_identity *latest,
    const uint8_t *octets, size_t len)
{
	struct rxp_buf parts[RXP_MAX_IDENTITY_PARTS], working;
	struct rxp_identity *identity = calloc(1, sizeof *identity);
	struct rxp_identity_root sealed_by;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	size_t n = 0;
	int rc;

	if (identity == NULL)
		return RXP_ERR_NOMEM;
	rc = rxp_descriptor_split(parts, &n, &working, octets, len);
	for (size_t i = 0; rc == 0 && i < n; i++) {
		rxp_identity_init(identity);
		rc = rxp_identity_read(
		    identity, &sealed_by, fingerprint, parts[i].data, parts[i].len);
		if (rc == 0)
			rc = add_part(p, identity);
		if (rc == 0)
			add_pins(p, latest, identity);
		rxp_identity_clear(identity);
	}
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&parts[i]);
	rxp_buf_free(&working);
	free(identity);
	return rc;
}

int rxp_evidence_party_open(struct rxp_evidence_party **out, const uint8_t *octets, size_t len,
    const uint8_t root[RXP_DIGEST_OCTETS])
{
	struct rxp_evidence_party *p = NULL;
	struct rxp_descriptor *d = NULL;
	int rc = rxp_descriptor_open(&d, octets, len, root);

	if (rc != 0)
		return rc;
	p = calloc(1, sizeof *p);
	if (p == NULL) {
		rc = RXP_ERR_NOMEM;
		goto done;
	}
	memcpy(p->party, d->identity.party, sizeof p->party);
	memcpy(p->root, d->root, sizeof p->root);
	if ((rc = add_chain(p, &d->identity, octets, len)) != 0)
		goto done;
	*out = p;
	p = NULL;
done:
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

int64_t rxp_evidence_party_revoked(const struct rxp_evidence_party *p, const struct rxp_cert *cert)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->certs[i] == cert)
			return p->revoked_ms[i];
	return 0;
}

int rxp_evidence_party_answer(
    struct rxp_answer *out, const struct rxp_evidence_party *p, const uint8_t *octets, size_t len)
{
	struct rxp_answer answer;
	int rc = rxp_answer_open(&answer, octets, len, p->certs, p->n);
	int64_t revoked_ms;

	if (rc != 0)
		return rc;
	revoked_ms = rxp_evidence_party_revoked(p, answer.cert);
	if (revoked_ms != 0 && revoked_ms <= answer.created_ms) {
		rxp_answer_clear(&answer);
		return RXP_ERR_SIGNER;
	}
	*out = answer;
	return 0;
}
