/*
 * Input: the octets of a Document, as decryption gives them: strictness, structure, seal.
 * message_fuzz.c is for what stands behind the seal.
 */
#include "protocol/document/document.h"
#include "protocol/test/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	const struct fuzz_state *state = fuzz_state();
	const struct rxp_cert *const certs[] = {state->cert};
	struct rxp_document *d = NULL;
	int rc = rxp_document_open(&d, octets, len, &state->outer, certs, 1);

	MUST((rc == 0) == (d != NULL));
	rxp_document_free(d);
	return 0;
}
