/*
 * store_pending - documents that were receipted before their attachments were there (RXP-ATT-014), of either direction,
 * and the attachments of a peer's that are awaited.
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_PENDING_H
#define REGISTRY_STORE_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "protocol/base/ident.h"

struct db;
struct rxp_buf;

/* --- documents --- */

struct store_pending {
	uint8_t local_id[RXP_ID_OCTETS]; /* of the document */
	bool own; /* we sent it */
	char peer[RXP_PARTY_TEXT];
	uint8_t case_id[RXP_ID_OCTETS];
	int64_t
	    complete_ms; /* CompleteAt of the AttachmentsReceived that names it; 0: it is awaited */
	int64_t received_ms; /* ReceivedAt of that; 0: it has no Receipt yet */
};

/* One that waits; nothing changes if it does already. */
int store_pending_add(struct db *db, const struct store_pending *p);
/* Forget it and what it awaits; nothing if there is none. */
int store_pending_drop(struct db *db, const uint8_t local_id[16]);
/* No more wait for its attachments of these numbers: a file of theirs that comes is nobody's. */
int store_awaited_drop(struct db *db, const uint8_t local_id[16], uint32_t first, uint32_t last);
int store_pending_get(struct db *db, struct store_pending *out, const uint8_t local_id[16]);

typedef int store_pending_fn(void *arg, const struct store_pending *p);
/* Those of a case. fn's error ends it. */
int store_pending_each(
    struct db *db, const char *peer, const uint8_t case_id[16], store_pending_fn *fn, void *arg);
/* Ours that are receipted and of which the peer has not said that it has all, by local id from this one on: how many of
 * at most max. */
int store_pending_late(
    struct db *db, struct store_pending *out, const uint8_t from[16], size_t max);

/* The peer said of ours that it has all. */
int store_pending_heard(
    struct db *db, const uint8_t local_id[16], int64_t complete_ms, int64_t received_ms);
/* We say it of the peer's, in the message said … */
int store_pending_say(
    struct db *db, const uint8_t local_id[16], const uint8_t said[16], int64_t complete_ms);
/* … which was receipted then. *out: the document. RXP_ERR_NOT_FOUND. */
int store_pending_said(
    struct db *db, struct store_pending *out, const uint8_t said[16], int64_t received_ms);

/* --- attachments --- */

/*
 * May a document of the peer have these attachments (records attachment_row), some of which are still to come? Those
 * that are here are appended to held. RXP_ERR_NOT_FOUND: no, one is too long, or too many of this peer's are awaited. RXP_ERR_EXISTS: one
 * is another document's, or is awaited by it, or comes twice (RXP-ATT-035).
 */
int store_pending_may(struct db *db, struct rxp_buf *held, const char *party, struct bytes rows);

/* The message gets those that are held, and awaits the others. *awaits: are there any? */
int store_pending_claim(
    struct db *db, bool *awaits, const char *party, const uint8_t local_id[16], struct bytes rows);

/* A file of the peer is whole: the message that awaited it gets it. *all: it awaits no more. RXP_ERR_NOT_FOUND: nobody
 * awaited it. */
int store_pending_arrived(
    struct db *db, uint8_t local_id[16], bool *all, const char *party, const uint8_t digest[32]);

/* What an AttachmentsReceived says of a message in the inbox. RXP_ERR_NOT_FOUND. */
int store_pending_names(
    struct db *db, struct rec_node_attachments *out, const uint8_t local_id[16]);

#endif
