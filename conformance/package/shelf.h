/*
 * shelf - the folder of the vectors package while it is filled, and its index in the making.
 */
#ifndef CONFORM_SHELF_H
#define CONFORM_SHELF_H

#include <stddef.h>
#include <stdint.h>

struct json_t;
struct rxp_buf;
struct shelf;

/* Make the folder. On success the caller owns *out. RXP_ERR_EXISTS (it is there), RXP_ERR_IO, RXP_ERR_NOMEM. */
int shelf_new(struct shelf **out, const char *dir);
void shelf_free(struct shelf *s); /* NULL is allowed */

/* A file below it; its folder is made. RXP_ERR_IO, RXP_ERR_BOUND. */
int shelf_file(struct shelf *s, const char *name, const struct rxp_buf *octets);
/* The same of a JSON value, which it takes over also on failure; NULL is RXP_ERR_NOMEM. */
int shelf_json(struct shelf *s, const char *name, struct json_t *value);

/* One vector of the index. Its three objects are taken over, also on failure; NULL is RXP_ERR_NOMEM. */
struct shelf_vector {
	const char *id, *kind, *requirement, *words;
	int64_t clock_ms; /* at which it is to be judged */
	struct json_t *files; /* what each is for → its name below the folder */
	struct json_t *given; /* what else is known to who judges it */
	struct json_t *expected; /* with `result` */
};
int shelf_add(struct shelf *s, const struct shelf_vector *v);

/* How many were added. */
size_t shelf_count(const struct shelf *s);
/* Write index.json: these facts, which are taken over, and all vectors. RXP_ERR_IO, RXP_ERR_NOMEM. */
int shelf_close(struct shelf *s, struct json_t *facts);

#endif
