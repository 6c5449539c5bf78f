/*
 * through_inside - what the files of through share: the whole of it, and what passes as it is (through_pass.c).
 */
#ifndef CONFORM_THROUGH_INSIDE_H
#define CONFORM_THROUGH_INSIDE_H

#include "conformance/proxy/through.h"
#include "conformance/wire/wire.h"

#define THROUGH_MESSAGES "/rxp/1/messages"
#define THROUGH_WAITING 32
#define THROUGH_POLLS 8
#define THROUGH_FORMERS 64

struct bend_row;

/* A request that was read and is not answered yet. */
struct waiting {
	enum way way;
	struct host_place place;
	char method[16], path[HOST_PATH], type[HOST_TYPE], range[HOST_TYPE];
	struct rxp_buf body;
};

/* A request for messages that the product behind it may keep (RXP-PUL-002), while others pass. */
struct poll {
	struct waiting *asked; /* owned; NULL: there is none */
	struct wire *wire;
	struct wire_request request;
	struct wire_response response;
	int64_t until_ms;
};

struct side {
	struct through *of;
	enum way way;
	struct through_ends ends;
	struct host *host;
	struct wire_aside aside; /* that host, while the suite waits for the other product */
	unsigned strangers, lines;
};

struct through {
	struct side sides[WAY_COUNT];
	int wait_ms;
	struct waiting *waiting[THROUGH_WAITING]; /* the first first; NULL behind the last */
	struct poll polls[THROUGH_POLLS];
	const struct bend_row *bend, *log_bend;
	unsigned left, log_left;
	bool has_id;
	uint8_t id[RXP_ID_OCTETS];
	uint8_t formers[THROUGH_FORMERS]
		       [RXP_ID_OCTETS]; /* of messages before it: one may still be sent */
	size_t n_formers; /* ever */
	struct through_try tries[THROUGH_TRIES];
	size_t n_tries;
	unsigned others; /* messages that were answered since, beside the one that is watched */
	struct rxp_buf former; /* an answer to an earlier message; empty: none yet */
	enum wire_end failed;
};

/* A connection to the product behind the way, as the other product; one exchange with it, on a connection of its own. */
enum wire_end through_connect(struct wire **out, const struct through *t, enum way way);
enum wire_end through_exchange(struct through *t, enum way way, const struct wire_request *request,
    struct wire_response *response);

/* Does the sender send a message? */
bool through_is_message(const struct waiting *w);
/* Ask the product behind it, and give what comes. */
void through_pass(struct through *t, const struct waiting *w);

/* A request that may be kept is asked, and answered later. true: the rest of it is through_polls()'s, and w with it. */
bool through_poll(struct through *t, struct waiting *w);
/* Give what came of those; end them all without an answer. */
void through_polls(struct through *t);
void through_polls_end(struct through *t);

void waiting_free(struct waiting *w);

#endif
