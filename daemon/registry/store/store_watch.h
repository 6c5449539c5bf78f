/*
 * store_watch - how far the logs that peers keep for us were compared, what they said then, and the differences found.
 *
 * Functions that change something are called from a store_apply; the others at any time. Errors as in db.h, and what
 * is named.
 */
#ifndef REGISTRY_STORE_WATCH_H
#define REGISTRY_STORE_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/log/logcompare.h"

struct db;
struct rxp_buf;

/* --- how far ------------------------------------------------------------------------------------- */

struct store_watch {
	struct rxp_log_point agreed; /* up to there all agreed */
	uint64_t pass; /* how often the log was read */
	int64_t compared_ms; /* when last to its end; 0: never */
	int64_t whole_ms; /* the same, from the first entry on */
	int64_t
	    since_ms; /* what was answered before is in a log that went before; 0: all is in this */
	int64_t
	    made_ms; /* when the newest page was made that was compared, by the peer's clock, or the log read anew */
	uint64_t shown; /* the last entry that was ever read; not written by store_watch_put */
};

int store_watch_get(struct db *db, struct store_watch *out, const char *peer); /* _NOT_FOUND */
int store_watch_put(struct db *db, const struct store_watch *watch, const char *peer);

/* Forget what the log said (RXP-LOG-015): the next page says which it is, and answers until now are in one that went
 * before. */
int store_watch_restart(struct db *db, const char *peer, int64_t now_ms);
/* Is it known why its log is read from that time on: a notice of the peer, what was brought to it, a person who restarted it?
 * RXP_ERR_NOT_FOUND. */
int store_watch_began(struct db *db, const char *peer, int64_t since_ms);

/* --- what the log said --------------------------------------------------------------------------- */

/* What an earlier page said of the message, into known->before and the fields beside it; met: in this pass. */
int store_watched_get(struct db *db, struct rxp_log_known *known, const char *peer,
    const uint8_t message_id[RXP_ID_OCTETS], uint64_t pass);
/* An entry that was read, met in this pass; one that an earlier page showed, at its number or of its message, stays. */
int store_watched_add(struct db *db, const char *peer, uint64_t n,
    const struct rxp_log_entry *entry, bool sent, uint64_t pass);
/* The entry that stood there is met in this pass. */
int store_watched_meet(struct db *db, const char *peer, uint64_t n, uint64_t pass);

/* Entries behind `after` that were not met in this pass, at most `limit`. */
typedef int store_watched_fn(void *arg, uint64_t n, const uint8_t message_id[RXP_ID_OCTETS]);
int store_watched_left(struct db *db, const char *peer, uint64_t after, uint64_t pass, size_t limit,
    store_watched_fn *fn, void *arg);
/* The message of the entry that stood there; zeros if none did. */
int store_watched_at(
    struct db *db, uint8_t message_id[RXP_ID_OCTETS], const char *peer, uint64_t n);

/* Go on from a point of the log to its entry n, or as far as all entries were read, in place. RXP_ERR_CRYPTO. */
int store_watched_head(struct db *db, struct rxp_log_point *at, const char *peer, uint64_t n);

/* --- differences --------------------------------------------------------------------------------- */

struct store_difference {
	const char *peer;
	enum rxp_log_difference what;
	uint64_t n;
	const uint8_t *message_id; /* zeros: none */
	uint8_t log_id[RXP_ID_OCTETS], shown[RXP_ID_OCTETS]; /* expected, and shown; zeros: none */
	int64_t at_ms;
	struct bytes page; /* that shows it, or empty */
};

/* Found, or found again. *open: nobody has noted it. Of a peer REGISTRY_DIFFERENCES_MAX are kept, those that
 * are noted as far as there is room; RXP_ERR_FULL: so many wait for a person. */
int store_difference_put(struct db *db, const struct store_difference *d, bool *open);
/* How many nobody has noted. */
int store_difference_open(struct db *db, uint64_t *count, const char *peer);
/* Append a record difference_row for each. */
int store_difference_rows(struct db *db, struct rxp_buf *rows, const char *peer);
/* The same of what a hand did to rows of a party in one of our own tables, by its number. */
int store_difference_of_table(struct db *db, uint64_t *count, const char *peer, uint64_t table);
/* Is there one in a table without whose proof nothing leaves (tally_sends()); one in any, with whomever? */
int store_difference_sends(struct db *db, bool *is, const char *peer);
int store_difference_own(struct db *db, bool *is);
/* A person has put them right: noted, if there are any. */
int store_difference_mended(
    struct db *db, const char *peer, uint64_t table, const char *user, int64_t now_ms);
/* A person noted those of the entry, or of all with n NULL. RXP_ERR_NOT_FOUND: there was none to note. */
int store_difference_note(
    struct db *db, const char *peer, const uint64_t *n, const char *user, int64_t now_ms);
/* What was told of entries of that log up to n that name a message which we do not know, and nobody has noted: it is none. */
int store_difference_lost(
    struct db *db, const char *peer, const uint8_t log_id[RXP_ID_OCTETS], uint64_t n);
/* That its log is another one, as found since then, is none: what it said of that may be among what was lost (RXP-LOG-030). */
int store_difference_unheard(struct db *db, const char *peer, int64_t since_ms);
/* The peer has said that it lost what was behind that entry of that log, or with n 0 that it lost all: what this explains is
 * none (RXP-LOG-026). */
int store_difference_explained(
    struct db *db, const char *peer, const uint8_t log_id[RXP_ID_OCTETS], uint64_t n);
/* The peer has taken that answer of its own again: that it lacked it is none. */
int store_difference_taken(
    struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS]);
/* A message of ours that we did not know is back: its entry is none. */
int store_difference_known(
    struct db *db, const char *peer, const uint8_t message_id[RXP_ID_OCTETS]);
/* Append the page that shows a difference of that entry. RXP_ERR_NOT_FOUND. */
int store_difference_page(struct db *db, struct rxp_buf *page, const char *peer, uint64_t n);

#endif
