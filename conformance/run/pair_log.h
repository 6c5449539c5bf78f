/*
 * pair_log - what the receiver's log says of one message of the sender (section 8), read as the sender may read it.
 */
#ifndef CONFORM_PAIR_LOG_H
#define CONFORM_PAIR_LOG_H

#include "conformance/run/pair.h"
#include "protocol/log/logchain.h"

struct pair_log {
	unsigned entries; /* of the message */
	struct rxp_log_entry last; /* of those */
	bool broken; /* a page is none, or its heads do not come out */
	uint64_t count; /* of the whole log */
};

/* Read the whole log. 0, or why it cannot be read, in words. */
const char *pair_log_read(
    struct pair_log *out, struct pair *p, const uint8_t message_id[RXP_ID_OCTETS]);

#endif
