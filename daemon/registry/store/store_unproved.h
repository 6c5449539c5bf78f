/*
 * store_unproved - what came back under a seal of ours that is revoked, and that no person has let stand yet (RXP-RCV-014).
 *
 * An answer of that kind is no answer: nothing that asks for answers finds it, and no log has it. A document of ours is in
 * the outbox, and goes again in the octets in which it came; only its row here says that its case waits.
 *
 *   comes back          a row here                                    nothing of it is given or sealed
 *   one under a good    it is put as an answer (store_inbox.h), its   as if the other had never come
 *   seal comes          row here goes, in one transaction
 *   a person lets it    each becomes an answer and an entry of the    it is given, and taken for what it says
 *   stand               log of that moment, and no row is left, in
 *                       one transaction
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_UNPROVED_H
#define REGISTRY_STORE_UNPROVED_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/store/store_inbox.h"
#include "protocol/base/ident.h"

struct db;

int store_unproved_document(
    struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS]);

/* RXP_ERR_EXISTS: one to the same document, or the same envelope, is here. */
int store_unproved_answer(struct db *db, const struct store_final *f);

/* 0: one that says the same is here. RXP_ERR_MISMATCH: another one to the same document is. RXP_ERR_NOT_FOUND. */
int store_unproved_says(struct db *db, const struct store_final *f);

/* A proved one takes its place. Nothing, if there is none. */
int store_unproved_give_way(struct db *db, const struct store_final *f);

/* Does an answer to that message wait for a person, and this document of it has none that stands? Or does a document of ours in
 * that case? began_ms: since when something is lost. RXP_ERR_NOT_FOUND. */
int store_unproved_to(struct db *db, int64_t *began_ms, const char *peer,
    const uint8_t message_id[RXP_ID_OCTETS], const uint8_t fingerprint[RXP_DIGEST_OCTETS]);
int store_unproved_in_case(
    struct db *db, int64_t *began_ms, const char *peer, const uint8_t case_id[RXP_ID_OCTETS]);

/* All of the peer stands. *log: its end afterwards; *grown: there are entries. An answer to an envelope that this node has
 * answered otherwise meanwhile goes: that was made up. */
int store_unproved_stand(struct db *db, const char *peer, struct store_log *log, bool *grown);

#endif
