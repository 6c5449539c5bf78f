/*
 * h2_shared - octets that many streams send: one copy of them for all, freed with its last user. Process: gateway, one thread.
 *
 * Each user has one use of it, and gives that back once. How long they are, and how many users there are, is bounded by whoever makes
 * them (limits.h).
 */
#ifndef GATEWAY_H2_SHARED_H
#define GATEWAY_H2_SHARED_H

#include <stddef.h>
#include <stdint.h>

struct h2_shared {
	size_t uses, len;
	uint8_t octets[];
};

struct h2_shared *h2_shared_new(const uint8_t *octets, size_t len); /* copied; NULL: no memory */
struct h2_shared *h2_shared_use(struct h2_shared *shared); /* one user more */
void h2_shared_free(struct h2_shared *shared); /* one user less; NULL is allowed */

#endif
