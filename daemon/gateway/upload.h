/*
 * upload - hands files of ciphertext to peers: HEAD, then PUT of what the peer does not hold, on
 * the same connection as messages (RXP-ATT-011, RXP-ATT-012).
 *
 * The file is read as the connection takes it and never lies in memory. Every upload has exactly
 * one outcome: the response that decided, or why none came; the registry judges both and asks
 * again, whereupon HEAD says from where to go on.
 */
#ifndef GATEWAY_UPLOAD_H
#define GATEWAY_UPLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct client;
struct conns;
struct uploads;

struct uploads_config {
	const struct conns *conns;
	struct client *client;
	void (*done)(void *arg, uint64_t request, const struct msg_uploaded *m);
	void *arg;
};

int uploads_new(struct uploads **out, const struct uploads_config *config); /* RXP_ERR_NOMEM */
/* After client_drain() and all connections. NULL is allowed. */
void uploads_free(struct uploads *set);

/* Begin; fd, a regular file of m->length octets, stays the caller's. done may be called inside. */
void uploads_begin(struct uploads *set, uint64_t request, const struct msg_upload *m, int fd);

/* Uploads without an outcome. */
bool uploads_busy(const struct uploads *set);

#endif
