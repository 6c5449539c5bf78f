/*
 * post - shows the logs that this node keeps to the peers from which it fetches, since they cannot ask for them
 * (RXP-PUL-010, RXP-PUL-011): once an hour the end of each log, and then the pages that the peer says it wants.
 */
#ifndef REGISTRY_WATCH_POST_H
#define REGISTRY_WATCH_POST_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct logpages;
struct node;
struct peers;
struct post;

/* All are borrowed. */
struct post_config {
	struct node *node;
	struct peers *peers;
	struct logpages *logpages;
	/* How long to leave a peer alone that failed so many times in a row, in ms. */
	int64_t (*backoff)(void *arg, unsigned times);
	void *backoff_arg;
};

int post_new(struct post **out, const struct post_config *config); /* RXP_ERR_NOMEM */
void post_free(struct post *p); /* NULL is allowed */

/* Look which logs are to be shown, and which pages waited. */
void post_tick(struct post *p);

/* The gateway's answer to a request `post`; false: it was not made here. */
bool post_posted(struct post *p, uint64_t request, const struct msg_posted *m);

#endif
