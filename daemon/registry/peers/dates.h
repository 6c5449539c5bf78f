/*
 * dates - until when the certificates of our own keys last, and whether it is time to say so.
 *
 * Dates of certificates play no part between peers (RXP-TLS-002), so nothing stops at one; but a key is to be replaced
 * in time, and readers outside go by them. 60, 30 and 7 days before the end, and at it, it is said once in each life of
 * this process.
 */
#ifndef REGISTRY_DATES_H
#define REGISTRY_DATES_H

#include <stdint.h>

enum dates_key { DATES_SEAL, DATES_TLS, DATES_KEYS };

struct dates {
	int64_t until_ms[DATES_KEYS]; /* 0: not known */
	unsigned told[DATES_KEYS]; /* how many of the marks */
};

const char *dates_word(enum dates_key key);

/* Look at the clock. Returns how many certificates it said something of. */
unsigned dates_tick(struct dates *d, int64_t now_ms);

#endif
