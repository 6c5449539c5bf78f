/*
 * wire - one connection to the product, as a client: TLS 1.3, HTTP/2, each step in bounded time. One exchange at a time, and beside it
 * at most one request that is held open (wire_hold()).
 *
 * It is meant to send what a product must refuse, so it judges nothing but the other side's pin.
 */
#ifndef CONFORM_WIRE_H
#define CONFORM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/wire/manner.h"
#include "protocol/base/buf.h"

enum wire_end {
#define WIRE_END(name, words, side, hint) WIRE_##name,
#include "conformance/wire/wire_end.def"
#undef WIRE_END
	WIRE_END_COUNT
};

const char *wire_end_words(enum wire_end end);
const char *wire_end_side(enum wire_end end);
const char *wire_end_hint(enum wire_end end);

struct keypair;
struct wire;

/* What else is served while a step waits: when the descriptor is readable, serve() is called. */
struct wire_aside {
	int fd;
	void (*serve)(void *arg);
	void *arg;
};

struct wire_target {
	const char *endpoint; /* https://host:port */
	const uint8_t (*pins)[32];
	size_t n_pins;
	const struct keypair *own; /* NULL: no certificate is shown */
	struct manner manner; /* all zero: as ever */
	int wait_ms; /* for the connection, and for each exchange */
	const struct wire_aside *aside; /* NULL: nothing. Borrowed until the connection is closed */
};

#define WIRE_MAX_FIELDS 4
#define WIRE_MAX_RESPONSE_OCTETS (1024UL * 1024)

struct wire_field {
	const char *name, *value;
};

struct wire_request {
	const char *method, *path;
	const char *content_type; /* NULL: none */
	struct wire_field fields[WIRE_MAX_FIELDS]; /* more; up to the first without a name */
	const uint8_t *body; /* NULL: the request has none */
	size_t body_len;
	size_t hold; /* of wire_hold(): so many octets of the body go, and the rest later */
};

struct wire_response {
	int status; /* 0: none came */
	char content_type[64]; /* "" if none; cut */
	char offset[24]; /* the field rxp-offset; the same */
	char range[64]; /* the field content-range; the same */
	bool
	    unprocessed; /* the other side said so, by REFUSED_STREAM or GOAWAY: nothing was done with the request */
	struct rxp_buf body;
};

/* Connect. WIRE_NONE: the caller owns *out. */
enum wire_end wire_open(struct wire **out, const struct wire_target *target);
void wire_close(struct wire *w);

/* Did the other side end it, or say that it takes no more on it, while nothing was asked? Who sends asks then on another one. */
bool wire_is_over(struct wire *w);

/* Send the request, wait for the whole response. response is empty before, of wire_response_init(); after any end it
 * holds what came until then, and the caller clears it. After another end than WIRE_NONE the connection is of no use. */
enum wire_end wire_exchange(
    struct wire *w, const struct wire_request *request, struct wire_response *response);

/* The two halves of an exchange: send as much of the request as the other side takes at once; wait for the whole response.
 * request and response stay until the second is over. */
enum wire_end wire_send(
    struct wire *w, const struct wire_request *request, struct wire_response *response);
enum wire_end wire_receive(struct wire *w);
/* Is the second over, or will it end by an error? It takes what is there and waits for nothing. */
bool wire_is_answered(struct wire *w);

/*
 * A request that stays open, beside which others are made: the beginning of its body is sent, and has come to the other side when
 * this returns. One at a time; request and response stay until wire_resume(), or the connection is closed.
 */
enum wire_end wire_hold(
    struct wire *w, const struct wire_request *request, struct wire_response *response);
/* Send the rest of it, unless it ended meanwhile, and wait for the whole response. */
enum wire_end wire_resume(struct wire *w);
/* Wait so long at most until it ends without its rest, by a response or without one. false: it is still open. */
bool wire_held_ends(struct wire *w, int64_t deadline_ms);

void wire_response_init(struct wire_response *r);
void wire_response_clear(struct wire_response *r);

#endif
