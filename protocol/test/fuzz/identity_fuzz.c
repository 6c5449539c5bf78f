/*
 * Input: the content of an identity part's Header, an empty line, the content of its Body; sealed here,
 * then read, alone and in a descriptor.
 * Promise: the descriptor is accepted where the part is that of a party's first root, and gives the
 * State's certificates as evidence needs them.
 */
#include "protocol/evidence/evidence_party.h"
#include "protocol/peering/descriptor.h"
#include "protocol/peering/identity.h"
#include "protocol/test/fuzz/fuzz.h"

static void in_descriptor(const struct rxp_buf *part, const struct rxp_identity *identity)
{
	struct rxp_descriptor *d = NULL;
	struct rxp_evidence_party *party = NULL;
	struct rxp_buf whole;
	int rc;

	rxp_buf_init(&whole, RXP_MAX_DESCRIPTOR_OCTETS);
	MUST(rxp_descriptor_write(&whole, part, 1, NULL) == 0);
	rc = rxp_descriptor_open(&d, whole.data, whole.len, NULL);
	MUST((rc == 0) == (identity->has_previous == (identity->serial > 1)));
	MUST((rc == 0) == (rxp_evidence_party_open(&party, whole.data, whole.len, NULL) == 0));
	MUST(party == NULL || (party->n > 0 && party->n <= identity->n_certs));
	rxp_evidence_party_free(party);
	rxp_descriptor_free(d);
	rxp_buf_free(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	static struct rxp_identity identity;
	struct rxp_identity_root root;
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	struct rxp_buf sealed;

	rxp_identity_init(&identity);
	if (fuzz_seal(&sealed, RXP_KIND_IDENTITY, octets, len) == 0 &&
	    rxp_identity_read(&identity, &root, fingerprint, sealed.data, sealed.len, NULL) == 0)
		in_descriptor(&sealed, &identity);
	rxp_identity_clear(&identity);
	rxp_buf_free(&sealed);
	return 0;
}
