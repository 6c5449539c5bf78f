/*
 * flight_again - a message that the peer has lost is sent again: first its own answer is brought back to it, so that what
 * it then receives it receives under the receipt that it gave (RXP-RCV-008).
 */
#ifndef REGISTRY_FLIGHT_AGAIN_H
#define REGISTRY_FLIGHT_AGAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/out/flight.h"

/* Bring it; go_on is called when the peer has it, or does not take it; else the try ends. RXP_ERR_FULL, errors as in
 * db.h. */
int flight_again_bring(struct flight *f, void (*go_on)(struct flight *f));

/* Of an answer of the gateway to a request `post`: false if it is none of these. */
bool flight_again_posted(struct flights *all, uint64_t request, const struct msg_posted *m);

/* Does it wait because the peer and this node may not know the same (RXP-RCV-001, RXP-RCV-003)? Then the try ends. */
bool flight_again_held(struct flight *f);

#endif
