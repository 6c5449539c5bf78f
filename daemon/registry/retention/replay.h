/*
 * replay - erasures that were carried out after these data were copied, carried out again (RXP-RET-018): at the start before anything
 * is served, and of a document that has no final answer yet when it has one. Until then nobody is shown what it says.
 */
#ifndef REGISTRY_REPLAY_H
#define REGISTRY_REPLAY_H

#include <stdint.h>

#include "daemon/registry/retention/erase.h"
#include "daemon/base/erasure.h"

struct db;
struct node;

/* One that is owed. In a transaction: carry it out, as far as it can be; *e is what goes after the COMMIT, by
 * erase_end(), for `peer`, which is empty if nothing does. Errors of erase_document(). */
int replay_one(
    struct erased *e, char peer[4], struct db *db, const struct erasure *of, int64_t now_ms);

#endif
