/*
 * replay - erasures that were carried out after these data were copied, carried out again (RXP-RET-018): at the start before anything
 * is served, and of a document that has no final answer yet when it has one. Until then nobody is shown what it says. A document that
 * comes back from its peer is known by the name that the list has of it, and erased in the step that stores it (RXP-RET-020).
 */
#ifndef REGISTRY_REPLAY_H
#define REGISTRY_REPLAY_H

#include <stdint.h>

#include "daemon/registry/retention/erase.h"
#include "daemon/base/erasure.h"

struct db;
struct node;

/* One that is owed. In a transaction: carry it out, as far as it can be; *e is what goes after the COMMIT, by
 * erase_end(), for `peer`, which is empty if nothing does. If its document is not here it waits for it. Errors of erase_document(). */
int replay_one(
    struct erased *e, char peer[4], struct db *db, const struct erasure *of, int64_t now_ms);

/* A document that was just stored: all that waits for it, likewise. RXP_ERR_MISMATCH: something does, and whether this node wrote that
 * is not proved (RXP-LOG-032): the document is not to be stored yet. */
int replay_back(struct erased *e, struct db *db, const struct node *n,
    const struct erasure_document *d, const uint8_t local_id[16], int64_t now_ms);

/* Behind a local id, the first document here for which something waits: these data had it under another local id than the list
 * says. It takes one query for each document that is held. RXP_ERR_NOT_FOUND. */
int replay_find(struct db *db, struct erasure_document *out, uint8_t local_id[16]);

#endif
