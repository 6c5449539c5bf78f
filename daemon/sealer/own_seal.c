#include "daemon/sealer/own_seal.h"

#include <stddef.h>

#include "daemon/sealer/node.h"
#include "protocol/evidence/evidence_party.h"

bool own_seal_good(
    int64_t *revoked_ms, const struct node *node, const struct rxp_cert *cert, int64_t created_ms)
{
	const struct rxp_evidence_party *own = node->seals;

	for (size_t i = 0; i < own->n; i++)
		if (own->certs[i] == cert) {
			*revoked_ms = own->revoked_ms[i];
			return own->retired_ms[i] == 0 || created_ms < own->retired_ms[i];
		}
	return false;
}
