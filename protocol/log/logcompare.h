/*
 * logcompare - hold the log that a peer keeps for its reader against what the reader knows (RXP-LOG-008 to 010).
 *
 * Pure: no XML, no database. The reader asks page after page, looks up what it knows of each entry, and is told
 * of each difference; log_difference.def lists them. Comparing tells, and decides nothing.
 */
#ifndef RXP_LOGCOMPARE_H
#define RXP_LOGCOMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/ident.h"
#include "protocol/log/logchain.h"
#include "protocol/log/logpage.h"

enum rxp_log_difference {
#define LOG_DIFFERENCE(name, word, kept, lost, meaning, side, action) RXP_LOG_##name,
#include "protocol/log/log_difference.def"
#undef LOG_DIFFERENCE
	RXP_LOG_DIFFERENCE_COUNT
};

enum rxp_log_kept { RXP_LOG_KEPT_PEER, RXP_LOG_KEPT_OWN };

/* What explains a difference (RXP-LOG-026). */
enum rxp_log_lost {
	RXP_LOG_LOST_NO,
	RXP_LOG_LOST_LOG,
	RXP_LOG_LOST_ENTRY,
	RXP_LOG_LOST_END,
	RXP_LOG_LOST_ANSWER
};

struct rxp_log_difference_row {
	const char *word;
	enum rxp_log_kept kept;
	enum rxp_log_lost lost;
	const char *meaning, *side, *action;
};

const struct rxp_log_difference_row *rxp_log_difference_row(enum rxp_log_difference what);
int rxp_log_difference_parse(
    enum rxp_log_difference *out, const char *word); /* RXP_ERR_NOT_FOUND */

/* The log ended behind entry `count`: from which n on does that explain what was told? false: from none (RXP-LOG-026). */
bool rxp_log_difference_ended(uint64_t *from, enum rxp_log_difference what, uint64_t count);

/* A prefix of a log. */
struct rxp_log_point {
	uint8_t log_id[RXP_ID_OCTETS];
	uint64_t n;
	uint8_t head[RXP_DIGEST_OCTETS];
};

/* What the reader knows of the message that one entry names. */
struct rxp_log_known {
	bool sent; /* it sent a message of that id, of the fingerprint in own */
	bool answered; /* and has a final answer, with the time and outcome in own */
	uint64_t
	    named; /* entries in the prefix that the Receipt names (RXP-ANS-007); 0 without one */
	struct rxp_log_entry own;
	uint64_t before_n; /* number that an earlier page gave it; 0: none did */
	bool before_sent; /* the reader knew the message as sent then */
	bool met; /* it was met in this pass over the log already, on an earlier page */
	struct rxp_log_entry before; /* as that page had it */
};

/* The prefix that a Receipt in the reader's hands names. */
struct rxp_log_claim {
	uint8_t message_id[RXP_ID_OCTETS]; /* of the message receipted */
	struct rxp_log_point at;
};

struct rxp_log_held {
	const struct rxp_log_known *known; /* of each entry of the page */
	const struct rxp_log_claim
	    *claims; /* in order of n, from where the page begins to where it ends */
	size_t n_claims;
	const struct rxp_log_claim *furthest; /* of all receipts of this log; NULL: none */
	uint64_t before_n; /* entries that earlier pages showed */
};

/* n: of the entry, 0 for the log as a whole. message_id: zeros if none is concerned. */
typedef void rxp_log_tell(
    void *arg, enum rxp_log_difference what, uint64_t n, const uint8_t message_id[RXP_ID_OCTETS]);

/*
 * Compare one page that the reader asked for with after = at->n, and go on to its end, in place.
 * RXP_ERR_MISMATCH: the log is another or too short, which was told, and nothing else of it can be compared.
 * RXP_ERR_PEER: not the page that was asked for; nothing was told. RXP_ERR_CRYPTO.
 */
int rxp_log_compare(struct rxp_log_point *at, const struct rxp_log_page *page,
    const struct rxp_log_held *held, rxp_log_tell *tell, void *arg);

#endif
