/*
 * kinds - what each kind of vectors puts on the shelf (errors of the shelf and of librxp), and what this suite says of
 * those that are read back (kind.def).
 */
#ifndef CONFORM_KINDS_H
#define CONFORM_KINDS_H

#include <stdint.h>

#include "conformance/package/shelf.h"

struct reading;
struct vector_world;

struct making {
	struct shelf *shelf;
	const struct vector_world *world;
	int64_t now_ms;
};

/* What comes of a vector that is read back, as librxp says; NULL: it could not be judged; JSON's null: it is for a
 * connection, or for a person. The caller owns it. */
#define KIND(name, words, put, weigh) \
	int put(const struct making *m); \
	struct json_t *weigh(const struct reading *r);
#include "conformance/package/kind.def"
#undef KIND

/* Let all that is random follow from the id of what is made next, so that each vector is the same whatever others there are. */
void making_begin(const char *id);

#endif
