#include "daemon/desk/hash.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/err.h"

struct hash {
	EVP_MD_CTX *context;
	bool failed;
};

int hash_new(struct hash **out)
{
	struct hash *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return RXP_ERR_NOMEM;
	h->context = EVP_MD_CTX_new();
	if (h->context == NULL || EVP_DigestInit_ex(h->context, EVP_sha256(), NULL) != 1) {
		hash_free(h);
		return RXP_ERR_CRYPTO;
	}
	*out = h;
	return 0;
}

void hash_free(struct hash *h)
{
	if (h == NULL)
		return;
	EVP_MD_CTX_free(h->context);
	free(h);
}

void hash_put(struct hash *h, const void *octets, size_t len)
{
	if (len > 0 && EVP_DigestUpdate(h->context, octets, len) != 1)
		h->failed = true;
}

int hash_end(struct hash *h, uint8_t out[32])
{
	uint8_t digest[EVP_MAX_MD_SIZE];

	if (h->failed || EVP_DigestFinal_ex(h->context, digest, NULL) != 1)
		return RXP_ERR_CRYPTO;
	memcpy(out, digest, 32);
	return 0;
}

int hash_once(uint8_t out[32], const void *octets, size_t len)
{
	struct hash *h = NULL;
	int rc = hash_new(&h);

	if (rc == 0) {
		hash_put(h, octets, len);
		rc = hash_end(h, out);
	}
	hash_free(h);
	return rc;
}

int hash_warm_up(void)
{
	uint8_t digest[32];

	return hash_once(digest, "", 0);
}
