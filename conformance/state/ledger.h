/*
 * ledger - what the test State answered finally to the product: its log (RXP-LOG-001 to 003) with the octets of the answers.
 *
 * It is kept in a file of the State's folder over the end of the suite, so that no product sees a log that went back. A State that
 * lost something ends it and begins another one (RXP-LOG-020); what it had answered before the loss still stands.
 */
#ifndef CONFORM_LEDGER_H
#define CONFORM_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/buf.h"
#include "protocol/log/logchain.h"

struct rxp_cert;
struct rxp_signer;

struct ledger_entry {
	struct rxp_log_entry entry;
	struct rxp_buf answer;
};

struct ledger {
	char own[RXP_PARTY_TEXT], peer[RXP_PARTY_TEXT];
	char path[4096];
	uint8_t log_id[RXP_ID_OCTETS];
	size_t n, room;
	struct ledger_entry *entries;
	size_t first; /* of those of the present log; before it are those of logs that ended */
	uint8_t head[RXP_DIGEST_OCTETS]; /* of the present log */
	size_t n_lost;
	struct ledger_entry *lost; /* what was not brought back yet */
};

/* The log of own for peer, from the folder, or a new one there. On success the caller owns *out. RXP_ERR_DAMAGED: the file
 * is none of this; RXP_ERR_IO, RXP_ERR_NOMEM. */
int ledger_open(struct ledger **out, const char *dir, const char *own, const char *peer);
void ledger_free(struct ledger *l); /* NULL is allowed */

/* LogCount: the entries of the present log. */
uint64_t ledger_count(const struct ledger *l);
/* NULL: that message was not answered finally, or its answer is lost. */
const struct ledger_entry *ledger_find(const struct ledger *l, const uint8_t id[RXP_ID_OCTETS]);
/* Add an answer, and write it down. RXP_ERR_IO, RXP_ERR_NOMEM, RXP_ERR_CRYPTO. */
int ledger_add(
    struct ledger *l, const struct rxp_log_entry *entry, const uint8_t *answer, size_t len);
/* Seal the answer to that message, which stands under `former`, anew: it says the same (RXP-DSC-035). RXP_ERR_NOT_FOUND;
 * RXP_ERR_SIGNER: it stands under another seal; those of above. */
int ledger_reseal(struct ledger *l, const uint8_t id[RXP_ID_OCTETS], const struct rxp_cert *former,
    int64_t now_ms, const struct rxp_signer *signer);
/* The head of the first n entries of the present log. RXP_ERR_CRYPTO. */
int ledger_head(const struct ledger *l, size_t n, uint8_t head[RXP_DIGEST_OCTETS]);

/* Lose all entries of the present log but the first n; another one begins. RXP_ERR_IO, RXP_ERR_NOMEM, RXP_ERR_CRYPTO. */
int ledger_lose(struct ledger *l, size_t n);
/* Is this an answer that stands, or was lost? What was lost is an entry of the present log then. */
enum ledger_back { LEDGER_NONE, LEDGER_HAD, LEDGER_LOST };
/* Errors as of ledger_add(). */
int ledger_bring(struct ledger *l, const uint8_t *answer, size_t len, enum ledger_back *out);
/* The entry of a lost answer of these octets; NULL: there is none. */
const struct ledger_entry *ledger_lost(const struct ledger *l, const uint8_t *answer, size_t len);

/* Append the page of the log behind entry `after`, sealed now (RXP-LOG-005 to 007). */
int ledger_page(struct rxp_buf *out, const struct ledger *l, uint64_t after, int64_t now_ms,
    const struct rxp_signer *signer);

#endif
