/*
 * uploads - the attachments that the product brings before the documents that name them (section 14): octets at the offset that
 * is held, and the whole under its digest. Nothing is opened here.
 */
#ifndef CONFORM_UPLOADS_H
#define CONFORM_UPLOADS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/wire/host.h"

struct uploads;

/* NULL: no memory. */
struct uploads *uploads_new(void);
void uploads_free(struct uploads *u); /* NULL is allowed */

/* Is the request about an attachment, by its path? */
bool uploads_are_asked(const struct host_request *r);
/* Answer such a request. What *out refers to lives until the next one. */
void uploads_answer(struct uploads *u, const struct host_request *r, struct host_reply *out);

/* From now on each PUT gets 503, or none does. */
void uploads_refuse(struct uploads *u, bool refuse);
/* How many PUTs came. */
unsigned uploads_tried(const struct uploads *u);
/* The octets of one that is all there, and since when by the monotonic clock. NULL: it is not. */
const struct rxp_buf *uploads_whole(
    const struct uploads *u, const uint8_t digest[32], int64_t *since_ms);

#endif
