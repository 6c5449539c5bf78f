/*
 * store_log - the log that we keep for a peer, and what we know of our own messages that its log for us names.
 *
 * All is read; what is committed counts. A value of a wrong length is read as zeros, which differ from what they are held
 * against: whatever a hand made of the rows is a difference, and no damage. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_LOG_H
#define REGISTRY_STORE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/registry/store/store_case.h"
#include "protocol/log/logcompare.h"

struct db;

/* --- ours ---------------------------------------------------------------------------------------- */

/* One entry with its number and the head there; anything but 0 ends the reading and is its result. */
typedef int store_log_fn(void *arg, uint64_t n, const struct rxp_log_entry *entry,
    const uint8_t head[RXP_DIGEST_OCTETS]);

/* One of the logs that we keep for a peer, or kept: each that was lost in part ended, and another began (RXP-LOG-020). */
struct store_log_of {
	const char *peer;
	uint8_t log_id[RXP_ID_OCTETS];
};

/* The entries behind `after`, at most `limit`, in order. */
int store_log_each(struct db *db, const struct store_log_of *log, uint64_t after, size_t limit,
    store_log_fn *fn, void *arg);

/* The log for the peer that ended at that time, and where. RXP_ERR_NOT_FOUND. */
int store_log_ended(struct db *db, struct store_log_of *log, uint64_t *n,
    uint8_t head[RXP_DIGEST_OCTETS], int64_t ended_ms);

/* What the row of the peer says of the present log, and of its end. */
int store_log_end(
    struct db *db, struct store_log_of *log, uint64_t *n, uint8_t head[RXP_DIGEST_OCTETS]);

/* head(n) as stored with the entry n. RXP_ERR_NOT_FOUND. */
int store_log_head(
    struct db *db, uint8_t head[RXP_DIGEST_OCTETS], const struct store_log_of *log, uint64_t n);

/* Let the present log end as it is, and another begin with this LogId and head(0): in a transaction. */
int store_log_anew(struct db *db, const struct store_log_of *next,
    const uint8_t head[RXP_DIGEST_OCTETS], int64_t now_ms);
/* The former log with the next LogId behind that of `log`, in place, and its end. RXP_ERR_NOT_FOUND. */
int store_log_former(
    struct db *db, struct store_log_of *log, uint64_t *n, uint8_t head[RXP_DIGEST_OCTETS]);

/* What a row of either box says of a document. */
struct store_log_row {
	uint8_t message_id[RXP_ID_OCTETS], fingerprint[RXP_DIGEST_OCTETS];
	int64_t received_ms;
	char type[RXP_TYPE_TEXT];
	struct store_place place;
	struct bytes
	    evidence; /* a record `evidence`, until the query ends; empty if none is kept */
	struct bytes answer; /* the Receipt as sealed, and what is stored of it; likewise */
	const char *flags; /* words */
	bool sent; /* a peer's Receipt, which names a prefix of its log: */
	uint8_t log_id[RXP_ID_OCTETS], log_head[RXP_DIGEST_OCTETS];
	uint64_t log_count;
	int64_t created_ms, expires_ms;
	uint8_t
	    envelope_digest[RXP_DIGEST_OCTETS]; /* of what was received, as kept with our answer */
};
typedef int store_log_row_fn(void *arg, const struct store_log_row *row);

/* Call fn with the message that an entry receipts, as the inbox has it. RXP_ERR_NOT_FOUND; RXP_ERR_EXISTS: its receipt was
 * brought back, and it was not (RXP-LOG-021). */
int store_log_received(struct db *db, const char *peer, const struct rxp_log_entry *entry,
    store_log_row_fn *fn, void *arg);

/* Call fn with the next messages behind id (zeros: the first), in place, that we sent to the peer and that it receipted,
 * at most `limit`. RXP_ERR_NOT_FOUND: there was none more. */
int store_log_delivered(struct db *db, uint8_t id[RXP_ID_OCTETS], const char *peer, size_t limit,
    store_log_row_fn *fn, void *arg);

/* The next messages of the inbox behind id (zeros: the first), in place, at most `limit`; fn is called with each that no
 * entry receipts. RXP_ERR_NOT_FOUND: there was none more to look at. */
typedef int store_log_left_fn(void *arg, const uint8_t message_id[RXP_ID_OCTETS]);
int store_log_inbox_left(struct db *db, uint8_t id[RXP_ID_OCTETS], const char *peer, size_t limit,
    store_log_left_fn *fn, void *arg);

/* The next case of the peer behind id (zeros: the first), in place: one that has a row, or that a document of either box
 * names. RXP_ERR_NOT_FOUND: there is none more. */
int store_log_case(struct db *db, uint8_t id[RXP_ID_OCTETS], const char *peer);
/* Is the content of a document of this case kept? RXP_ERR_NOT_FOUND: of none. */
int store_log_case_content(struct db *db, const char *peer, const uint8_t case_id[RXP_ID_OCTETS]);

/* --- a peer's ------------------------------------------------------------------------------------ */

/* What we know of our message of that id as sent to the peer; zeros if we sent none. What a receipt given until since_ms
 * names is in a log that went before. */
int store_log_sent(struct db *db, struct rxp_log_known *known, const char *peer,
    const uint8_t message_id[RXP_ID_OCTETS], int64_t since_ms);

struct store_log_span {
	const char *peer;
	uint64_t from, to;
	int64_t since_ms;
};

/* The heads that receipts of the peer name from entry `from` to entry `to`, in order, of those that were given and came
 * after since_ms.
 * *n: at most max. */
int store_log_claims(struct db *db, struct rxp_log_claim *claims, size_t *n, size_t max,
    const struct store_log_span *span);
/* The last of all. RXP_ERR_NOT_FOUND. */
int store_log_furthest(
    struct db *db, struct rxp_log_claim *claim, const char *peer, int64_t since_ms);

/* Of the receipts of the peer that were given after since_ms, but for the one of that message, the one that names most
 * entries. RXP_ERR_NOT_FOUND. */
struct store_log_named {
	uint8_t log_id[RXP_ID_OCTETS];
	uint64_t count;
	int64_t answered_ms, received_ms; /* when it came; when it was given */
};
int store_log_named(struct db *db, struct store_log_named *out, const char *peer, int64_t since_ms,
    const uint8_t but[RXP_ID_OCTETS]);

/* The next messages behind id (zeros: the first), in place, to which we hold a final answer of the peer, at most `limit`;
 * fn is called with each that was answered after since_ms and until until_ms and is in no entry that we read.
 * RXP_ERR_NOT_FOUND: there was none more to look at. */
struct store_log_answers {
	const char *peer;
	int64_t since_ms, until_ms;
	size_t limit;
};
int store_log_missing(struct db *db, uint8_t id[RXP_ID_OCTETS], const struct store_log_answers *of,
    store_log_left_fn *fn, void *arg);

/* The newest time of receipt that a final answer of the peer names, but not behind the time at which it came; 0: there is
 * none. */
int store_log_newest(struct db *db, int64_t *at_ms, const char *peer);

#endif
