/*
 * store_evidence - what proves the documents of a case or one message (RXP-EVI-001). Errors as in db.h,
 * and what is named.
 */
#ifndef REGISTRY_STORE_EVIDENCE_H
#define REGISTRY_STORE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct rxp_buf;

/* Of which documents; each is of the peer or for it. */
struct store_evidence {
	const char *own, *peer;
	const uint8_t *case_id; /* or NULL: */
	const uint8_t *local_id;
};

struct store_evidence_bounds {
	uint32_t after; /* rows of the pages before */
	uint32_t rows; /* of this page, at most */
	size_t enough; /* octets after which it ends */
};

/* Append records evidence_former of the former descriptors of both (RXP-EVI-028), evidence_row of what has a final answer, in the order in which it was answered, and behind them records
 * evidence_page: the first of the kept pages of both logs that show these answers, RXP_EVIDENCE_PAGES_MAX at most. What a hand made of
 * a column is given as zeros or as nothing, if it is not what can be there at all.
 * *n: how many; *more: there are others behind. RXP_ERR_DAMAGED, the buffer's errors. */
int store_evidence_page(struct db *db, struct rxp_buf *rows, uint32_t *n, bool *more,
    const struct store_evidence *of, const struct store_evidence_bounds *bounds);

#endif
