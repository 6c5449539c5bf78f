/*
 * store_retention - what is still stored of the documents of a case, its erasure, and when a case is looked at
 * for it.
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_RETENTION_H
#define REGISTRY_STORE_RETENTION_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "daemon/registry/store/state.h"
#include "protocol/document/document.h"

struct db;

/* A document of a case in either box, whatever became of it. */
struct store_retained {
	bool own;
	uint8_t local_id[16];
	enum state state;
	char type[RXP_TYPE_TEXT];
	uint64_t position; /* 0: none */
	/* ReceivedAt; of our own that were refused, the time of the final answer; 0: there is none yet */
	int64_t answered_ms;
	bool held; /* there is content: an envelope or a draft */
	int64_t erased_ms, blocked_ms; /* 0: not */
	struct bytes facts; /* borrowed for the call */
};

typedef int store_retained_fn(void *arg, const struct store_retained *d);

/* Ours in the order of the desk, then the peer's by Position. fn's error ends it. */
int store_retained(
    struct db *db, const char *peer, const uint8_t case_id[16], store_retained_fn *fn, void *arg);

/* One of them, without its facts, of whom it came or to whom it goes, and its case, zeros if it has none.
 * RXP_ERR_NOT_FOUND. */
int store_retained_one(struct db *db, struct store_retained *out, char peer[RXP_PARTY_TEXT],
    uint8_t case_id[16], const uint8_t local_id[16]);

/* Destroy the content key of a document that has its final answer, its envelope, its draft and what its content
 * could be guessed from; what proves it and its facts stay (RXP-RET-005). Its attachments are the caller's.
 * *after: its state then. RXP_ERR_STATE: it has none that may be erased. */
int store_retention_erase(struct db *db, enum state *after, const struct store_retained *d,
    const char *peer, int64_t now_ms);

/* Show the content of a document to nobody but who decides on a dispute, since then; 0: to all again. */
int store_retention_block(struct db *db, const uint8_t local_id[16], int64_t since_ms);
/* Erase nothing of the case, since then; 0: its time counts again. */
int store_retention_hold(
    struct db *db, const char *peer, const uint8_t case_id[16], int64_t since_ms);

/* Is there a key of idempotency of a document that was accepted before then? RXP_ERR_NOT_FOUND. */
int store_retention_keyed(struct db *db, int64_t before_ms);
/* Forget such keys, and the digests of what was sent under them: at most max (RXP-RET-011). */
int store_retention_forget_keys(struct db *db, int64_t before_ms, unsigned max);

/* Of the cases that are to be looked at by now the one that waits longest. RXP_ERR_NOT_FOUND. */
int store_retention_due(
    struct db *db, char peer[RXP_PARTY_TEXT], uint8_t case_id[16], int64_t now_ms);
/* Look at the case again then, or when it changes (0). */
int store_retention_look(
    struct db *db, const char *peer, const uint8_t case_id[16], int64_t look_ms);

#endif
