/*
 * history - a case as far as it was told: the documents of both sides, each of which has seen all before it.
 */
#ifndef CONFORM_HISTORY_H
#define CONFORM_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/message/draft.h"
#include "protocol/base/limits.h"

struct history_document {
	enum rxp_type type;
	bool own; /* of the State that is played */
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
};

struct history {
	struct rxp_header header; /* of the first document: whose case it is */
	size_t n;
	struct history_document documents[RXP_MAX_CASE_DOCUMENTS];
};

/* Note a document that was receipted. RXP_ERR_NOT_FOUND: of no known type; RXP_ERR_BOUND: it is the 513th. */
int history_add(struct history *h, const struct rxp_header *header, bool own,
    const uint8_t fingerprint[RXP_DIGEST_OCTETS]);

/* Let a draft concern the last document that it can (RXP-CAS-010), if there is none, the first. own: it is one of the State that
 * is played. A history of none leaves it as it is. Errors of saying_about(). */
int history_about(const struct history *h, struct draft *d, bool own);

/* Put a draft of the State that is played behind all of it: its place, what it has seen, what it concerns. Errors and a history
 * of none as above. */
int history_follow(const struct history *h, struct draft *d);

#endif
