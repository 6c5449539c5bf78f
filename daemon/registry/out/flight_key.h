/*
 * flight_key - no agreement key of the peer is in force, so the message waits (RXP-ENV-014, RXP-DSC-022).
 * A peer that gives none when it is asked was tried in vain: nobody stops time by not renewing keys (RXP-CLK-049).
 */
#ifndef REGISTRY_FLIGHT_KEY_H
#define REGISTRY_FLIGHT_KEY_H

#include "daemon/registry/out/flight.h"

/* There is one now. */
typedef void flight_keyed(struct flight *f);

/* Have the peer asked for its descriptor. Returns 0: later go_on is called, or the flight has ended, without
 * a strike. RXP_ERR_FULL, RXP_ERR_NOMEM: nothing was done. */
int flight_key_ask(struct flight *f, flight_keyed *go_on);

/* End the flight: to be tried again after so many ms. The operator is told, once for each peer. */
void flight_key_lacks(struct flight *f, int64_t delay_ms);

#endif
