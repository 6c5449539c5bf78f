/*
 * flight_rekey - the peer does not hold (any more) the key that our envelope names (RXP-ENV-015).
 *
 * What its Refusal brought is taken as its newer working part, if it is one; then a sealer wraps the content
 * key for the key that is offered now, and the new envelope is committed in the place of the old one.
 */
#ifndef REGISTRY_FLIGHT_REKEY_H
#define REGISTRY_FLIGHT_REKEY_H

#include "daemon/registry/out/flight.h"

/* The new envelope is committed, and the message is to be sent again. */
typedef void flight_rekeyed(struct flight *f);

/*
 * working: of the verified Refusal. Later go_on is called, or the flight has ended: with a strike if the
 * peer offers no other key.
 */
void flight_rekey(struct flight *f, struct bytes working, flight_rekeyed *go_on);

#endif
