/*
 * host - the suite as the one that is connected to: HTTP/2 over TLS 1.3, any number of exchanges, in one thread.
 *
 * It answers as it is told, rightly or not: its owner is asked how to greet each connection, and what to reply to each
 * request. Nothing happens but inside host_turn(). Bounds: connections and streams (host.c), a body of HOST_MAX_BODY, and of HOST_MAX_UPLOAD
 * with PUT.
 */
#ifndef CONFORM_HOST_H
#define CONFORM_HOST_H

#include "conformance/wire/guest.h"
#include "protocol/base/buf.h"

#define HOST_MAX_BODY (512UL * 1024) /* twice what any message may have; more is reset */
#define HOST_MAX_UPLOAD (64UL * 1024 * 1024) /* the same of an attachment */
#define HOST_PATH 512
#define HOST_TYPE 64

/* Where it came: numbers that are given once. */
struct host_place {
	unsigned line; /* from 1; 0: nowhere */
	int32_t stream;
};

/* What came on a stream. */
struct host_request {
	const struct guest_facts *line;
	struct host_place place;
	int64_t began_ms; /* when its head came, by the monotonic clock */
	char method[16], path[HOST_PATH], type[HOST_TYPE]; /* cut; "": none */
	char range[HOST_TYPE], wanted[HOST_TYPE]; /* its Content-Range, and its Range; the same */
	bool encoded; /* it names a content encoding */
	bool trailers;
	struct rxp_buf body;
};

enum host_fault {
	HOST_WELL, /* the whole reply is given */
	HOST_RESET, /* the stream is reset … */
	HOST_CLOSE, /* … or the connection closed, politely, … */
	HOST_CUT, /* … silently, … */
	HOST_ABORT, /* … rudely */
	HOST_AWAY, /* GOAWAY says that nothing was processed, and the connection is closed */
	HOST_BREAK, /* a frame that HTTP/2 calls an error of the connection; the whole reply comes behind it */
	HOST_LAST, /* GOAWAY says that this was the last stream; the reply is given, and the connection closed */
};

#define HOST_NO_HEAD (-1L)
#define HOST_WHOLE (-2L)

/* The type, the values of the fields and the body are copied: the reply leaves later. Names of fields are constants. */
struct host_reply {
	bool later; /* none now: host_answer() gives it */
	int status;
	const char *type; /* NULL: none; shorter than HOST_TYPE, as is each value of a field */
	struct wire_field fields[WIRE_MAX_FIELDS]; /* more; up to the first without a name */
	const uint8_t *body;
	size_t body_len;
	size_t piece; /* octets in one frame of the body; 0: as many as fit */
	enum host_fault fault;
	long
	    at; /* of a fault: after so many octets of the body, HOST_NO_HEAD or HOST_WHOLE but for the end of the stream */
	unsigned code; /* of HOST_RESET: the error code of HTTP/2 */
	const uint8_t *frame; /* of HOST_BREAK: constant octets, … */
	size_t frame_len; /* … so many */
	int delay_ms;
};

struct host_calls {
	/* Somebody connected. */
	void (*greet)(void *arg, struct greeting *out);
	/* A request is here: at its head, if this says so, in which case its body is not waited for; else whole. */
	bool (*at_head)(void *arg, const struct host_request *r);
	void (*request)(void *arg, const struct host_request *r, struct host_reply *out);
	/* A connection is over; facts: what it had shown. */
	void (*over)(void *arg, const struct guest_facts *facts, enum wire_end why);
	void *arg;
};

struct host;

/* Listen at "address:port" (an IPv6 address in brackets). WIRE_NONE: the caller owns *out. */
enum wire_end host_open(struct host **out, const char *at, const struct host_calls *calls);
void host_free(struct host *h); /* NULL is allowed */

/* Do what can be done until something was, at most until deadline_ms of the monotonic clock. */
void host_turn(struct host *h, int64_t deadline_ms);
/* Readable when host_turn() has something to do, but for replies that are delayed. */
int host_fd(const struct host *h);

/* The reply to a request for which there was to be one later. false: its stream is gone. */
bool host_answer(struct host *h, struct host_place at, const struct host_reply *reply);
/* Is its stream there, so that it can still be answered? */
bool host_awaits(const struct host *h, struct host_place at);
/* Has the reply to it left, whole or up to its fault, or is its stream gone? */
bool host_is_answered(const struct host *h, struct host_place at);

/* How many connections stand on which the rules of HTTP/2 were broken. */
unsigned host_broken(const struct host *h);
/* Close those as host_hang_up() does. */
void host_end_broken(struct host *h);
/* Close all connections politely, so that the next request comes on a new one; a reply that is due is given first. */
void host_hang_up(struct host *h);

#endif
