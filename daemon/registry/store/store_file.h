/*
 * store_file - rows of attachments: which files there are, and which message has each.
 *
 * Functions that change something are called from a store_apply. Errors as in db.h, and what is
 * named. What the desk or a sealer says of an attachment comes as records attachment_row, numbered
 * 1, 2, 3 and so on (RXP-ATT-002); rows of another form are RXP_ERR_SYNTAX.
 */
#ifndef REGISTRY_STORE_FILE_H
#define REGISTRY_STORE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "daemon/registry/store/state.h"

struct db;
struct rxp_buf;

struct store_file {
	uint8_t id[16];
	char party[4]; /* of whom it came; "" for a file of our own desk */
	enum state state;
	uint8_t ciphertext_digest[32];
	uint64_t ciphertext_length; /* of the whole file, also in STATE_STAGING */
	/* of the plain file; nothing for a peer's that no document has named */
	uint64_t length;
	uint8_t file_digest[32];
	char type[RECORD_NAME_MAX], media_type[RECORD_NAME_MAX], checked_by[RECORD_NAME_MAX];
	int64_t since_ms; /* in its state, but STATE_ATTACHED; or its sender asked for it then */
	uint8_t message[16]; /* local id, in STATE_ATTACHED */
	uint32_t number;
};

/* Octets of the ciphertext of a file of this length (RXP-ATT-005, RXP-ATT-006). */
uint64_t store_file_ciphertext_length(uint64_t length);

/* key: boxed, of our own; else empty. RXP_ERR_EXISTS: there is a file of that digest. */
int store_file_add(struct db *db, const struct store_file *f, struct bytes key);

/* RXP_ERR_NOT_FOUND. party: "" for a file of our own. */
int store_file_get(struct db *db, struct store_file *out, const uint8_t id[16]);
/* The one behind it in the order of ids. RXP_ERR_NOT_FOUND. */
int store_file_next(struct db *db, struct store_file *out, const uint8_t id[16]);
int store_file_find(
    struct db *db, struct store_file *out, const char *party, const uint8_t digest[32]);

/* The attachment of a message with that number, or the next one after it; its key is appended unless
 * key is NULL. RXP_ERR_NOT_FOUND: none from there on. */
int store_file_of_message(struct db *db, struct store_file *out, struct rxp_buf *key,
    const uint8_t local_id[16], uint32_t number);

/* Append records attachment_row with keys: all of a message, in order. */
int store_file_rows(struct db *db, struct rxp_buf *rows, const uint8_t local_id[16]);
/* Append one of them, without a key. */
int store_file_put(struct rxp_buf *rows, const struct store_file *f, uint32_t number);
/* The same bare, not in a list. */
int store_file_encode(struct rxp_buf *row, const struct store_file *f);

/* What a peer has here that no document has named: how many, and their octets when whole. */
int store_file_unclaimed(struct db *db, const char *party, uint64_t *files, uint64_t *octets);

/* Those that no message has had since before_ms, the oldest first: at most max. Their number. */
int store_file_old(struct db *db, int64_t before_ms, struct store_file *out, size_t max);

/* STATE_STAGING becomes STATE_HELD. RXP_ERR_STATE, RXP_ERR_NOT_FOUND. */
int store_file_whole(struct db *db, const uint8_t id[16], int64_t now_ms);

/* Its sender asked what is held of it: until a document names it, it is as if it had come now. */
int store_file_asked(struct db *db, const uint8_t id[16], int64_t now_ms);
/* Its row goes. RXP_ERR_STATE: a message has it. RXP_ERR_NOT_FOUND. */
int store_file_drop(struct db *db, const uint8_t id[16]);

/* The row of one of a message that is discarded goes. RXP_ERR_STATE: no message has it. RXP_ERR_NOT_FOUND. */
int store_file_let_go(struct db *db, const uint8_t id[16]);
/* The same of one of a document whose content is erased. */
int store_file_erase(struct db *db, const uint8_t id[16]);

/* The message gets the files of our desk that these rows name by their CiphertextDigest; nothing else
 * in them counts. RXP_ERR_STATE: one is not there, or another message has it. */
int store_file_claim_own(
    struct db *db, const uint8_t local_id[16], struct bytes rows, uint32_t *number);

/* Is everything held that a peer's document names, of the right length? RXP_ERR_NOT_FOUND: no. RXP_ERR_EXISTS: it names one
 * twice, or one that another document has (RXP-ATT-035). */
int store_file_check(struct db *db, const char *party, struct bytes rows);
/* The peer's message gets one of them, with what its document says of it. RXP_ERR_STATE: it is not held. */
int store_file_claim_one(struct db *db, const char *party, const uint8_t local_id[16],
    const struct rec_attachment_row *r);

#endif
