/*
 * uploads - the attachments that the product brings before the documents that name them (section 14): octets at the offset that
 * is held, and the whole under its digest. Nothing is opened.
 */
#ifndef CONFORM_UPLOADS_H
#define CONFORM_UPLOADS_H

#include <stdbool.h>
#include <stddef.h>

#include "conformance/wire/host.h"

struct uploads;

/* NULL: no memory. */
struct uploads *uploads_new(void);
void uploads_free(struct uploads *u); /* NULL is allowed */

/* Is the request about an attachment, by its path? */
bool uploads_are_asked(const struct host_request *r);
/* Answer such a request. What *out refers to lives until the next one. */
void uploads_answer(struct uploads *u, const struct host_request *r, struct host_reply *out);

#endif
