/*
 * sheet_set - the sheets of one key: made, gathered, joined.
 *
 * What is shared is a digest of all that the sheets say alike and of the key, and the key. So sheets that do not
 * belong together give nothing, and with one more than are needed the one that was changed is found.
 */
#ifndef CERTS_SHEET_SET_H
#define CERTS_SHEET_SET_H

#include "certs/sheet.h"

struct rxp_random;

#define SHEET_SET_WHY 160

struct sheet_set {
	struct sheet sheets[SHEET_MAX];
	unsigned n;
};

/* All sheets of a key, by a head of which everything is set but len. RXP_ERR_BOUND: the key is too long. RXP_ERR_CRYPTO:
 * no randomness. RXP_ERR_NOMEM. */
int sheet_set_make(struct sheet_set *out, const struct sheet_head *head, const struct rxp_buf *key,
    const struct rxp_random *random);

void sheet_set_wipe(struct sheet_set *set);

/* One sheet more. RXP_ERR_MISMATCH: it is of another set, or does not say what the others say; RXP_ERR_EXISTS: it is there.
 * why in words. */
int sheet_set_add(struct sheet_set *set, const struct sheet *s, char why[SHEET_SET_WHY]);

/*
 * Append the key. *wrong: a bit for each number of a sheet (bit 0: sheet 1) that does not fit the others, which give the key: one
 * that was changed alone is always found. RXP_ERR_NOT_FOUND: fewer than are needed; RXP_ERR_MISMATCH: they do not fit together; why in words. The
 * buffer's errors.
 */
int sheet_set_join(
    struct rxp_buf *key, unsigned *wrong, const struct sheet_set *set, char why[SHEET_SET_WHY]);

#endif
