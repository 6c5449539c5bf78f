/*
 * store_correction - items of corrections that were carried out on what is held (RXP-COR-014, RXP-COR-015).
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_CORRECTION_H
#define REGISTRY_STORE_CORRECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/case/correction.h"

struct db;
struct rxp_buf;

struct store_correction {
	uint8_t correction[16], document[16]; /* local ids */
	uint32_t item; /* from 1 */
	enum rxp_asked done;
	uint32_t attachment; /* as rxp_correction_file() */
	bool own; /* we asked for it */
	int64_t at_ms;
	struct bytes box; /* empty for All; borrowed */
};

/* A second time in the place of the first: what a legal hold made of it may be made good. */
int store_correction_put(struct db *db, const struct store_correction *c);

/* What of a correction was carried out, by number - 1; at_ms 0: it was not. */
struct store_carried_out {
	enum rxp_asked done;
	int64_t at_ms;
};
int store_correction_items(struct db *db, struct store_carried_out out[RXP_MAX_CORRECTION_ITEMS],
    const uint8_t correction[16]);

/* How many items were carried out on the document. */
int store_correction_count(struct db *db, uint64_t *n, const uint8_t document[16]);

/* Append records correction_part of what is laid on the document when it is shown, in the order in which it was carried
 * out; blocked: also what is blocked. parted: something is left out then. parties: own and the peer. The buffer's errors. */
struct store_correction_of {
	const uint8_t *document;
	const char *own, *peer;
	bool blocked;
};
int store_correction_parts(
    struct db *db, struct rxp_buf *parts, bool *parted, const struct store_correction_of *of);

/* Is any element of the document blocked by one? */
int store_correction_blocks(struct db *db, bool *out, const uint8_t document[16]);

/* Is that attachment of the document not given out? RXP_ERR_NOT_FOUND: it is. *erased: to nobody, and not only not to
 * those who do not decide on disputes. */
int store_correction_file(
    struct db *db, bool *erased, const uint8_t document[16], uint32_t attachment);

/* Destroy what is kept of the content of a document that is erased: the values that it gave others, and all that corrects it.
 * What it took out of another document stays out. */
int store_correction_forget(struct db *db, const uint8_t local_id[16]);

/* Append the facts of a message of either box. RXP_ERR_NOT_FOUND; the buffer's errors. */
int store_correction_facts(struct db *db, struct rxp_buf *facts, const uint8_t local_id[16]);

#endif
