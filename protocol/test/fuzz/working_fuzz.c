/*
 * Input: the content of a working part's Header, an empty line, the content of its Body; sealed here,
 * then read against an identity of QRA with the serial 1 and a digest of zeros.
 * Promise: each key of what is accepted can be encrypted to.
 */
#include <string.h>

#include "protocol/peering/descriptor.h"
#include "protocol/test/fuzz/fuzz.h"

static void make_identity(struct rxp_identity *i, const struct fuzz_state *state)
{
	const uint8_t *der;
	size_t len;

	rxp_identity_init(i);
	memcpy(i->party, state->outer.from, sizeof i->party);
	i->serial = 1;
	i->n_certs = 1;
	der = rxp_cert_der(state->cert, &len);
	MUST(rxp_buf_put(&i->certs[0], der, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	static const uint8_t digest[RXP_DIGEST_OCTETS];
	static struct rxp_identity identity;
	struct rxp_working working;
	struct rxp_buf sealed, point;

	make_identity(&identity, fuzz_state());
	rxp_buf_init(&point, RXP_MAX_POINT_OCTETS);
	if (fuzz_seal(&sealed, RXP_KIND_WORKING, octets, len) == 0 &&
	    rxp_working_open(&working, sealed.data, sealed.len, &identity, digest) == 0) {
		MUST(working.n_keys > 0);
		for (size_t i = 0; i < working.n_keys; i++) {
			const struct rxp_buf *spki = &working.keys[i].spki;

			rxp_buf_reset(&point);
			MUST(rxp_agreement_spki_point(
				 &point, &rxp_suite_p256, spki->data, spki->len) == 0);
		}
		rxp_working_clear(&working);
	}
	rxp_identity_clear(&identity);
	rxp_buf_free(&point);
	rxp_buf_free(&sealed);
	return 0;
}
