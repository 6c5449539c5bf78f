/*
 * download - fetches attachments of peers to this node: GET /rxp/1/attachments/{digest} with Range, on the same
 * connection as messages (RXP-ATT-013, RXP-ATT-030).
 *
 * The mirror image of staging.h: the registry says what is held and opens the file, by the same two requests as
 * for a peer that puts one, so that it has one way in for both. What came is written as it comes, and the registry
 * hears once of the end of each, so that the next one goes on from there. At most GATEWAY_DOWNLOADS; what brings
 * less than GATEWAY_PUT_OCTETS in its time is ended.
 */
#ifndef GATEWAY_DOWNLOAD_H
#define GATEWAY_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct client;
struct conns;
struct downloads;

struct downloads_config {
	const struct conns *conns;
	struct client *client;
	/* As of staging.h. */
	int (*stage)(void *arg, const struct msg_stage *m, uint64_t *request);
	int (*stage_end)(void *arg, const struct msg_stage_end *m, uint64_t *request);
	void (*done)(void *arg, uint64_t request, const struct msg_downloaded *m);
	void *arg;
};

int downloads_new(
    struct downloads **out, const struct downloads_config *config); /* RXP_ERR_NOMEM */
/* After client_drain() and all connections. NULL is allowed. */
void downloads_free(struct downloads *set);

/* Begin. done may be called inside. */
void downloads_begin(struct downloads *set, uint64_t request, const struct msg_download *m);

/* The registry's answers; nothing is done for those that are not to a request from here. fd stays the caller's. */
void downloads_staged(struct downloads *set, uint64_t request, const struct msg_staged *m);
void downloads_opened(
    struct downloads *set, uint64_t request, const struct msg_stage_opened *m, int fd);
void downloads_ended(struct downloads *set, uint64_t request, const struct msg_stage_ended *m);

/* Downloads without an outcome. */
bool downloads_busy(const struct downloads *set);

#endif
