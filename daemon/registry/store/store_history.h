/*
 * store_history - rows of histories (spec/rxp-1.md section 33): what a peer asked us for and how far we have come in
 * giving it, what we asked a peer for, and the copies that came.
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_HISTORY_H
#define REGISTRY_STORE_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/buf.h"
#include "protocol/base/ident.h"

struct db;

/* --- given: of each peer its last request --------------------------------------------------------- */

struct store_given {
	char peer[RXP_PARTY_TEXT];
	uint8_t request[RXP_ID_OCTETS]; /* its MessageId */
	bool all;
	bool open; /* it has not had its last copy */
	uint64_t number; /* of the copy that was made last; 0: none yet */
	/* the document that was given last, or behind which the next one stands */
	uint8_t case_id[RXP_ID_OCTETS];
	uint64_t position;
	uint32_t piece, pieces;
	uint64_t documents; /* given so far */
	int64_t day; /* of UTC, since 1970, in which so many requests came */
	uint32_t requests;
	int64_t copy_day; /* the same of copies */
	uint32_t copies;
	int64_t not_before_ms; /* when the next one may be made */
	bool refused; /* a copy was, for good: nothing more is given for the request */
};

/* cases is emptied, and gets the ids that the request names, one behind the other. RXP_ERR_NOT_FOUND. */
int store_given_get(
    struct db *db, struct store_given *out, struct rxp_buf *cases, const char *peer);
int store_given_put(struct db *db, const struct store_given *g, struct bytes cases);
/* The first peer behind that one whose request waits for its next copy, which may be made by now, or one of whose copies is
 * answered or gone. RXP_ERR_NOT_FOUND. */
int store_given_next(struct db *db, char peer[RXP_PARTY_TEXT], const char *after, int64_t now_ms);

/* A message of ours that gives a copy, until it is answered. */
struct store_copy {
	char peer[RXP_PARTY_TEXT];
	uint8_t copy[RXP_ID_OCTETS],
	    request[RXP_ID_OCTETS]; /* its local id; the MessageId of the request */
	uint64_t number;
	bool has_source;
	uint8_t source[RXP_ID_OCTETS],
	    case_id[RXP_ID_OCTETS]; /* local id of what it gives, and its case */
};

int store_copy_add(struct db *db, const struct store_copy *c);
/* One of the peer that has its end, *state: it goes, and its octets. RXP_ERR_NOT_FOUND. */
int store_copy_end(struct db *db, struct store_copy *out, enum state *state, const char *peer);
/* The first of the peer behind that one that has no answer and gives nothing any more: its octets went, or a person took it
 * back. RXP_ERR_NOT_FOUND. */
int store_copy_gone(
    struct db *db, struct store_copy *out, const char *peer, const uint8_t after[RXP_ID_OCTETS]);
/* It goes, and its octets. */
int store_copy_drop(struct db *db, const uint8_t copy[RXP_ID_OCTETS]);
/* How many of a request have no answer, and since when the first. */
int store_copy_out(struct db *db, uint64_t *n, int64_t *since_ms, const struct store_given *g);
/* The first with a document behind that one. RXP_ERR_NOT_FOUND. */
int store_copy_under_way(struct db *db, struct store_copy *out, const uint8_t after[RXP_ID_OCTETS]);

/* A document of a peer that it may ask for. */
struct store_source {
	uint8_t case_id[RXP_ID_OCTETS];
	uint64_t position;
	uint8_t local_id[RXP_ID_OCTETS], message_id[RXP_ID_OCTETS];
	uint8_t receipted[RXP_DIGEST_OCTETS]; /* digest of the envelope */
};

/* The first of the peer's documents behind that place; its envelope and wrapped key are appended, one behind the other:
 * *envelope_len octets are the first. RXP_ERR_NOT_FOUND. */
int store_source_after(struct db *db, struct store_source *out, struct rxp_buf *octets,
    size_t *envelope_len, const char *peer, const uint8_t case_id[RXP_ID_OCTETS],
    uint64_t position);

/* The octets of a message that gives a copy go: its draft, its envelope, its key. */
int store_copy_forget(struct db *db, const uint8_t copy[RXP_ID_OCTETS]);
/* The same of the one that gives this document, if there is one (RXP-HIS-009). */
int store_copy_forget_of(struct db *db, const uint8_t source[RXP_ID_OCTETS]);

/* --- asked: of each peer our last request --------------------------------------------------------- */

/* Cases that a request names. */
#define STORE_CASES_MAX 256 /* as its schema has it */
struct store_named {
	size_t n; /* 0: all */
	uint8_t ids[STORE_CASES_MAX][RXP_ID_OCTETS];
};

struct store_asked {
	char peer[RXP_PARTY_TEXT];
	uint8_t request[RXP_ID_OCTETS]; /* local id of our message */
	struct store_named cases;
	int64_t asked_ms, ended_ms; /* ended_ms 0: it is open */
	uint64_t number; /* of the copy that came last */
	/* what was in them: taken; held already; left out, since something before it is missing; another document than
	 * ours at its place; not what it should be */
	uint64_t taken, held, left_out, forked, spoilt;
};

int store_asked_get(
    struct db *db, struct store_asked *out, const char *peer); /* RXP_ERR_NOT_FOUND */
/* How far it is. With its end, cases that it named and of which nothing was left are left no more (store_left.h). */
int store_asked_put(struct db *db, const struct store_asked *a);
/* In the place of the one before, whose copies go; the message is in the outbox. */
int store_asked_begin(struct db *db, const struct store_asked *a);
bool store_asked_names(const struct store_asked *a, const uint8_t case_id[RXP_ID_OCTETS]);

/* May documents of ours of this case still come back from the peer, now or when it is asked once more? */
int store_asked_open(
    struct db *db, bool *open, const char *peer, const uint8_t case_id[RXP_ID_OCTETS]);

/* A copy that came and was not looked at yet. */
struct store_piece {
	uint64_t number;
	uint8_t message_id[RXP_ID_OCTETS];
	uint8_t receipted[RXP_DIGEST_OCTETS];
	uint32_t piece, pieces;
};

int store_piece_add(struct db *db, const char *peer, const struct store_piece *p,
    struct bytes envelope, struct bytes wrapped_key);
int store_piece_count(struct db *db, uint64_t *count, const char *peer);
/* The first peer behind that one that has any. RXP_ERR_NOT_FOUND. */
int store_piece_peer(struct db *db, char peer[RXP_PARTY_TEXT], const char *after);
/* The first one from that number on; octets as of store_source_after(). RXP_ERR_NOT_FOUND. */
int store_piece_get(struct db *db, struct store_piece *out, struct rxp_buf *octets,
    size_t *envelope_len, const char *peer, uint64_t from);
/* Those up to that number go. */
int store_piece_drop(struct db *db, const char *peer, uint64_t number);

/* --- what is taken -------------------------------------------------------------------------------- */

/* The document in octets as sealed here: those of `closed`, and the facts. */
struct store_restored {
	struct bytes envelope, evidence, wrapped_key, facts;
};

/* Put it behind what there is of its case, with one attempt at its Created: state, all that is known of it and earlier
 * digests of m. RXP_ERR_EXISTS. */
int store_restored_add(struct db *db, const struct store_outbox *m, const struct store_restored *r,
    int64_t next_try_ms);

/* Under this MessageId we hold a document of this fingerprint, or (RXP_ERR_MISMATCH) of another. RXP_ERR_NOT_FOUND. */
int store_restored_known(struct db *db, const uint8_t message_id[RXP_ID_OCTETS],
    const uint8_t fingerprint[RXP_DIGEST_OCTETS]);

#endif
