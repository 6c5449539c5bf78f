/*
 * target - the product that is tried, and how long a step may take.
 */
#ifndef CONFORM_TARGET_H
#define CONFORM_TARGET_H

#include <stdbool.h>
#include <stddef.h>

#include "conformance/state/parties.h"

struct desk;
struct pair;
struct sender;
struct state;
struct wire_aside;

/* All borrowed. */
struct target {
	const struct parties *parties;
	struct state *own; /* that of parties, whose keys a case may roll over; NULL: none may */
	const char *dir; /* its folder */
	const struct parties *second; /* another State, and the product; NULL: there is none */
	const char *endpoint; /* the product's; NULL: it has none */
	int wait_ms;
	bool stress; /* flood it wherever it is, not on this machine alone */
	bool slow; /* try also what takes minutes */
	bool anew; /* it may be another since the case before: what came then says nothing of it */
	struct sender *sender; /* of the plan `initiate`; NULL in any other */
	struct pair *pair; /* of the plan `proxy`; NULL in any other */
	struct desk *desk; /* has the product send documents of a case; NULL: nothing does */
	struct desk *second_desk; /* the same to the other State */
	const struct wire_aside *aside; /* served while the suite waits; NULL: nothing */
};

/* Does the product open no port, and fetch from the suite, which listens? */
static inline bool target_pulls(const struct target *t)
{
	return t->endpoint == NULL && t->sender != NULL;
}

#endif
