/*
 * pages - the questions of peers for pages of the log that this node keeps for them (RXP-HTTP-008, RXP-LOG-004).
 *
 * The registry makes the page. A party asks for one at a time, GATEWAY_PAGES_PER_PARTY; any other is answered 503.
 */
#ifndef GATEWAY_PAGES_H
#define GATEWAY_PAGES_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct conns;
struct h2_stream;
struct inbound;
struct pages;

struct pages_config {
	const struct conns *conns;
	/* Ask the registry: 0 and the number of the request, or a code of the link. */
	int (*log_get)(void *arg, const struct msg_log_get *m, uint64_t *request);
	void *arg;
};

int pages_new(struct pages **out, const struct pages_config *config); /* RXP_ERR_NOMEM */
/* After all connections. NULL is allowed. */
void pages_free(struct pages *p);

/* Is this the path of a page, and behind which entry? */
bool pages_after(uint64_t *after, const char *path);

/* 0: the stream is answered here, later; else the status with which to refuse it. */
unsigned pages_ask(struct pages *p, struct inbound *in, struct h2_stream *stream, uint64_t after);

/* The registry's answer. */
void pages_got(struct pages *p, uint64_t request, const struct msg_log_got *m);

#endif
