/*
 * random - the caller's source of randomness; the library has none of its own.
 *
 * fill() writes len unpredictable octets and returns 0, or returns a negative code. Tests give a
 * deterministic source and so obtain identical octets.
 */
#ifndef RXP_RANDOM_H
#define RXP_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct rxp_random {
	int (*fill)(void *arg, uint8_t *out, size_t len);
	void *arg;
};

#endif
