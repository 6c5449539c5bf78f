/*
 * store_inbox - what was received, what was answered, and the log of answers for each peer.
 *
 * A final answer, its log entry and, for a receipt, the message are one row each and are put by one
 * call inside one transaction (RXP-ANS-004, RXP-LOG-003). Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_INBOX_H
#define REGISTRY_STORE_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "daemon/registry/store/state.h"
#include "daemon/registry/store/store_case.h"

struct db;
struct rxp_buf;

/* A stored final answer. */
struct store_answer {
	uint8_t message_id[16], fingerprint[32];
	char refusal[RECORD_NAME_MAX]; /* wire code; "" for a receipt */
	bool lacks; /* it was brought back, and what it receipts is not here */
	int64_t received_ms;
};

/* The answer to these very octets, if it lacks nothing; its octets are appended to out. RXP_ERR_NOT_FOUND. */
int store_answer_of_envelope(struct db *db, struct store_answer *answer, struct rxp_buf *out,
    const char *peer, const uint8_t envelope_digest[32]);

/* The answer to this document if it has one; else any answer to its message id, whose fingerprint
 * then differs (RXP-ANS-010). RXP_ERR_NOT_FOUND: the message id is new. */
int store_answer_of_document(struct db *db, struct store_answer *answer, struct rxp_buf *out,
    const char *peer, const uint8_t message_id[16], const uint8_t fingerprint[32]);

struct store_final {
	const char *peer;
	const uint8_t *message_id, *fingerprint, *envelope_digest;
	const char *refusal; /* "" for a receipt */
	const char *flags; /* of a receipt: words separated by a space */
	int64_t received_ms;
	bool lacks; /* it is brought back, and what it receipts is not here yet */
	struct bytes octets;
};

/* The place of an entry in the log: what its commit makes the log's end. */
struct store_log {
	uint64_t count;
	uint8_t head[32];
};

/* Put the answer and extend the peer's log by it. RXP_ERR_STATE: the peer is distrusted.
 * RXP_ERR_EXISTS: it is answered already. RXP_ERR_CRYPTO. */
int store_answer_put(struct db *db, const struct store_final *final, struct store_log *log);

/* Put `now` in the place of `before`, which says the same; nothing else of the answer or the log changes. RXP_ERR_EXISTS:
 * others stand there already. */
int store_answer_reseal(struct db *db, const char *peer, const struct store_answer *answer,
    struct bytes before, struct bytes now);
/* Does the answer that is stored say the same, whatever its octets and its seal? RXP_ERR_NOT_FOUND: it does not. */
int store_answer_says(struct db *db, const struct store_final *final);
/* What it receipts is here. */
int store_answer_has(struct db *db, const struct store_final *final);

struct store_received {
	uint8_t local_id[16];
	enum state state;
	const char *type;
	int64_t created_ms, expires_ms;
	const uint8_t *seal_cert;
	struct store_place place;
	/* of a document of a case or for the desk; of any other they are not kept (RXP-ANS-020) */
	struct bytes envelope, evidence, wrapped_key, facts;
};

/* The message that the answer, put before, receipted. */
int store_inbox_put(
    struct db *db, const struct store_received *m, const struct store_final *answer);

/* What taking a message over needs to know of it. */
struct store_inbox_where {
	enum state state;
	char peer[RXP_PARTY_TEXT];
	bool in_case;
	uint8_t case_id[RXP_ID_OCTETS];
};

int store_inbox_where(
    struct db *db, struct store_inbox_where *out, const uint8_t local_id[16]); /* _NOT_FOUND */
int store_inbox_move(struct db *db, const uint8_t local_id[16], enum state state);

/* Note octets of which sealers died, so that a repetition costs none; of the first
 * REGISTRY_QUARANTINE_KEPT of a peer keep them. Beyond REGISTRY_QUARANTINE_MAX: RXP_ERR_FULL. */
int store_quarantine_put(struct db *db, const uint8_t local_id[16], const char *peer,
    const uint8_t envelope_digest[32], struct bytes envelope, int64_t received_ms);
/* A person has seen to it: the octets go, and their digest stays, which turns them away. RXP_ERR_NOT_FOUND: nothing there is in
 * quarantine. */
int store_quarantine_end(struct db *db, char peer[RXP_PARTY_TEXT], const uint8_t local_id[16]);
/* 0, or RXP_ERR_NOT_FOUND if such octets are not, and never were, in quarantine. */
int store_quarantine_has(struct db *db, const char *peer, const uint8_t envelope_digest[32]);

/* How many messages of each peer are in each state of either box. */
typedef int store_count_fn(void *arg, const char *peer, enum state state, uint64_t count);
int store_inbox_counts(struct db *db, store_count_fn *fn, void *arg);

/* Time of receipt of the oldest one in that state. RXP_ERR_NOT_FOUND. */
int store_inbox_oldest(struct db *db, enum state state, int64_t *received_ms);

#endif
