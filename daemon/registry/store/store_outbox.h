/*
 * store_outbox - rows of messages to peers. Errors as in db.h, and what is named.
 *
 * Functions that change a row are called from a store_apply, with a state that state_next() gave.
 */
#ifndef REGISTRY_STORE_OUTBOX_H
#define REGISTRY_STORE_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "daemon/registry/store/state.h"
#include "daemon/registry/store/store_case.h"
#include "protocol/document/document.h"

struct db;
struct rxp_buf;

#define STORE_OUTBOX_REKEYS_MAX 8 /* envelopes that took the place of another */

struct store_outbox {
	uint8_t local_id[16];
	char peer[4];
	enum state state;
	char type[RXP_TYPE_TEXT];
	char from_office[RXP_OFFICE_TEXT], to_office[RXP_OFFICE_TEXT];
	/* zeros until it is closed */
	uint8_t message_id[16];
	int64_t created_ms, expires_ms;
	uint8_t envelope_digest[32], fingerprint[32];
	uint8_t key_id[32]; /* the peer's agreement key that the envelope names */
	/* Digests of former envelopes of the document: an answer may name any (RXP-ENV-015). */
	unsigned n_earlier;
	uint8_t earlier[STORE_OUTBOX_REKEYS_MAX][32];
	uint32_t attempts, strikes;
	int64_t first_attempt_ms; /* 0: never on a line */
	uint64_t
	    lacks_from; /* first Position that the peer lacked at its last `gap`; 0: none yet */
	bool
	    ordered; /* a person ordered the next try, whatever halts it; until that is made or, of one that is
			 fetched, answered (RXP-HLD-004) */
	bool planned; /* another try is */
	struct store_place place; /* its Position from when it is closed */
};

/* A new message outside any case, due at once. draft: what it says, and the facts that are wanted of it until its
 * final answer; nothing for Ping. */
int store_outbox_add(struct db *db, const struct store_outbox *m, const struct store_draft *draft,
    int64_t accepted_ms);

/* The same of a type that the node itself writes: it says this one record. */
int store_outbox_say(struct db *db, const uint8_t local_id[16], const char *peer,
    enum rxp_type type, uint16_t tag, const void *record, int64_t accepted_ms);

/* The local id of the message of ours that was closed under this MessageId. RXP_ERR_NOT_FOUND. */
int store_outbox_of_message(struct db *db, uint8_t local_id[16], const uint8_t message_id[16]);

/* Read a row; its envelope, if it has one, is appended unless envelope is NULL. RXP_ERR_NOT_FOUND. */
int store_outbox_get(
    struct db *db, struct store_outbox *out, struct rxp_buf *envelope, const uint8_t local_id[16]);

/* Which of those that are due. */
enum store_outbox_files { STORE_OUTBOX_BARE, STORE_OUTBOX_WITH_FILES, STORE_OUTBOX_BOTH };
struct store_outbox_asked {
	const char *peer;
	int64_t now_ms; /* those that were due then, … */
	int64_t failed_ms; /* … and of those that have failed such as were due then */
	enum store_outbox_files files;
	int64_t
	    until_ms; /* of those of a case only such as have a legal deadline until then; INT64_MAX: all */
};

/* Ids of messages to the peer that are due: at most max, those first whose case has the earliest deadline by which we must
 * act, then the longest due. Their number. */
int store_outbox_due(
    struct db *db, const struct store_outbox_asked *asked, uint8_t (*ids)[16], size_t max);

/* The clocks of the case may have changed, or a document of it is new: the deadline of those that have no final answer. */
int store_outbox_deadline(struct db *db, const char *peer, const uint8_t case_id[16]);

/* The next time after now at which one is due. RXP_ERR_NOT_FOUND: none. */
int store_outbox_next_due(struct db *db, const char *peer, int64_t now_ms, int64_t *at_ms);

/* Make due now what was planned for later than after_ms. */
int store_outbox_wake(struct db *db, int64_t now_ms, int64_t after_ms);

/* Its envelope is made: state, message id, times, digests and place of m, and the octets. */
int store_outbox_close(struct db *db, const struct store_outbox *m, struct bytes envelope,
    struct bytes evidence, struct bytes wrapped_key);

/* Another envelope of the same document, due at once: state, digests and key of m, and the octets. */
int store_outbox_rekey(
    struct db *db, const struct store_outbox *m, struct bytes envelope, int64_t now_ms);

/* The wrapped content key, appended. RXP_ERR_NOT_FOUND. */
int store_outbox_wrapped(struct db *db, struct rxp_buf *wrapped_key, const uint8_t local_id[16]);

/* The final answer of the peer, appended. RXP_ERR_NOT_FOUND. */
int store_outbox_answer(struct db *db, struct rxp_buf *answer, const uint8_t local_id[16]);

/* An attempt is about to be made. next_ms: when it is due again, unless its end says something else. */
int store_outbox_attempt(
    struct db *db, const struct store_outbox *m, int64_t now_ms, int64_t next_ms);

/* The id of the first one to the peer behind `after` that is to be sent, also again. RXP_ERR_NOT_FOUND. */
int store_outbox_next(
    struct db *db, uint8_t local_id[16], const char *peer, const uint8_t after[16]);

/* Ids of messages of that type to the peer without a final answer: at most max. Their number. */
int store_outbox_open(
    struct db *db, const char *peer, enum rxp_type type, uint8_t (*ids)[16], size_t max);

/* State, strikes, lacks_from and ordered of m; next_try_ms 0: not before a person says so. why: words. */
int store_outbox_plan(
    struct db *db, const struct store_outbox *m, int64_t next_try_ms, const char *why);

/* A row that store_outbox_get() finds damaged is due no more: parked, with these words, if it had no final
 * answer. *before: its state, STATE_NONE if even that is not known; it is left as it is then. */
int store_outbox_park_damaged(
    struct db *db, const uint8_t local_id[16], const char *why, enum state *before);

/* State of m; what there is of its content and its key is destroyed, and its place in its case given back.
 * why: words. */
int store_outbox_discard(
    struct db *db, const struct store_outbox *m, const char *why, int64_t now_ms);

struct store_outcome {
	const char *refusal; /* wire code; "" for a receipt */
	const char *why; /* words; "" for an answer of the peer */
	int64_t received_ms, answered_ms;
	int64_t refused_ms; /* time of receipt that a final refusal of the peer names; else 0 */
	const uint8_t *log_id, *log_head; /* NULL for a refusal */
	uint64_t log_count;
	const char *flags;
	struct bytes answer;
};

/* The final answer; state of m. The draft is no longer kept. */
int store_outbox_finish(
    struct db *db, const struct store_outbox *m, const struct store_outcome *outcome);

/* Those to the peer that were answered since then, and whose octets are here, are due: to be asked again. */
int store_outbox_ask_again(struct db *db, const char *peer, int64_t since_ms, int64_t now_ms);

/* An answer in other octets that says what the stored one of the message says takes its place (RXP-DSC-042); *resealed:
 * whether it is one. */
int store_outbox_reseal(
    struct db *db, const uint8_t local_id[16], const struct store_outcome *outcome, bool *resealed);

/* When the oldest one without a final answer was accepted. RXP_ERR_NOT_FOUND. */
int store_outbox_oldest(struct db *db, int64_t *accepted_ms);

#endif
