#include "daemon/base/token_seal.h"

#include <openssl/evp.h>

#include "daemon/base/token.h"
#include "protocol/seal/cert.h"
#include "protocol/seal/signature.h"

static const char *const digests[] = {
#define SEAL_ALG(name, key, group, digest, uri, xmlsec) [RXP_SEAL_##name] = (digest),
#include "protocol/seal/seal_alg.def"
#undef SEAL_ALG
};

enum token_state token_seal(struct token *t, const struct rxp_cert *cert, const uint8_t *octets,
    size_t len, uint8_t value[RXP_MAX_SIGNATURE_OCTETS], size_t *value_len)
{
	const enum rxp_seal_alg alg = rxp_cert_alg(cert);
	uint8_t digest[EVP_MAX_MD_SIZE];
	enum token_state state;
	unsigned digest_len = 0;

	if (EVP_Digest(
		octets, len, digest, &digest_len, EVP_get_digestbyname(digests[alg]), NULL) != 1)
		return TOKEN_DIED;
	state = token_sign(t, alg, digest, digest_len, value, value_len);
	if (state == TOKEN_READY && rxp_signature_verify(cert, octets, len, value, *value_len) != 0)
		state = TOKEN_OTHER_KEY;
	return state;
}
