/*
 * random - the randomness that the protocol library asks of its caller: OpenSSL's generator for
 * private values, seeded by the kernel.
 */
#ifndef SEALER_RANDOM_H
#define SEALER_RANDOM_H

#include "protocol/base/random.h"

/* fill() returns RXP_ERR_CRYPTO if the generator fails. */
struct rxp_random random_source(void);

#endif
