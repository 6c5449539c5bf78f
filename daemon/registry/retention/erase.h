/*
 * erase - the erasure of documents of a case, in one transaction, and what follows it (spec/storage.md,
 * "Erasure").
 */
#ifndef REGISTRY_ERASE_H
#define REGISTRY_ERASE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/registry/retention/plan.h"

struct db;
struct node;
struct peers;

/* What was erased in a transaction, to be ended after it. */
struct erased {
	size_t documents, n_files, n_moved;
	struct erased_file {
		char party[4]; /* "" for a file of our own */
		uint8_t digest[32];
	} * files;
	struct erased_move {
		enum state before, after;
	} * moved; /* of the inbox */
};

/* Inside the transaction: erase one document that is held, with its attachments, and journal it. why: a word for
 * the journal; user: who asked for it, NULL for the node itself. RXP_ERR_NOMEM; RXP_ERR_STATE: nothing is held. */
struct erase_order {
	const char *peer;
	const char *user, *why;
	int64_t now_ms;
	int64_t erased_ms; /* now, or when it was erased before the data went back */
};
int erase_document(struct erased *e, struct db *db, const struct plan_document *d,
    const struct erase_order *order);

/* Inside it too: the same of one attachment, or of all, as rxp_correction_file() says; the document stays. */
int erase_attachment(struct erased *e, struct db *db, const struct plan_document *d,
    uint32_t attachment, int64_t now_ms);

/* Both of what the list of erasures has already (replay.h). */
int erase_again(struct erased *e, struct db *db, const struct plan_document *d,
    const struct erase_order *order);
int erase_attachment_again(
    struct erased *e, struct db *db, const struct plan_document *d, uint32_t attachment);

/* After the COMMIT: the files go, and what the write-ahead log still has. */
void erase_end(struct erased *e, struct node *n, struct peers *peers, const char *peer);
void erase_clear(struct erased *e);

#endif
