/*
 * store_unproved - what of ours a peer gave back after a loss, and whether it is proved (RXP-RCV-014, 018).
 *
 * What comes under a seal in force is held like what never was lost, but that its row here says which seal it bore. If that
 * seal is revoked later, since a time before it came, it is unproved from then on: whoever had the key can have made it.
 * What comes under a seal that is revoked already is unproved at once; an answer of that kind is no answer: nothing that
 * asks for answers finds it, and no log has it. A document of ours is in the outbox, and goes again in the octets in which
 * it came; only its row here says that its case waits.
 *
 *   comes back          a row here                                    of what is unproved nothing is given or sealed
 *   one under a good    it is put as an answer (store_inbox.h), its   as if the other had never come
 *   seal comes          row here names that seal, in one transaction
 *   its seal is         its row says so; an answer stays in the log   it is not given any more
 *   revoked             in which it is
 *   a person lets it    each is an answer and an entry of a log, and  it is given, and taken for what it says
 *   stand               no row is left, in one transaction
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
struct rxp_buf;

/* That it came, and is held. */
struct store_back_row {
	const char *peer;
	bool own; /* a document of ours; else our answer to one of the peer */
	const uint8_t *message_id, *fingerprint;
	const uint8_t *seal; /* SHA-256 of the key of the seal that it bore */
	int64_t back_ms;
	bool unproved;
};

/* It takes the place of what said that it came before: it is proved, or not, by the seal that it bore last. */
int store_back_put(struct db *db, const struct store_back_row *b);

/* That seal of ours is revoked since then: what bore it and came since is unproved. *n: that was not before. */
int store_back_revoked(
    struct db *db, const uint8_t seal[RXP_DIGEST_OCTETS], int64_t since_ms, uint64_t *n);

/* Is it unproved? *out false too if it never came back. */
int store_back_unproved(struct db *db, bool *out, const struct store_back_row *b);

/* RXP_ERR_EXISTS: one to the same document, or the same envelope, is here. */
int store_unproved_answer(struct db *db, const struct store_final *f, int64_t back_ms);

/* 0: one that says the same is here. RXP_ERR_MISMATCH: another one to the same document is. RXP_ERR_NOT_FOUND. */
int store_unproved_says(struct db *db, const struct store_final *f);

/* A proved one takes its place. Nothing, if there is none. */
int store_unproved_give_way(struct db *db, const struct store_final *f);

/* Does an answer to that message wait for a person, and this document of it has none that stands? Or does something in
 * that case? began_ms: since when something is lost. RXP_ERR_NOT_FOUND. */
int store_unproved_to(struct db *db, int64_t *began_ms, const char *peer,
    const uint8_t message_id[RXP_ID_OCTETS], const uint8_t fingerprint[RXP_DIGEST_OCTETS]);
int store_unproved_in_case(
    struct db *db, int64_t *began_ms, const char *peer, const uint8_t case_id[RXP_ID_OCTETS]);

/* Is there one, and does a Receipt name the log of which it would be an entry when it stands? That entry could pass for one that was
 * made when it was given (RXP-EVI-033). */
int store_unproved_may_seem(struct db *db, bool *out, const char *peer);
/* All of the peer stands. *log: its end afterwards; *grown: there are entries. An answer to an envelope that this node has
 * answered otherwise meanwhile goes: that was made up. */
int store_unproved_stand(struct db *db, const char *peer, struct store_log *log, bool *grown);

/* Append a record unproved_row for each, documents first, up to `limit` of them. */
int store_unproved_rows(struct db *db, struct rxp_buf *rows, const char *peer, uint32_t limit);

#endif
