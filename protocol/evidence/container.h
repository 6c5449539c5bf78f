/*
 * container - the entries of a container of evidence in memory (RXP-EVI-012): names and octets, in the
 * octet order of the names, each name once. Of the ZIP around them it knows nothing.
 */
#ifndef RXP_CONTAINER_H
#define RXP_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/base/ident.h"

#define RXP_ENTRY_TEXT 128 /* a name and its NUL */

struct rxp_entry {
	char name[RXP_ENTRY_TEXT];
	struct rxp_buf octets;
	bool by_digest; /* its octets are elsewhere: digest is their SHA-256 */
	uint8_t digest[RXP_DIGEST_OCTETS];
};

struct rxp_container {
	size_t n, room;
	size_t octets; /* of all entries */
	struct rxp_entry *entries; /* owned */
};

void rxp_container_init(struct rxp_container *c);
void rxp_container_clear(struct rxp_container *c);

/* Add an entry with a copy of the octets. RXP_ERR_EXISTS (the name is there); RXP_ERR_BOUND (a longer name,
 * RXP_MAX_CONTAINER_ENTRIES, RXP_MAX_CONTAINER_OCTETS); RXP_ERR_NOMEM. */
int rxp_container_add(struct rxp_container *c, const char *name, const void *octets, size_t len);

/* The same of an entry that is signed without its octets. */
int rxp_container_add_digest(
    struct rxp_container *c, const char *name, const uint8_t digest[RXP_DIGEST_OCTETS]);

/* SHA-256 of an entry's octets. RXP_ERR_CRYPTO. */
int rxp_entry_digest(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_entry *entry);

/* NULL: there is none. Lives until the next entry is added. */
const struct rxp_entry *rxp_container_find(const struct rxp_container *c, const char *name);

#endif
