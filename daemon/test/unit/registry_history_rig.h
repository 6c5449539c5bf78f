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

/* A request of ours for all or one case is delivered as the n-th; its MessageId. */
void history_asks(struct world *w, unsigned n, const uint8_t *case_id, uint8_t message_id[16]);
/* It is taken. */
void history_comes(struct world *w, const struct fake_envelope *e);
/* What came of the first request that is listed; when so many copies were looked at. */
struct rec_history_row history_shown(struct world *w);
struct rec_history_row history_counted(struct world *w, uint64_t sum);
/* Until the peer has receipted that this node lost something, and is asked for all; the MessageId of the request. */
void history_hold(struct world *w, uint8_t message_id[16]);

#endif
