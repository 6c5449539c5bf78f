/*
 * object - sealed objects beside Documents, and drafts of terms, with one change each (object.def).
 */
#ifndef CONFORM_OBJECT_H
#define CONFORM_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/cases/facts.h"
#include "conformance/message/edit.h"

struct rxp_buf;
struct state;

enum object_base {
#define OBJECT_BASE(name, words, make) OBJECT_##name,
#include "conformance/document/object_base.def"
#undef OBJECT_BASE
	OBJECT_BASE_COUNT
};

const char *object_words(enum object_base base);

#define OBJECT_MAX_EDITS 3

struct object {
	struct case_facts facts;
	enum object_base base;
	struct edit edits[OBJECT_MAX_EDITS]; /* up to the first without find */
	bool raw; /* the seal stays as it was */
};

size_t object_total(void);
const struct object *object_at(size_t i);

/* Append its octets, of a State and for another, made at that time. RXP_ERR_NOT_FOUND: an edit finds no place, which is a fault
 * of its row. Otherwise errors of librxp. */
int object_make(struct rxp_buf *out, const struct object *o, const struct state *own,
    const struct state *other, int64_t now_ms);

#endif
