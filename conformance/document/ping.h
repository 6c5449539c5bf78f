/*
 * ping - a sealed Document that holds a Ping, of a State for another.
 */
#ifndef CONFORM_PING_H
#define CONFORM_PING_H

#include <stdint.h>

struct rxp_buf;
struct rxp_header;
struct state;

/* Append it; *h receives its Header. Errors of rxp_document_seal(). */
int ping_seal(struct rxp_buf *out, struct rxp_header *h, const struct state *own,
    const struct state *other, int64_t now_ms);

#endif
