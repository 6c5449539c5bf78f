#include "daemon/sealer/digest.h"

#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/err.h"

int digest_make(uint8_t out[32], const uint8_t *octets, size_t len)
{
	uint8_t made[EVP_MAX_MD_SIZE];

	if (EVP_Digest(octets, len, made, NULL, EVP_sha256(), NULL) != 1)
		return RXP_ERR_CRYPTO;
	memcpy(out, made, 32);
	return 0;
}
