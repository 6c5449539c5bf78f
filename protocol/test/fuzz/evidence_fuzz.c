/*
 * Input: the four pieces of evidence as a folder holds them, parted by empty lines: Header,
 * SignedProperties, SignedInfo, signature value. They are verified as they are, and once more with the
 * digests in SignedInfo made right and its signature made anew, so that the shape is judged too.
 */
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/evidence/evidence.h"
#include "protocol/test/fuzz/fuzz.h"

#define DIGEST_TEXT RXP_BASE64_LENGTH((size_t)RXP_DIGEST_OCTETS)

static void verify(const struct rxp_evidence *e, const struct fuzz_state *state)
{
	const struct rxp_cert *const certs[] = {state->cert};
	struct rxp_evidence_proof proof;
	enum rxp_evidence_piece wrong = RXP_EVIDENCE_PIECES;

	if (rxp_evidence_verify(&proof, &wrong, e, certs, 1, NULL) == 0)
		MUST(proof.cert == state->cert && wrong == RXP_EVIDENCE_PIECES);
}

/* Write the digest of a piece into the nth DigestValue, if there is one. */
static void mend(struct rxp_buf *signed_info, unsigned nth, const void *octets, size_t len)
{
	static const char tag[] = "<ds:DigestValue>";
	uint8_t digest[RXP_DIGEST_OCTETS], text[DIGEST_TEXT + 1];
	uint8_t *at = signed_info->data, *end = signed_info->data + signed_info->len;

	MUST(EVP_Digest(octets, len, digest, NULL, EVP_sha256(), NULL) == 1);
	EVP_EncodeBlock(text, digest, sizeof digest);
	for (unsigned i = 0; i <= nth; i++) {
		at = memmem(at, (size_t)(end - at), tag, sizeof tag - 1);
		if (at == NULL)
			return;
		at += sizeof tag - 1;
	}
	if ((size_t)(end - at) >= DIGEST_TEXT)
		memcpy(at, text, DIGEST_TEXT);
}

static void verify_mended(struct rxp_evidence e, const struct fuzz_state *state)
{
	const struct rxp_signer *signer = &state->signer;
	uint8_t value[RXP_MAX_SIGNATURE_OCTETS];
	struct rxp_buf signed_info;

	rxp_buf_init(&signed_info, RXP_EVIDENCE_MAX_OCTETS);
	if (rxp_buf_put(&signed_info, e.piece[RXP_EVIDENCE_SIGNED_INFO].data,
		e.piece[RXP_EVIDENCE_SIGNED_INFO].len) == 0 &&
	    signed_info.len > 0) {
		mend(&signed_info, 0, e.piece[RXP_EVIDENCE_HEADER].data,
		    e.piece[RXP_EVIDENCE_HEADER].len);
		mend(&signed_info, 2, e.piece[RXP_EVIDENCE_PROPERTIES].data,
		    e.piece[RXP_EVIDENCE_PROPERTIES].len);
		e.piece[RXP_EVIDENCE_SIGNED_INFO].data = signed_info.data;
		MUST(signer->sign(signer->arg, signed_info.data, signed_info.len, value,
			 &e.piece[RXP_EVIDENCE_VALUE].len) == 0);
		e.piece[RXP_EVIDENCE_VALUE].data = value;
		verify(&e, state);
	}
	rxp_buf_free(&signed_info);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	const struct fuzz_state *state = fuzz_state();
	struct fuzz_part rest = {octets, len};
	struct rxp_evidence e;

	for (int i = 0; i < RXP_EVIDENCE_PIECES; i++) {
		struct fuzz_part part = i < RXP_EVIDENCE_VALUE ? fuzz_take(&rest) : rest;

		e.piece[i].data = part.data;
		e.piece[i].len = part.len;
	}
	verify(&e, state);
	verify_mended(e, state);
	return 0;
}
