/*
 * store_case - rows of cases, the documents of a case from both boxes, and drafts of the desk.
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is
 * named.
 */
#ifndef REGISTRY_STORE_CASE_H
#define REGISTRY_STORE_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "daemon/registry/store/state.h"
#include "protocol/base/ident.h"
#include "protocol/document/document.h"

struct db;
struct rxp_buf;
struct store_clock_asked;
struct store_outbox;

/*
 * --- cases ---
 *
 * A case is one of a peer: another peer that uses its CaseId has another case, of which it can learn
 * nothing about this one. Ids are random (RXP-DOC-007), so two of one id mean that one was made up.
 */

struct store_case {
	uint8_t case_id[RXP_ID_OCTETS];
	char peer[RXP_PARTY_TEXT];
	bool requesting; /* we asked */
	char profile_id[RXP_PROFILE_TEXT], profile_version[RXP_PROFILE_TEXT];
	/* what its documents make of it, as of the last commit that changed them */
	char state[RECORD_NAME_MAX];
	uint32_t persons, documents;
	int64_t opened_ms, changed_ms;
	int64_t legal_hold_ms; /* since when nothing of it is erased; 0: it is not held so */
	uint32_t holds; /* read only: how many there are (store_halt.h) */
	uint32_t unproved; /* the same: documents (store_unproved.h) */
	unsigned kind; /* one bit API_CASES_; set when it is added */
};

int store_case_add(struct db *db, const struct store_case *c); /* RXP_ERR_EXISTS */
/* state, persons, documents and changed_ms. */
int store_case_change(struct db *db, const struct store_case *c);
int store_case_get(struct db *db, struct store_case *out, const char *peer,
    const uint8_t case_id[16]); /* _NOT_FOUND */
/* What a request asks for: the cases of this id, of the peer unless that is "", and of no kind in unseen. */
struct store_case_asked {
	const uint8_t *case_id;
	const char *peer;
	uint32_t unseen;
};
/* Whose they are, the one that was opened first before the others. fn's error ends it. */
int store_case_peers(struct db *db, const struct store_case_asked *asked,
    int (*fn)(void *arg, const char *peer), void *arg);
/* Its state alone, as lists show it. */
int store_case_name_state(
    struct db *db, const char *peer, const uint8_t case_id[16], const char *state);
/* The kind of the case that a message belongs to, of either box. RXP_ERR_NOT_FOUND, also for a message of no
 * case. */
int store_case_kind_of_message(struct db *db, unsigned *kind, const uint8_t local_id[16]);
int store_case_count(struct db *db, const char *state, uint64_t *count);

/* Append records case_row: those after that id in the order of ids, of the peer unless that is "",
 * at most limit, but all of one id, and without those of a kind in unseen. *more: there are others
 * behind the last. The buffer's errors too. */
int store_case_page(struct db *db, struct rxp_buf *rows, bool *more, uint32_t unseen,
    const char *peer, const uint8_t after[16], uint32_t limit);
/* One case_row, bare. The buffer's errors too. */
int store_case_put(struct db *db, struct rxp_buf *row, const struct store_case *c);
/* Append records case_row of those that store_clock_due() finds, at most limit. *more and errors as above. */
int store_case_page_due(struct db *db, struct rxp_buf *rows, bool *more,
    const struct store_clock_asked *asked, uint32_t limit);

/* --- documents --- */

/* Where a document stands in its case; all zeros outside any case. */
struct store_place {
	bool in_case;
	uint8_t case_id[RXP_ID_OCTETS];
	uint64_t position; /* 0: none yet */
	bool has_previous, has_seen;
	uint8_t previous[RXP_DIGEST_OCTETS], seen[RXP_DIGEST_OCTETS];
};

struct store_document {
	bool own; /* of the outbox */
	uint8_t local_id[16], message_id[16];
	enum state state;
	char type[RXP_TYPE_TEXT];
	uint64_t turn; /* own ones: order of the desk, from 1 */
	struct store_place place;
	uint8_t fingerprint[32];
	int64_t created_ms, received_ms; /* 0 if there is none */
	int64_t answered_ms; /* own ones: when the final answer came; 0: none yet */
	bool unread; /* of the inbox: erased before the desk took it over */
	struct bytes facts; /* borrowed for the call */
};

typedef int store_document_fn(void *arg, const struct store_document *d);

/* The flag of a final refusal of a document that the peer had named as seen (RXP-VOI-007). */
#define STORE_CONTRADICTS_SEEN "contradicts-seen"

/* Every document of the case but those that were refused, without that flag, or discarded, in no order. fn's error ends it. */
int store_case_documents(
    struct db *db, const char *peer, const uint8_t case_id[16], store_document_fn *fn, void *arg);

/* --- drafts --- */

struct store_draft {
	const char *key; /* of idempotency; NULL: the node itself wrote it */
	const uint8_t *body_digest; /* not read without a key */
	struct bytes draft, facts;
};

/* A new document of a case, behind those that the desk gave before. It is due at once if its state
 * is STATE_WAITING. */
int store_case_submit(struct db *db, const struct store_outbox *m, const struct store_draft *draft,
    int64_t accepted_ms);

/* Another wording of a document that is still a draft. */
int store_case_reword(
    struct db *db, const uint8_t local_id[16], struct bytes draft, struct bytes facts);

/* The draft and the facts of a document that is not closed, appended. RXP_ERR_NOT_FOUND. */
int store_case_draft(
    struct db *db, struct rxp_buf *draft, struct rxp_buf *facts, const uint8_t local_id[16]);

/* What was accepted under a key. */
struct store_keyed {
	uint8_t local_id[16], case_id[16];
	char peer[RXP_PARTY_TEXT];
	char type[RXP_TYPE_TEXT];
	uint64_t turn;
	uint8_t body_digest[32]; /* zeros once its content is erased */
	int64_t accepted_ms, erased_ms; /* erased_ms 0: not */
};

int store_case_of_key(struct db *db, struct store_keyed *out, const char *key); /* _NOT_FOUND */
int store_case_key_forget(struct db *db, const uint8_t local_id[16]);

/* --- order of sending --- */

/* The oldest of our documents of the case without a final answer. RXP_ERR_NOT_FOUND. */
int store_case_head(struct db *db, uint8_t local_id[16], enum state *state, const char *peer,
    const uint8_t case_id[16]);
/* A draft is at the head of its case: to be sent from now on. */
int store_case_promote(struct db *db, const uint8_t local_id[16], enum state state, int64_t now_ms);
/* Make due our document at this Position that is delivered or in doubt, if there is one. */
int store_case_due(
    struct db *db, const char *peer, const uint8_t case_id[16], uint64_t position, int64_t now_ms);

/* Is one of our delivered documents from one Position to before another being sent again? */
int store_case_resending(struct db *db, bool *out, const char *peer, const uint8_t case_id[16],
    uint64_t from, uint64_t before);

/* --- reading --- */

/* What a reading permit needs; the envelope is appended. */
struct store_readable {
	char peer[RXP_PARTY_TEXT];
	uint8_t envelope_digest[32];
};

/* Of a message of either box by its local id. RXP_ERR_NOT_FOUND; RXP_ERR_STATE: it has no content
 * that can be read (not closed yet, never opened). */
int store_case_readable(struct db *db, struct store_readable *out, struct rxp_buf *wrapped_key,
    struct rxp_buf *envelope, const uint8_t local_id[16]);

#endif
