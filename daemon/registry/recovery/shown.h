/*
 * shown - what pages of a peer's log, brought in a bundle, show of the answers that it gets back: whether it has them
 * (RXP-BND-010). Nothing is compared (RXP-LOG-022).
 *
 * The entries stand in memory until all is brought: after a start a later bundle shows them again, from the first on. Of a log, in
 * which its owner writes what it likes, only those of messages that were sent to it are kept, and no more than there are of these.
 */
#ifndef REGISTRY_RECOVERY_SHOWN_H
#define REGISTRY_RECOVERY_SHOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "protocol/base/ident.h"
#include "protocol/log/logpage.h"

struct db;
struct node;
struct publish;
struct store_bringing;

/* The log of one peer, as far as pages of it followed each other. */
struct shown {
	struct rxp_log_entry
	    *entries; /* owned; NULL: none was shown; by MessageId when they are sorted */
	size_t n, max;
	uint64_t up_to; /* entries of it that were shown */
	uint8_t log_id[RXP_ID_OCTETS];
	bool sorted;
	bool whole; /* they are all that it has */
	bool looked, later; /* kept by shown_of(): is one of them of a message that went first … */
	int64_t since_ms; /* … since then */
};

/* Take the entries of a page, in the place of others if it is the first of a log; one that follows nothing is passed over.
 * RXP_ERR_NOMEM, errors as in db.h. */
int shown_add(struct shown *s, struct db *db, const char *peer, const struct rxp_log_page *page);
void shown_clear(struct shown *s);

/* May a page say what the peer has of what is under way? Not if it was made before that began, or is of the log that ended. */
bool shown_counts(const struct store_bringing *b, const struct rxp_log_page *page);

enum shown_word {
	SHOWN_NOTHING, /* no word of it */
	SHOWN_HAS, /* the log has the answer that this node holds */
	SHOWN_OTHER, /* it has another */
	SHOWN_MISSING, /* it has what came later, and not this one: a courier may have lost it, or the peer had no room for it */
};

/* What is shown of the answer to our message of that id: since_ms is when all began to be put into each bundle, 0 if what goes on a
 * line may tell more. */
enum shown_word shown_of(struct shown *s, struct db *db, const char *peer,
    const uint8_t message_id[RXP_ID_OCTETS], int64_t since_ms);

/* Have a sealer look at a page that is said to be of the peer's log. page: NULL without one that is good, and result says why:
 * RXP_ERR_MISMATCH, if it is none; else: not now. */
typedef void shown_checked(void *arg, int result, const struct rxp_log_page *page);
int shown_check(struct node *n, const struct publish *publish, const char *party,
    struct bytes octets, shown_checked *done, void *arg);

#endif
