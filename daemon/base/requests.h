/*
 * requests - the requests of one direction of a link that are not answered yet, within the windows of
 * ipc.def.
 */
#ifndef BASE_REQUESTS_H
#define BASE_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct packet;

/* A request that is not answered yet, of ours or of the other end. */
struct open_request {
	uint64_t number;
	enum ipc_type type;
	struct packet *packet; /* ours, on a shared link: kept for another try */
	bool answered; /* theirs: the answer waits in our queue */
};

struct requests {
	struct open_request *open;
	size_t n, cap; /* cap: the sum of the windows */
	unsigned by_type[IPC_TYPES];
};

/* For all types that `from` asks of `to`; *r is zeros. RXP_ERR_NOMEM. */
int requests_init(struct requests *r, enum ipc_role from, enum ipc_role to);
void requests_free(struct requests *r); /* packets are the caller's */

/* May one more of this type be open? */
bool requests_room(const struct requests *r, enum ipc_type type);

/* The caller has asked for room. The pointer, as that of requests_find(), lives until the next
 * requests_remove(). */
struct open_request *requests_add(struct requests *r, uint64_t number, enum ipc_type type);
struct open_request *requests_find(struct requests *r, uint64_t number); /* NULL: none */
void requests_remove(struct requests *r, struct open_request *request);

#endif
