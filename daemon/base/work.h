/*
 * work - the queue of requests to the sealers, seen from one of their clients.
 *
 * All sealers hold the same end of one socket pair, so a free one takes the next request. It says
 * `taken` with its number before it parses. A request that nobody took within a second is sent
 * again, and the first answer counts; one that only waits behind others that are being taken is not
 * lost, and is left there (else an overload would feed itself). When a sealer dies, what it had taken is tried once more on
 * another; if that one dies too the request is given up with RXP_ERR_DAMAGED, and the caller
 * quarantines it: a hostile document costs itself and not the service.
 */
#ifndef BASE_WORK_H
#define BASE_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct work;
struct loop;
struct link_message;

#define WORK_TAKEN_MS 1000 /* within which a request is taken, or is sent again */
#define WORK_DEATHS_MAX 2 /* sealers that one request may cost */

/* Ends one request: result 0 and the sealer's answer, or RXP_ERR_DAMAGED and NULL. May submit more,
 * but not free the work. */
typedef void work_done(void *arg, int result, const struct link_message *answer);
typedef void work_lost(void *arg, int why);

/* self: IPC_REGISTRY or IPC_DESK. Takes over fd, unless it fails. lost is called when the link
 * closes; it may free the work. RXP_ERR_NOMEM, RXP_ERR_IO. */
int work_new(
    struct work **out, struct loop *loop, int fd, enum ipc_role self, work_lost *lost, void *arg);
void work_free(struct work *w); /* calls no done function; NULL is allowed */

/* Hand over a request. fds stay the caller's (the work keeps duplicates for a second try).
 * RXP_ERR_FULL when the window of the type is full, RXP_ERR_NOMEM, RXP_ERR_BOUND, RXP_ERR_IO,
 * RXP_ERR_CLOSED. */
int work_submit(struct work *w, enum ipc_type type, const void *body, const int *fds, size_t n_fds,
    work_done *done, void *arg);
bool work_has_room(const struct work *w, enum ipc_type type);

/* The parent says that the sealer of this number died. */
void work_sealer_died(struct work *w, uint32_t number);

#endif
