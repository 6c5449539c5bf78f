/*
 * storage_key - the key under which a node's database holds all others: its file, and what tells it from another.
 *
 * For the sealer, and for readmit-pki, which makes it and keeps it on paper.
 */
#ifndef BASE_STORAGE_KEY_H
#define BASE_STORAGE_KEY_H

#include <stdint.h>

struct rxp_buf;

#define STORAGE_KEY_OCTETS 32
#define STORAGE_KEY_FILE_OCTETS (2 * STORAGE_KEY_OCTETS + 1) /* lower-case digits and a newline */
#define STORAGE_KEY_CHECK_OCTETS 32

/* From its file, and to it: appended. RXP_ERR_KEY; the buffer's errors. */
int storage_key_read(uint8_t out[STORAGE_KEY_OCTETS], const struct rxp_buf *file);
int storage_key_write(struct rxp_buf *file, const uint8_t key[STORAGE_KEY_OCTETS]);

/* A key for what a node writes into its tables (RXP-LOG-031), of which neither the storage key nor anything under it follows.
 * RXP_ERR_CRYPTO. */
int storage_key_tables(uint8_t out[STORAGE_KEY_OCTETS], const uint8_t key[STORAGE_KEY_OCTETS]);

/* A keyed digest of a fixed text, which says nothing else of the key: the data of a node keep it, sheets of paper have it
 * as the key's fingerprint. RXP_ERR_CRYPTO. */
int storage_key_check(uint8_t out[STORAGE_KEY_CHECK_OCTETS], const uint8_t key[STORAGE_KEY_OCTETS]);

#endif
