/*
 * chain - the descriptors of a State of the package, part after part, in the making: each part begins as the one before and is
 * changed by who asked for it.
 */
#ifndef CONFORM_CHAIN_H
#define CONFORM_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/peering/descriptor.h"

struct keypair;
struct state;

#define CHAIN_MAX_PARTS 4
#define CHAIN_STEP_MS 3600000LL /* each part is made so long after the one before */

struct chain {
	const struct state *own; /* borrowed */
	int64_t now_ms; /* when its first part was made */
	struct rxp_descriptor *first; /* whose identity and working part each next one begins as */
	struct rxp_buf parts[CHAIN_MAX_PARTS], working;
	size_t n, from; /* from: the first part that is written */
	int rc; /* the first error; all that follows does nothing */
};

/* As the State's descriptor has it: one part. Its errors are in rc; the caller clears it also then. */
void chain_begin(struct chain *c, const struct state *own, int64_t now_ms);
void chain_clear(struct chain *c);

/* The next identity part as it is to be, which chain_add() seals under that root. Not after an error of chain_begin(). */
struct rxp_identity *chain_next(struct chain *c);
void chain_add(struct chain *c, const struct keypair *root);
/* Let the next one list this seal in the place of its first. */
void chain_replace_seal(struct chain *c, const struct keypair *seal);

/* The working part under the latest part as it is to be, which chain_seal_working() seals. */
struct rxp_working *chain_next_working(struct chain *c);
void chain_seal_working(struct chain *c, const struct keypair *seal);

/* Append the descriptor as it is by now. */
void chain_write(struct rxp_buf *out, struct chain *c);

#endif
