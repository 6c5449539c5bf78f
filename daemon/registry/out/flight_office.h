/*
 * flight_office - a message was closed for a key that the peer's office has no more (RXP-CMP-012).
 */
#ifndef REGISTRY_FLIGHT_OFFICE_H
#define REGISTRY_FLIGHT_OFFICE_H

#include "daemon/registry/out/flight.h"

/* The message was refused: if for such a key, have the peer asked for its descriptor, so that the next one is
 * not. */
void flight_office_refused(struct flight *f);

#endif
