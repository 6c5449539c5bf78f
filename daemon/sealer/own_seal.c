#include "daemon/sealer/own_seal.h"

#include <stddef.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/register.h"
#include "protocol/base/err.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/peering/identity_known.h"
#include "protocol/seal/cert.h"

/* RXP_ERR_NOMEM, RXP_ERR_CRYPTO; what a former one that does not verify is at fault for is asked without it. */
static int open_all(struct rxp_evidence_party **out, const struct node *node,
    const struct rxp_evidence_descriptor *former, size_t n)
{
	const struct rxp_evidence_descriptor in_force = {node->identity.data, node->identity.len};
	struct rxp_evidence_descriptor left[RXP_EVIDENCE_FORMER_MAX];
	struct rxp_identity_known *known = rxp_identity_known_new();
	size_t bad = 0;
	int rc = known == NULL ? RXP_ERR_NOMEM : RXP_ERR_MISMATCH;

	memcpy(left, former, n * sizeof left[0]);
	while (known != NULL) {
		rc = rxp_evidence_party_open_all(out, &bad, known, &in_force, left, n);
		if (rc == 0 || rc == RXP_ERR_NOMEM || rc == RXP_ERR_CRYPTO || bad >= n)
			break;
		n--;
		memmove(&left[bad], &left[bad + 1], (n - bad) * sizeof left[0]);
	}
	rxp_identity_known_free(known);
	return rc;
}

const struct rxp_evidence_party *own_seals(struct node *node)
{
	const struct rxp_evidence_descriptor *former;
	struct rxp_evidence_party *all = NULL;
	uint64_t number;
	size_t n;

	former = register_former(node->peers, &n, &number);
	if (n == 0)
		return node->seals;
	if (node->outgrown == NULL || node->outgrown_of != number) {
		if (open_all(&all, node, former, n) != 0)
			return node->seals;
		rxp_evidence_party_free(node->outgrown);
		node->outgrown = all;
		node->outgrown_of = number;
	}
	return node->outgrown;
}

bool own_seal_good(struct own_seal *out, const struct rxp_evidence_party *own,
    const struct rxp_cert *cert, int64_t created_ms)
{
	for (size_t i = 0; i < own->n_joined; i++)
		if (own->certs[i] == cert) {
			out->revoked_ms = own->revoked_ms[i];
			rxp_cert_spki_digest(cert, out->key);
			return own->retired_ms[i] == 0 || created_ms < own->retired_ms[i];
		}
	return false;
}

int own_seal_revoked(struct rxp_buf *rows, const struct node *node)
{
	const struct rxp_evidence_party *own = node->seals;
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < own->n; i++) {
		struct rec_own_revoked r = {.since_ms = own->revoked_ms[i]};

		rxp_cert_spki_digest(own->certs[i], r.seal);
		if (r.since_ms != 0)
			rc = record_list_put(rows, REC_own_revoked, &record_own_revoked, &r);
	}
	return rc;
}
