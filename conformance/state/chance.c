#include "conformance/state/chance.h"

#include <openssl/rand.h>

#include "protocol/base/err.h"

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	return RAND_bytes(out, (int)len) == 1 ? 0 : RXP_ERR_CRYPTO;
}

const struct rxp_random *chance(void)
{
	static const struct rxp_random source = {fill, NULL};

	return &source;
}
