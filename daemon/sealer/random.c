#include "daemon/sealer/random.h"

#include <openssl/rand.h>

#include "protocol/base/err.h"

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	return RAND_priv_bytes_ex(NULL, out, len, 0) == 1 ? 0 : RXP_ERR_CRYPTO;
}

struct rxp_random random_source(void)
{
	return (struct rxp_random){.fill = fill};
}
