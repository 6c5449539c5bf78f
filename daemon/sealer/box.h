/*
 * box - a small secret sealed under the node's storage key, for keeping in the database.
 *
 * Octets: version 01, 12 octets of IV, ciphertext, 16 octets of tag; AES-256-GCM. The additional
 * data is the purpose's name, a zero octet and the context, so that a box opens only as what it was
 * made for and only in its own place. IVs are random: a storage key is good for 2^32 boxes.
 */
#ifndef SEALER_BOX_H
#define SEALER_BOX_H

#include <stddef.h>
#include <stdint.h>

struct rxp_buf;
struct rxp_random;

#define BOX_KEY_OCTETS 32
#define BOX_OVERHEAD_OCTETS 29 /* version, IV, tag */
#define BOX_MAX_SECRET_OCTETS 4096
#define BOX_MAX_CONTEXT_OCTETS 64

/* What a box holds; the context names its place. */
enum box_purpose {
	BOX_AGREEMENT_KEY, /* context: key id */
	BOX_CONTENT_KEY, /* context: From, MessageId */
	BOX_PURPOSES
};

struct box_context {
	uint8_t octets[BOX_MAX_CONTEXT_OCTETS];
	size_t len;
};

/* Append a box. A secret or context beyond its bound aborts. RXP_ERR_CRYPTO, the buffer's errors. */
int box_seal(struct rxp_buf *out, const uint8_t key[BOX_KEY_OCTETS], enum box_purpose purpose,
    const struct box_context *context, const uint8_t *secret, size_t len,
    const struct rxp_random *random);

/* Open a box whose secret has exactly len octets. RXP_ERR_DECRYPT: another key, purpose, context or
 * length, or altered octets. RXP_ERR_NOMEM. */
int box_open(uint8_t *secret, size_t len, const uint8_t key[BOX_KEY_OCTETS],
    enum box_purpose purpose, const struct box_context *context, const uint8_t *box,
    size_t box_len);

#endif
