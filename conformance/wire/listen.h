/*
 * listen - a TCP socket that is listened at.
 */
#ifndef CONFORM_LISTEN_H
#define CONFORM_LISTEN_H

#include "conformance/wire/wire.h"

/* At "address:port" or "https://host:port"; not blocking. WIRE_NONE: the caller closes *fd. */
enum wire_end listen_at(int *fd, const char *at);

#endif
