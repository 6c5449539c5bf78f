#include "protocol/evidence/container.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define FIRST_ROOM 64

void rxp_container_init(struct rxp_container *c)
{
	*c = (struct rxp_container){0};
}

void rxp_container_clear(struct rxp_container *c)
{
	for (size_t i = 0; i < c->n; i++)
		rxp_buf_free(&c->entries[i].octets);
	free(c->entries);
	rxp_container_init(c);
}

/* The place of the name, or where it belongs. */
static size_t place_of(const struct rxp_container *c, const char *name, bool *there)
{
	size_t low = 0, high = c->n;

	*there = false;
	while (low < high && !*there) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, c->entries[middle].name);

		*there = order == 0;
		if (order > 0)
			low = middle + 1;
		else
			high = middle;
	}
	return high;
}

static int make_room(struct rxp_container *c)
{
	size_t room = c->room == 0 ? FIRST_ROOM : 2 * c->room;
	struct rxp_entry *entries;

	if (c->n < c->room)
		return 0;
	entries = realloc(c->entries, room * sizeof *entries);
	if (entries == NULL)
		return RXP_ERR_NOMEM;
	c->entries = entries;
	c->room = room;
	return 0;
}

/* Takes over the octets of the entry, unless it fails. */
static int insert(struct rxp_container *c, const struct rxp_entry *entry)
{
	bool there;
	size_t at = place_of(c, entry->name, &there);
	int rc;

	if (there)
		return RXP_ERR_EXISTS;
	if ((rc = make_room(c)) != 0)
		return rc;
	memmove(c->entries + at + 1, c->entries + at, (c->n - at) * sizeof *entry);
	c->entries[at] = *entry;
	c->n++;
	c->octets += entry->octets.len;
	return 0;
}

static int named(struct rxp_entry *out, const struct rxp_container *c, const char *name)
{
	*out = (struct rxp_entry){.by_digest = false};
	if (strlen(name) >= sizeof out->name || c->n == RXP_MAX_CONTAINER_ENTRIES)
		return RXP_ERR_BOUND;
	memcpy(out->name, name, strlen(name));
	return 0;
}

int rxp_container_add(struct rxp_container *c, const char *name, const void *octets, size_t len)
{
	struct rxp_entry entry;
	int rc = named(&entry, c, name);

	if (rc != 0 || len > RXP_MAX_CONTAINER_OCTETS - c->octets)
		return RXP_ERR_BOUND;
	rxp_buf_init(&entry.octets, len);
	rc = rxp_buf_put(&entry.octets, octets, len);
	if (rc == 0)
		rc = insert(c, &entry);
	if (rc != 0)
		rxp_buf_free(&entry.octets);
	return rc;
}

int rxp_container_add_digest(
    struct rxp_container *c, const char *name, const uint8_t digest[RXP_DIGEST_OCTETS])
{
	struct rxp_entry entry;
	int rc = named(&entry, c, name);

	if (rc != 0)
		return rc;
	rxp_buf_init(&entry.octets, 0);
	entry.by_digest = true;
	memcpy(entry.digest, digest, sizeof entry.digest);
	return insert(c, &entry);
}

int rxp_entry_digest(uint8_t out[RXP_DIGEST_OCTETS], const struct rxp_entry *entry)
{
	if (entry->by_digest)
		memcpy(out, entry->digest, RXP_DIGEST_OCTETS);
	else if (EVP_Digest(entry->octets.data, entry->octets.len, out, NULL, EVP_sha256(), NULL) !=
		 1)
		return RXP_ERR_CRYPTO;
	return 0;
}

const struct rxp_entry *rxp_container_find(const struct rxp_container *c, const char *name)
{
	bool there;
	size_t at = place_of(c, name, &there);

	return there ? &c->entries[at] : NULL;
}
