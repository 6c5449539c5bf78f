/*
 * world - two test States in a folder of their own: one that the suite plays, and one whose descriptor is the product's.
 */
#ifndef CONFORM_TEST_WORLD_H
#define CONFORM_TEST_WORLD_H

#include <netinet/in.h>

#include "conformance/state/parties.h"
#include "conformance/wire/tls.h"

#define NOW_MS 1795428000000LL /* 2026-11-23T10:00:00.000Z */

struct world {
	char folder[64];
	struct state *own, *other;
	struct product *product;
	struct parties parties;
	struct product *back_product; /* and the way back: the other State speaks */
	struct parties back;
};

/* The set-up and the end of a group of tests, whose state is the world. */
int world_make(void **state);
int world_end(void **state);
/* What runs left in its folder. */
void world_forget(const struct world *w);

/* An address of this machine at which nobody listens. */
struct sockaddr_in world_address(char out[TLS_AUTHORITY]);

#endif
