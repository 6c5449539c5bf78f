/*
 * flight_close - a message that waits is sealed, and encrypted for the peer (state `waiting` → `closed`).
 *
 * MessageId, Created and Expires are given here and count from the commit on, in which also the Envelope, its evidence and its
 * content key are stored: gone before it, the message still waits and gets others; gone after it, these very octets go.
 */
#ifndef REGISTRY_FLIGHT_CLOSE_H
#define REGISTRY_FLIGHT_CLOSE_H

#include "daemon/registry/out/flight.h"

/* It is closed, or a key of the peer may be there now: the next step. */
typedef void flight_closed(struct flight *f);

/* Later go_on is called, or the flight has ended. RXP_ERR_FULL: no sealer has room; else errors of work_submit and as in db.h. */
int flight_close(struct flight *f, flight_closed *go_on);

/* Nothing is left of what it would give (RXP-HIS-009): it ends, and waits for a person. */
void flight_close_gone(struct flight *f);

#endif
