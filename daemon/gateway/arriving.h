/*
 * arriving - a file whose octets come on a stream: written where they belong, and the stream given time as long as
 * enough of them come.
 *
 * A part of its owner, which opens and closes the file. Process: gateway.
 */
#ifndef GATEWAY_ARRIVING_H
#define GATEWAY_ARRIVING_H

#include <stddef.h>
#include <stdint.h>

struct h2_stream;

struct arriving {
	int fd; /* the owner's; -1 before it is open */
	uint64_t held; /* octets of the file; the next one goes there */
	uint64_t next_held; /* octets that give the stream more time; 0 at first */
};

/* RXP_ERR_IO: some of the octets may be written, and are counted in `held`. */
int arriving_write(struct arriving *a, const uint8_t *octets, size_t len);

/* A place is for who uses it: GATEWAY_PUT_OCTETS more in each body_ms, or the stream is late. */
void arriving_extend(struct arriving *a, struct h2_stream *s, int64_t body_ms);

#endif
