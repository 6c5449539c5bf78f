/*
 * call - a request to another process that is waited for, over a socket of its own.
 *
 * For a process that works on one thing at a time and can do nothing else meanwhile: a sealer whose key another process
 * holds. The other end is a link (link.h). A late answer to a call that was given up is passed over.
 */
#ifndef BASE_CALL_H
#define BASE_CALL_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct packet_in;

struct call {
	int fd; /* owned; -1: there is no other end now */
	uint64_t number; /* of the last request */
};

/* Take over fd, with the end that was there before closed; -1 for none. */
void call_use(struct call *c, int fd);

/* Send a request and wait at most ms for the answer of that type, which out gets; its BYTES live in *in until
 * packet_done(in). RXP_ERR_CLOSED: the other end has gone, now or before; RXP_ERR_TIMEOUT; RXP_ERR_PEER: not what the
 * table allows, after which the other end counts as gone; RXP_ERR_NOMEM, RXP_ERR_IO. */
int call_make(struct call *c, struct packet_in *in, enum ipc_type type, const void *body,
    enum ipc_type answer, void *out, int64_t ms);

#endif
