/*
 * vacant - a port at which the State that is played can be looked for in vain: nobody listens there, or who connects is hung up on
 * before the handshake. It is of all addresses of this machine, so that it is there by whichever the product knows the State, and as
 * long as it is open no other process has it.
 */
#ifndef CONFORM_VACANT_H
#define CONFORM_VACANT_H

#include "conformance/wire/wire.h"
#include "protocol/base/limits.h"

/* endpoint: that port at the host of the endpoint `beside`. listens: who connects waits for vacant_hang_up(). WIRE_NONE: the caller
 * closes *fd. WIRE_ADDRESS: no endpoint, or one that becomes too long. */
enum wire_end vacant_open(
    int *fd, char endpoint[RXP_MAX_ENDPOINT_LENGTH + 1], const char *beside, bool listens);

/* Hang up on whoever connected since, a bounded number at a time. How many; of one at which nobody listens: 0. */
unsigned vacant_hang_up(int fd);

#endif
