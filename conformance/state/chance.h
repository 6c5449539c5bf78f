/*
 * chance - the suite's randomness, as librxp takes it.
 */
#ifndef CONFORM_CHANCE_H
#define CONFORM_CHANCE_H

#include "protocol/base/random.h"

/* From OpenSSL's generator. After chance_fix(), until its end: a stream that follows from the seed alone. */
const struct rxp_random *chance(void);

/*
 * From now on the octets SHA-256(seed || n), n a number of eight octets from 0, one behind the other; a seed again is the same
 * stream again. What is made of them is no secret: for vectors that are to be the same at each run, whatever machine makes
 * them. NULL: random again. The seed is copied; one of more than CHANCE_MAX_SEED octets aborts.
 */
#define CHANCE_MAX_SEED 128
void chance_fix(const char *seed);

#endif
