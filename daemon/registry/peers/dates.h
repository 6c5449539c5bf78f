/*
 * dates - until when the certificates and keys of a State last, our own or a peer, and whether it is time to say so.
 *
 * Dates of certificates play no part between peers (RXP-DSC-041), so nothing stops at one; but a key is to be replaced
 * in time, and readers outside go by them. Each mark of ending.def is said once in each life of this process.
 */
#ifndef REGISTRY_DATES_H
#define REGISTRY_DATES_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ending.h"

struct dates {
	int64_t until_ms[ENDING_COUNT]; /* 0: not known, or there is none */
	unsigned told[ENDING_COUNT]; /* how many of the marks */
};

/* Look at the clock. own: they are those of the node itself, party. Returns how many things it said something of. */
unsigned dates_tick(struct dates *d, const char *party, bool own, int64_t now_ms);

/* Has the first mark passed? */
bool dates_near(const struct dates *d, enum ending e, int64_t now_ms);

#endif
