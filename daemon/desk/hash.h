/*
 * hash - a running SHA-256.
 */
#ifndef DESK_HASH_H
#define DESK_HASH_H

#include <stddef.h>
#include <stdint.h>

struct hash;

/* RXP_ERR_NOMEM, RXP_ERR_CRYPTO. */
int hash_new(struct hash **out);
void hash_free(struct hash *h); /* NULL is allowed */

/* Make the library load what its first digest needs; before the process gives up its files. */
int hash_warm_up(void);

/* A failure of the library is told by hash_end(). */
void hash_put(struct hash *h, const void *octets, size_t len);
/* Once. RXP_ERR_CRYPTO. */
int hash_end(struct hash *h, uint8_t out[32]);
/* Of octets that are all there. RXP_ERR_NOMEM, RXP_ERR_CRYPTO. */
int hash_once(uint8_t out[32], const void *octets, size_t len);

#endif
