/*
 * perform - a script, done on one connection: its steps, then the wait for what it wants.
 */
#ifndef CONFORM_PERFORM_H
#define CONFORM_PERFORM_H

#include "conformance/script/script.h"

enum sight_kind {
	SIGHT_NOTHING, /* in the time there was */
	SIGHT_ANSWER, /* the whole response of a stream */
	SIGHT_RESET, /* RST_STREAM, with a code */
	SIGHT_GOAWAY, /* GOAWAY, with a code, and the end of the connection */
	SIGHT_GOAWAY_ALONE, /* the connection stayed open */
	SIGHT_END, /* the end of the connection without GOAWAY */
	SIGHT_BROKEN, /* octets that are not HTTP/2 */
	SIGHT_UNREACHABLE, /* no connection came to be, for no reason of TLS */
	SIGHT_TOO_MANY, /* streams without bound: it cannot be tried */
};

struct sight {
	enum sight_kind kind;
	uint32_t code;
	uint32_t stream; /* of ANSWER and RESET */
	bool over; /* the connection: it ended, or takes no more */
	const struct step *stuck; /* the AWAIT that was not fulfilled; NULL: all were */
	uint32_t max_streams,
	    max_fields; /* what its SETTINGS allow; UINT32_MAX: they say nothing */
};

/* What the steps are done with. All borrowed. */
struct performance {
	struct frames *frames; /* of frames_new() */
	const struct wire_target
	    *target; /* manner and credential are already those of the script */
	const uint8_t *body;
	size_t body_len;
	int64_t patience_ms; /* for each step, and for what is wanted */
};

/* WIRE_NONE, or WIRE_LOCAL: the suite itself failed. */
enum wire_end perform(struct sight *out, const struct script *s, const struct performance *p);

#endif
