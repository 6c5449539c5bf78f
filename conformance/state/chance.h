/*
 * chance - the suite's randomness, as librxp takes it.
 */
#ifndef CONFORM_CHANCE_H
#define CONFORM_CHANCE_H

#include "protocol/base/random.h"

/* From OpenSSL's generator. */
const struct rxp_random *chance(void);

#endif
