/*
 * erasure - one entry of the list of erasures of a node (spec/storage.md, "Backups"): what was destroyed, so that nothing of it comes
 * back with older data. Entries are chained, so that a list cannot be shortened in the middle or changed unseen.
 *
 * A node that lost its data gets a document back under another local id. So an entry names it besides by a digest of what names it
 * at both States, who knows which message is meant can make that name, and nobody can tell the message from it: a MessageId has 74
 * random bits. What never had a MessageId has no name, nor have entries of lists of before there were names.
 *
 * As text an entry is one line: number, time in milliseconds, local id, attachment, the name if there is one, and head; octets in
 * hexadecimal, numbers in decimal.
 */
#ifndef BASE_ERASURE_H
#define BASE_ERASURE_H

#include <stdbool.h>
#include <stdint.h>

#define ERASURE_LINE 256 /* octets of a line with its newline and NUL, at most */

struct erasure {
	uint64_t n; /* from 1 */
	int64_t at_ms;
	uint8_t local_id[16]; /* of a document in either box */
	uint32_t
	    attachment; /* 0: all of its content; else its number, or RXP_CORRECTION_EVERY_FILE */
	bool named;
	uint8_t name[32]; /* zeros: none */
	uint8_t head[32]; /* of the chain, this entry included */
};

/* What names a document at both States. */
struct erasure_document {
	char peer[4]; /* who sent it, or to whom it went */
	bool own;
	uint8_t message_id[16], fingerprint[32];
};

/* RXP_ERR_CRYPTO. */
int erasure_name(uint8_t out[32], const struct erasure_document *d);

/* The head behind an entry, from the one before it (zeros before the first). RXP_ERR_CRYPTO. */
int erasure_head(uint8_t out[32], const uint8_t before[32], const struct erasure *e);

void erasure_write(char out[ERASURE_LINE], const struct erasure *e);
/* From a line with its newline, in its one form. RXP_ERR_SYNTAX. */
int erasure_read(struct erasure *out, const char *line);

#endif
