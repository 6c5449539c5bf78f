/*
 * through - stands between two products above TLS: towards each it shows the TLS key of the other, so it reads and passes requests
 * and answers, and can bend them (bend.def). The documents stay closed to it.
 *
 * One thread; nothing happens but inside through_turn(). A message is known by its MessageId, which stands in its Envelope.
 */
#ifndef CONFORM_THROUGH_H
#define CONFORM_THROUGH_H

#include "conformance/proxy/relay.h"
#include "conformance/wire/host.h"
#include "protocol/base/buf.h"
#include "protocol/base/ident.h"

struct keypair;
struct product;

enum bend {
#define BEND(name, request, answer, fault, at, code, piece, delay, words) BEND_##name,
#include "conformance/proxy/bend.def"
#undef BEND
	BEND_COUNT
};

const char *bend_words(enum bend b);

/* The product behind a way, and its key for TLS. Borrowed. */
struct through_ends {
	struct way_ends ends;
	const struct product *product;
	const struct keypair *tls;
};

/* One try of the sender to have the message answered. */
struct through_try {
	int64_t came_ms,
	    done_ms; /* of the monotonic clock: whole; its answer, or what stood for one, was given */
	bool bent; /* otherwise it passed as it was */
	struct host_place place; /* where it came */
	struct rxp_buf asked; /* by the sender */
	int status
	    [2]; /* of the receiver, each time that it was asked; 0: it was not, or did not answer */
	struct rxp_buf answer[2];
};

#define THROUGH_TRIES 16

struct through;

/* Listen for both ways. WIRE_NONE: the caller owns *out. wait_ms: for each exchange with a product. */
enum wire_end through_open(
    struct through **out, const struct through_ends ends[WAY_COUNT], int wait_ms);
void through_free(struct through *t); /* NULL is allowed */

/* Close all connections; the next new message of the sender is bent so many times, and its tries are kept. */
void through_arm(struct through *t, enum bend bend, unsigned times);
/* The same of the next pages of the receiver's log that the sender asks for, whatever else comes. */
void through_arm_log(struct through *t, enum bend bend, unsigned times);
/* Pages that are still to be bent. */
unsigned through_log_left(const struct through *t);
/* Pass what comes, until something came or the deadline of the monotonic clock. */
void through_turn(struct through *t, int64_t deadline_ms);

/* Of the message that came since; none: it did not come yet. */
size_t through_tries(const struct through *t);
const struct through_try *through_try_at(const struct through *t, size_t i);
/* Has what was given in the last try left the suite? */
bool through_is_given(const struct through *t);
const uint8_t *through_message(const struct through *t); /* its MessageId; NULL: none came */
/* Messages of the sender that were answered since, beside that one. */
unsigned through_others(const struct through *t);
/* Who connected for the way and is not the product that its descriptor describes. */
unsigned through_strangers(const struct through *t, enum way way);
unsigned through_lines(const struct through *t, enum way way);
/* Why the last exchange with a product came to nothing since through_arm(); WIRE_NONE: none did. */
enum wire_end through_failed(const struct through *t);

/* Ask the receiver as the sender would, on a connection of its own: GET path, or POST the message. response: as wire_exchange(). */
enum wire_end through_ask(struct through *t, const char *path, struct wire_response *response);
enum wire_end through_post(
    struct through *t, const struct rxp_buf *message, struct wire_response *response);

#endif
