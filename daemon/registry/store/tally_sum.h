/*
 * tally_sum - what a row adds to the sum of its table: a keyed digest of its values, as a number of 256 bits. The order in which rows
 * come and go does not matter; who has not the key can make no other rows that come to the same.
 */
#ifndef REGISTRY_STORE_TALLY_SUM_H
#define REGISTRY_STORE_TALLY_SUM_H

#include <stddef.h>
#include <stdint.h>

#define TALLY_OCTETS 32 /* of a key, of a sum */

/* One value of a row. */
struct tally_cell {
	enum { TALLY_NULL, TALLY_NUMBER, TALLY_WORDS, TALLY_OCTET_RUN } kind;
	int64_t number;
	const void *at;
	size_t len;
};

struct tally_sum {
	uint8_t octets[TALLY_OCTETS]; /* most significant first */
};

void tally_add(struct tally_sum *sum, const struct tally_sum *more);
void tally_take(struct tally_sum *sum, const struct tally_sum *less);

/* < 0, 0, > 0, as the database orders values. */
int tally_compare(const struct tally_cell *a, const struct tally_cell *b);

/* --- digests under a key ---------------------------------------------------------------------------------- */

struct tally_key;
int tally_key_new(
    struct tally_key **out, const uint8_t octets[TALLY_OCTETS]); /* RXP_ERR_NOMEM, RXP_ERR_CRYPTO */
void tally_key_free(struct tally_key *key); /* NULL is allowed */

/* Begin a digest, put values into it, and end it. RXP_ERR_CRYPTO. */
int tally_begin(struct tally_key *key, const char *what);
int tally_put(struct tally_key *key, const struct tally_cell *cell);
int tally_end(struct tally_key *key, struct tally_sum *out);

/* --- the key itself, under one that is not in the database ----------------------------------------------------- */

#define TALLY_WRAPPED_OCTETS 40

/* RFC 3394. RXP_ERR_CRYPTO. */
int tally_wrap(uint8_t out[TALLY_WRAPPED_OCTETS], const uint8_t under[TALLY_OCTETS],
    const uint8_t key[TALLY_OCTETS]);
/* RXP_ERR_KEY: not under this one. */
int tally_unwrap(uint8_t key[TALLY_OCTETS], const uint8_t under[TALLY_OCTETS],
    const uint8_t wrapped[TALLY_WRAPPED_OCTETS]);

#endif
