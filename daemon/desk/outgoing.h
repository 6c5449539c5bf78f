/*
 * outgoing - a file that the registry opened, given to the caller as it is.
 */
#ifndef DESK_OUTGOING_H
#define DESK_OUTGOING_H

#include <stdint.h>

struct http_request;

/* Answer with so many octets of the file, from its start; the descriptor stays the caller's. With a problem if too many
 * files are on their way. */
void outgoing_reply(struct http_request *r, int fd, uint64_t length);

#endif
