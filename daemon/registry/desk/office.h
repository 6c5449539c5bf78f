/*
 * office - between which offices a type of document is sent, from office.def.
 */
#ifndef REGISTRY_OFFICE_H
#define REGISTRY_OFFICE_H

#include "protocol/document.h"

struct office_pair {
	const char *from, *to; /* fixed strings */
};

/* RXP_ERR_UNSUPPORTED: this node sends no such type. */
int office_of(struct office_pair *out, enum rxp_type type);

#endif
