#include "daemon/sealer/own_seal.h"

#include <stddef.h>

#include "daemon/base/record.h"
#include "daemon/sealer/node.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/seal/cert.h"

bool own_seal_good(
    struct own_seal *out, const struct node *node, const struct rxp_cert *cert, int64_t created_ms)
{
	const struct rxp_evidence_party *own = node->seals;

	for (size_t i = 0; i < own->n; i++)
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
