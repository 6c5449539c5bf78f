/*
 * offices - offices with keys of their own, for the tests of compartments.
 *
 * A failure here aborts: it is a fault of the test, not of what is tested.
 */
#ifndef OFFICES_H
#define OFFICES_H

#include "protocol/base/random.h"
#include "protocol/document/compartment.h"
#include "protocol/envelope/agreement.h"

struct offices {
	struct rxp_agreement_key *health, *social, *health_next;
	struct rxp_office_keys keys; /* in this order */
};

void offices_make(struct offices *o);
void offices_clear(struct offices *o);

/* Unpredictable enough for a test, the same on every run. */
extern const struct rxp_random test_random;

#endif
