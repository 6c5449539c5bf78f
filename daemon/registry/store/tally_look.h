/*
 * tally_look - holds every table against what this node has written into it (tally.h): some rows at a time, each in its place, so
 * that whatever else there is to do goes on in between.
 *
 * A table that cannot be read to its end, because of what stands in the file or twice because of the disk, is a difference, and
 * keeps none of those behind it from being looked at.
 *
 * RXP_ERR_IO, RXP_ERR_NOMEM, RXP_ERR_CRYPTO.
 */
#ifndef REGISTRY_STORE_TALLY_LOOK_H
#define REGISTRY_STORE_TALLY_LOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/store/tally_sum.h"
#include "protocol/base/ident.h"

struct tally;

struct tally_difference {
	uint64_t table; /* its number (tally_name()); 0: the sums themselves */
	char party[RXP_PARTY_TEXT]; /* "": of rows that are of none */
	int64_t written,
	    found; /* rows; both the same if one was changed; of the sums how often; what cannot be read has written 0 */
	uint8_t names[TALLY_OCTETS]; /* this difference: another change makes another */
};

/* From the beginning. */
void tally_look_begin(struct tally *t);

/* Is it still among the tables without whose proof nothing leaves (tally_sends())? They come first. */
bool tally_look_sends(const struct tally *t);

typedef void tally_differs(void *arg, const struct tally_difference *d);
/* Some rows more, not within a transaction. tell is called for each difference of a table that ends with them. 1: there is more;
 * 0: that was all. RXP_ERR_IO: the disk failed, perhaps for this moment alone; what comes later begins the table anew, and if it fails
 * once more that is a difference too. */
int tally_look_on(struct tally *t, tally_differs *tell, void *arg);

#endif
