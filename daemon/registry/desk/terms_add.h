/*
 * terms_add - the desk adds a sealed profile or calendar.
 *
 * A sealer verifies the seal, which must be our State's or an active peer's, and reads it; whether it may
 * join what is held is decided here (shelf.h); then the commit, and only then the answer.
 */
#ifndef REGISTRY_TERMS_ADD_H
#define REGISTRY_TERMS_ADD_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct publish;
struct terms;

/* What it works on; all borrowed. It stays where it is. */
struct terms_add {
	struct node *node;
	const struct publish *publish;
	struct terms *terms;
};

/* Answers `terms_added`: RXP_ERR_EXISTS if this very one is held, with its name; errors of rxp_terms_read() and
 * shelf_judge_profile() with what is wrong. */
void terms_add_take(const struct terms_add *by, uint64_t request, const struct msg_terms_add *m);

#endif
