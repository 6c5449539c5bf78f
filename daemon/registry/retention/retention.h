/*
 * retention - erases what was kept long enough, by itself (RXP-RET-004, RXP-RET-005): looks at each case when
 * it changed, when one of its documents becomes due, and once a day. Keys of idempotency, and the digests of what was
 * sent under them, go after their time, of whatever document (RXP-RET-011).
 */
#ifndef REGISTRY_RETENTION_H
#define REGISTRY_RETENTION_H

#include "daemon/registry/node.h"

struct peers;
struct retention;
struct terms;

struct retention_config {
	struct node *node; /* borrowed, as the rest */
	struct peers *peers;
	const struct terms *terms;
};

/* Truncates the write-ahead log, so that what a crash left there of an erasure is gone. RXP_ERR_NOMEM,
 * RXP_ERR_IO. */
int retention_new(struct retention **out, const struct retention_config *config);
void retention_free(struct retention *r); /* NULL is allowed */

/* The wall clock may have moved: is there something to be looked at? One case is in work at a time; the next
 * follows a moment after its commit, so that whatever else there is to do goes on. */
void retention_tick(struct retention *r);

#endif
