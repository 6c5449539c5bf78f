/*
 * erasure - one entry of the list of erasures of a node (spec/storage.md, "Backups"): what was destroyed, so that nothing of it comes
 * back with older data. Entries are chained, so that a list cannot be shortened in the middle or changed unseen.
 *
 * As text an entry is one line: number, time in milliseconds, local id and attachment in hexadecimal and decimal, head.
 */
#ifndef BASE_ERASURE_H
#define BASE_ERASURE_H

#include <stdint.h>

#define ERASURE_LINE 160 /* octets of a line with its newline and NUL, at most */

struct erasure {
	uint64_t n; /* from 1 */
	int64_t at_ms;
	uint8_t local_id[16]; /* of a document in either box */
	uint32_t
	    attachment; /* 0: all of its content; else its number, or RXP_CORRECTION_EVERY_FILE */
	uint8_t head[32]; /* of the chain, this entry included */
};

/* The head behind an entry, from the one before it (zeros before the first). RXP_ERR_CRYPTO. */
int erasure_head(uint8_t out[32], const uint8_t before[32], const struct erasure *e);

void erasure_write(char out[ERASURE_LINE], const struct erasure *e);
/* From a line with its newline, in its one form. RXP_ERR_SYNTAX. */
int erasure_read(struct erasure *out, const char *line);

#endif
