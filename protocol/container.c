#include "protocol/container.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/err.h"
#include "protocol/limits.h"

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

int rxp_container_add(struct rxp_container *c, const char *name, const void *octets, size_t len)
{
	struct rxp_entry entry;
	bool there;
	size_t at;
	int rc;

	if (strlen(name) >= sizeof entry.name || c->n == RXP_MAX_CONTAINER_ENTRIES ||
	    len > RXP_MAX_CONTAINER_OCTETS - c->octets)
		return RXP_ERR_BOUND;
	at = place_of(c, name, &there);
	if (there)
		return RXP_ERR_EXISTS;
	if ((rc = make_room(c)) != 0)
		return rc;
	memset(entry.name, 0, sizeof entry.name);
	memcpy(entry.name, name, strlen(name));
	rxp_buf_init(&entry.octets, len);
	if ((rc = rxp_buf_put(&entry.octets, octets, len)) != 0) {
		rxp_buf_free(&entry.octets);
		return rc;
	}
	memmove(c->entries + at + 1, c->entries + at, (c->n - at) * sizeof entry);
	c->entries[at] = entry;
	c->n++;
	c->octets += len;
	return 0;
}

const struct rxp_entry *rxp_container_find(const struct rxp_container *c, const char *name)
{
	bool there;
	size_t at = place_of(c, name, &there);

	return there ? &c->entries[at] : NULL;
}
