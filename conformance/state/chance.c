#include "conformance/state/chance.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define COUNTER_OCTETS 8

static struct {
	bool fixed;
	size_t seed_len, left; /* left: octets of the block that were not given yet */
	uint64_t next; /* number of the block behind it */
	uint8_t text[CHANCE_MAX_SEED + COUNTER_OCTETS], block[RXP_DIGEST_OCTETS];
} stream;

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	if (!stream.fixed)
		return RAND_bytes(out, (int)len) == 1 ? 0 : RXP_ERR_CRYPTO;
	for (size_t i = 0; i < len; i++) {
		if (stream.left == 0) {
			for (size_t n = 0; n < COUNTER_OCTETS; n++)
				stream.text[stream.seed_len + n] =
				    (uint8_t)(stream.next >> (8 * (COUNTER_OCTETS - 1 - n)));
			if (EVP_Digest(stream.text, stream.seed_len + COUNTER_OCTETS, stream.block,
				NULL, EVP_sha256(), NULL) != 1)
				return RXP_ERR_CRYPTO;
			stream.next++;
			stream.left = sizeof stream.block;
		}
		out[i] = stream.block[sizeof stream.block - stream.left--];
	}
	return 0;
}

const struct rxp_random *chance(void)
{
	static const struct rxp_random source = {fill, NULL};

	return &source;
}

void chance_fix(const char *seed)
{
	memset(&stream, 0, sizeof stream);
	if (seed == NULL)
		return;
	stream.fixed = true;
	stream.seed_len = strlen(seed);
	if (stream.seed_len > CHANCE_MAX_SEED)
		abort();
	memcpy(stream.text, seed, stream.seed_len);
}
