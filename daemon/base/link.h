/*
 * link - one end of a SOCK_SEQPACKET pair between two processes: typed messages of ipc.def.
 *
 * A packet is: type (u16), flags (u16), length (u32), request (u64), then the record's octets if
 * they fit IPC_INLINE_MAX; otherwise they stand in a memory file that is sealed against writing,
 * shrinking, growing and further seals, which the receiver checks before it maps it.
 *
 * Sending never blocks: what the socket does not take waits in the link's own queue, which holds
 * what the windows allow. A message that the table does not allow on this link and direction, a
 * malformed one, or an overrun window from the other side closes the link: the closed function is
 * called, and a process that loses a link ends (the parent starts a new set).
 *
 * A shared link is a work queue. All sealers hold its one end: each reads a single request, answers
 * it inside its handler and only then looks for the next; what stands open is known to the client's
 * end alone. The client's end keeps what it sent until the answer comes, for link_resend(), and
 * drops an answer to a request that is no longer open.
 */
#ifndef BASE_LINK_H
#define BASE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct link;
struct loop;

#define LINK_NOTICES_MAX 256 /* notices (window 0) that may wait for the socket */
#define LINK_LEFT_MAX 1024 /* packets that an end which went may have left; a socket holds fewer */
#define LINK_BATCH 16 /* packets read at a time, so that other watchers get their turn */

struct link_message {
	enum ipc_type type;
	uint64_t request; /* number of the request; an answer repeats it */
	const void *body; /* struct msg_<name>; its BYTES live until the handler returns */
	int fds[IPC_FDS_MAX]; /* closed when the handler returns: duplicate what is to stay */
	size_t n_fds;
};

typedef void link_handler(void *arg, struct link *l, const struct link_message *m);
typedef void link_closed(void *arg, struct link *l, int why); /* RXP_ERR_CLOSED, _PEER or _IO */

struct link_config {
	int fd; /* owned by the link from now on */
	enum ipc_role self, peer;
	bool shared; /* a work queue between one client and all sealers: see below and work.h */
	link_handler *handler;
	link_closed *closed;
	void *arg;
};

/* RXP_ERR_NOMEM, RXP_ERR_IO; the descriptor is still the caller's then. */
int link_new(struct link **out, struct loop *loop, const struct link_config *config);
/* Closes the descriptor; NULL is allowed, and so is a call from the link's own functions. */
void link_free(struct link *l);

/* Send a request or notice under a new number, given in *request unless that is NULL.
 * Descriptors are duplicated by the kernel and stay the caller's.
 * RXP_ERR_FULL: the window is full (ask link_has_room first), or LINK_NOTICES_MAX notices wait;
 * RXP_ERR_BOUND, RXP_ERR_NOMEM, RXP_ERR_IO; RXP_ERR_CLOSED once `closed` was called. A link that
 * is lost in this call says so by `closed`, from the loop. */
int link_request(struct link *l, enum ipc_type type, const void *body, const int *fds, size_t n_fds,
    uint64_t *request);

/* Answer the request of that number: once, with the type whose row names it; else it aborts. On a
 * shared link a sealer's notice (`taken`) about the request it holds is sent in the same way.
 * An answer always has room. RXP_ERR_BOUND, RXP_ERR_NOMEM, RXP_ERR_IO, RXP_ERR_CLOSED. */
int link_answer(struct link *l, enum ipc_type type, uint64_t request, const void *body,
    const int *fds, size_t n_fds);

/* The client's end of a shared link: send an open request once more; nothing if it still waits here.
 * Forgetting it gives its place in the window back. A number that is not open aborts. */
void link_resend(struct link *l, uint64_t request);
void link_forget(struct link *l, uint64_t request);

/* May one more request of this type be sent now? */
bool link_has_room(const struct link *l, enum ipc_type type);

/* Stop and go on reading from the other end; a full window towards a source is felt there. */
void link_pause(struct link *l, bool pause);

/* Send what waits, blocking at most ms; for a process that is about to end.
 * RXP_ERR_TIMEOUT, RXP_ERR_CLOSED, RXP_ERR_IO. */
int link_flush(struct link *l, int64_t ms);

#endif
