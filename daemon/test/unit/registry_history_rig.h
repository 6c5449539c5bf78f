/*
 * registry_history_rig - what tests of histories that we ask for share: our own documents as a peer gives them back, and what
 * a sealer finds in them. On top of registry_case_rig.
 */
#ifndef UNIT_REGISTRY_HISTORY_RIG_H
#define UNIT_REGISTRY_HISTORY_RIG_H

#include "daemon/test/unit/registry_case_rig.h"

extern const uint8_t other_case[16];

/* What a sealer finds in the documents that come back; it finds none of ours in any other. */
struct history_back {
	struct fake_envelope of[8];
	unsigned n;
	unsigned seconds; /* how many came in two pieces */
	int64_t revoked_ms; /* since when their seal is revoked; 0: it is not */
	uint8_t seal[RXP_DIGEST_OCTETS]; /* its key */
};
extern struct history_back history_back;

/* Plays the sealer: a world's `other`. */
void history_restore(struct world *w, struct link *l, const struct link_message *m);

/* What the peer gives as the copy of that number: a piece of a document; NULL: the last one. */
struct fake_envelope piece_of(uint8_t id, const uint8_t request_id[16], uint64_t number,
    const struct fake_envelope *document, uint32_t piece, uint32_t pieces);
struct fake_envelope copy_of(uint8_t id, const uint8_t request_id[16], uint64_t number,
    const struct fake_envelope *document);
/* One that gives nothing and is not the last. */
struct fake_envelope none_of(uint8_t id, const uint8_t request_id[16], uint64_t number);

/* Ours of a case that is unknown here: an application and what follows it. */
void lose(void);
/* The stored receipt of the document, which names the envelope of then. */
struct fake_answer first_receipt(
    const struct world_delivery *d, const struct fake_envelope *document, int64_t received_ms);

#endif
