/*
 * staging - attachments that peers send us (RXP-ATT-011, RXP-ATT-012).
 *
 * The registry says what is held of a file and opens it; its octets are written as they come, and
 * the registry hears once of the end of each PUT that it opened, however the connection ended, so
 * that the peer can go on from there. At most GATEWAY_PUTS of them, GATEWAY_PUTS_PER_PARTY of a
 * party (the last GATEWAY_PUTS_LAST are for parties that have fewer than GATEWAY_PUTS_SURE, so that many with files at a time do
 * not keep out one more), one of a file, and GATEWAY_ASKS_PER_PARTY questions of a party that wait for the registry: any
 * other is answered 503. A PUT that brings less than GATEWAY_PUT_OCTETS in its time is ended.
 */
#ifndef GATEWAY_STAGING_H
#define GATEWAY_STAGING_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct conns;
struct h2_stream;
struct inbound;
struct staging;

struct staging_config {
	const struct conns *conns;
	/* Ask the registry: 0 and the number of the request, or a code of the link. */
	int (*stage)(void *arg, const struct msg_stage *m, uint64_t *request);
	int (*stage_end)(void *arg, const struct msg_stage_end *m, uint64_t *request);
	void *arg;
};

/* No file of this process may become longer than the largest ciphertext, whatever it is made to do; unless
 * its log is a file, which would end there too. For good. RXP_ERR_IO. */
int staging_bound_files(int log_fd);

int staging_new(struct staging **out, const struct staging_config *config); /* RXP_ERR_NOMEM */
/* After all connections. NULL is allowed. */
void staging_free(struct staging *st);

/* A field section of HEAD or PUT for the file of that digest. 0: the stream is answered here, later;
 * else the status with which to refuse it. */
unsigned staging_ask(
    struct staging *st, struct inbound *in, struct h2_stream *stream, const uint8_t digest[32]);
unsigned staging_put(
    struct staging *st, struct inbound *in, struct h2_stream *stream, const uint8_t digest[32]);

/* The registry's answers. fd stays the caller's. */
void staging_staged(struct staging *st, uint64_t request, const struct msg_staged *m);
void staging_opened(struct staging *st, uint64_t request, const struct msg_stage_opened *m, int fd);
void staging_ended(struct staging *st, uint64_t request, const struct msg_stage_ended *m);

#endif
