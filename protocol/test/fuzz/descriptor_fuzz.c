/*
 * Input: the octets of a descriptor, as a peer gives them or people carry them.
 * identity_fuzz.c and working_fuzz.c are for what stands behind the seals of its parts.
 */
#include "protocol/evidence/evidence_party.h"
#include "protocol/peering/descriptor.h"
#include "protocol/test/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	struct rxp_descriptor *d = NULL;
	struct rxp_evidence_party *party = NULL;
	int rc;

	fuzz_state();
	rc = rxp_descriptor_open(&d, octets, len, NULL);
	MUST((rc == 0) == (rxp_evidence_party_open(&party, octets, len, NULL) == 0));
	MUST((rc == 0) == (d != NULL && party != NULL));
	rxp_evidence_party_free(party);
	rxp_descriptor_free(d);
	return 0;
}
