/*
 * knocks - who goes on connecting here with a key of nobody (RXP-DSC-036).
 *
 * A State that pulls and changed its key comes again and again with the same one. Any number of others may connect with as many keys as they
 * like, and must not hide it: none that is remembered is forgotten for another, and keys for which no place is left, or which the gateway
 * did not tell one by one, count together as one that connects. So whoever goes on is found by his own key or among those.
 */
#ifndef REGISTRY_KNOCKS_H
#define REGISTRY_KNOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/limits.h"
#include "protocol/base/ident.h"

struct knock {
	uint8_t pin[RXP_DIGEST_OCTETS];
	int64_t since_mono, last_mono; /* last_mono 0: of nobody */
};

struct knocks { /* zeros: nobody came */
	struct knock each[REGISTRY_KNOCKS];
	struct knock others; /* those of whom none is known by his key */
};

/* Somebody connected with the key of this pin (zeros: with one that was not told). Does whoever it is go on, for REGISTRY_KNOCK_MS by now
 * and with no pause of REGISTRY_KNOCKS_OVER_MS? mono: now, never 0. */
bool knocks_go_on(struct knocks *k, const uint8_t pin[RXP_DIGEST_OCTETS], int64_t mono);

#endif
