/*
 * keys - our own agreement keys and the working part that tells peers of them.
 *
 * A key is made when there is none and then weekly (RXP-DSC-009), is offered for two weeks, and is
 * destroyed 30 days after that (RXP-DSC-008). Each change is one step: a sealer makes or seals, the
 * registry commits, then the others are told. A crash between two steps leaves the next one to do.
 * The working part is sealed anew also when the identity part of the node is another; until then there is no descriptor: the
 * former one is neither served nor told.
 */
#ifndef REGISTRY_KEYS_H
#define REGISTRY_KEYS_H

#include <stdint.h>

#include "daemon/base/record.h"

struct keys;
struct node;
struct rxp_buf;

struct keys_calls {
	void (*changed)(
	    void *arg); /* the sealers need a new register, before anybody hears of the keys */
	void (*described)(void *arg); /* our descriptor is another */
	void *arg;
};

/* Load them. Errors as in db.h. */
int keys_new(struct keys **out, struct node *n, const struct keys_calls *calls);
void keys_free(struct keys *k); /* NULL is allowed */

/* Look at the clock and do the next step that is due, once the links are there. */
void keys_tick(struct keys *k);

/* The database was put back at that time: a key that was made later is lost, and peers may know of it and of a working part
 * that names it. So one is made anew, unless the newest is newer than that. */
void keys_anew(struct keys *k, int64_t since_ms);

/* How many of our two parts, that of our identity and the working part, are dated so far ahead that no peer takes them (RXP-DSC-038): the
 * clock was wrong when they were sealed, or is now. */
unsigned keys_ahead(const struct keys *k, int64_t now_ms);

/* Append records own_key for the register of the sealers. The buffer's errors. */
int keys_put(const struct keys *k, struct rxp_buf *out);

/* Our descriptor and our present working part, borrowed until the next round of the loop; empty
 * before the first is sealed. root: the fingerprint that people compare. */
struct bytes keys_descriptor(const struct keys *k, uint8_t root[32]);
struct bytes keys_working(const struct keys *k);

/* Until when the newest key is offered; 0 if there is none. */
int64_t keys_until_ms(const struct keys *k);

#endif
