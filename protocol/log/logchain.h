/*
 * logchain - the hash chain of a node's log for one peer (RXP-LOG-001, RXP-LOG-002).
 */
#ifndef RXP_LOGCHAIN_H
#define RXP_LOGCHAIN_H

#include <stdint.h>

#include "protocol/base/ident.h"

enum rxp_outcome { RXP_OUTCOME_RECEIPT = 1, RXP_OUTCOME_REFUSAL = 2 };

struct rxp_log_entry {
	uint8_t message_id[RXP_ID_OCTETS];
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	int64_t received_ms;
	enum rxp_outcome outcome;
};

/* "receipt" or "refusal", as on the wire; NULL for a number that is neither. */
const char *rxp_outcome_word(enum rxp_outcome outcome);

/* head(0). RXP_ERR_CRYPTO. */
int rxp_logchain_start(uint8_t head[RXP_DIGEST_OCTETS], const char *owner, const char *peer,
    const uint8_t log_id[RXP_ID_OCTETS]);

/* head(n) from head(n - 1), in place. RXP_ERR_CRYPTO. */
int rxp_logchain_extend(
    uint8_t head[RXP_DIGEST_OCTETS], uint64_t n, const struct rxp_log_entry *entry);

#endif
