/*
 * relay - passes octets between two products, each of which takes it for the other. It stands below TLS, needs no key and reads
 * nothing; what it can do to a connection is in fault.def.
 *
 * One thread; nothing happens but inside relay_turn(). Bounds: connections (relay.c).
 */
#ifndef CONFORM_RELAY_H
#define CONFORM_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/wire/wire.h"

enum fault {
#define FAULT(name, words) FAULT_##name,
#include "conformance/proxy/fault.def"
#undef FAULT
	FAULT_COUNT
};

const char *fault_words(enum fault f);

/* The two ways: the connections that the sender makes, which faults are for, and those that the receiver makes. */
enum way { WAY_ON, WAY_BACK, WAY_COUNT };

/* Where the suite listens for each way, "address:port", and where the product behind it is, "https://host:port". */
struct way_ends {
	const char *at, *behind;
};

/* One try of the sender to have a message answered, or one connection that came to nothing before there was a message. */
struct relay_try {
	int64_t began_ms,
	    ended_ms; /* of the monotonic clock; ended_ms: of the last octet of its answer, or of the fault */
	bool struck; /* by the fault */
	bool passed; /* a whole answer has passed, or so it seems: nothing more came for a while */
	size_t asked, answered; /* octets */
};

#define RELAY_TRIES 32

struct relay;

/* Listen for both ways. WIRE_NONE: the caller owns *out. */
enum wire_end relay_open(struct relay **out, const struct way_ends ends[WAY_COUNT]);
void relay_free(struct relay *r); /* NULL is allowed */

/* Close all connections; what comes then is struck so many times. Former tries are forgotten. */
void relay_arm(struct relay *r, enum fault fault, unsigned times);
/* The same for FAULT_UPLOAD: on a connection on which so many octets have passed. */
void relay_arm_at(struct relay *r, size_t octets);
/* Octets that the sender has sent since then, on all connections. */
size_t relay_sent(const struct relay *r);
/* Pass what comes, until something came or the deadline of the monotonic clock. */
void relay_turn(struct relay *r, int64_t deadline_ms);

size_t relay_tries(const struct relay *r);
const struct relay_try *relay_try_at(const struct relay *r, size_t i);
/* Connections that each way has had since relay_arm(), and such as could not be passed on. */
unsigned relay_lines(const struct relay *r, enum way way);
enum wire_end relay_failed(const struct relay *r);

/* What the sender sent on the connection of the first message that passed, once more on a connection of the suite's own: how
 * many octets came back until it was closed or the deadline. */
enum wire_end relay_replay(struct relay *r, size_t *came, int64_t deadline_ms);
/* Is that more than a handshake? */
bool relay_is_answer(const struct relay *r, size_t came);

#endif
