/*
 * box - a secret sealed under a symmetric key: under the node's storage key for keeping in the
 * database, under the set key for handing from one process to another through a third.
 *
 * Octets: version 01, 12 octets of IV, ciphertext, 16 octets of tag; AES-256-GCM. The additional
 * data is the purpose's name, a zero octet and the context, so that a box opens only as what it was
 * made for and only in its own place. IVs are random: a key is good for 2^32 boxes.
 */
#ifndef SEALER_BOX_H
#define SEALER_BOX_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/base/limits.h"

struct rxp_buf;
struct rxp_random;

#define BOX_KEY_OCTETS 32
#define BOX_OVERHEAD_OCTETS 29 /* version, IV, tag */
#define BOX_MAX_SECRET_OCTETS RXP_MAX_DOCUMENT_OCTETS
#define BOX_MAX_CONTEXT_OCTETS 64

/* What a box holds; the context names its place. */
enum box_purpose {
	BOX_AGREEMENT_KEY, /* context: key id */
	BOX_CONTENT_KEY, /* context: From, MessageId */
	BOX_DRAFT, /* context: type */
	BOX_OWN_ATTACHMENT, /* no context; the key of a file of our own desk */
	BOX_PEER_ATTACHMENT, /* no context; the key of a file that a peer sent */
	BOX_CORRECTION, /* context: local id and item of the correction; a field and its value */
	BOX_TICKET, /* context: name of the request it grants */
	BOX_PURPOSES
};

struct box_context {
	uint8_t octets[BOX_MAX_CONTEXT_OCTETS];
	size_t len;
};

extern const struct box_context box_no_context;

/* Append a box. A secret or context beyond its bound aborts. RXP_ERR_CRYPTO, RXP_ERR_NOMEM, the
 * buffer's errors. */
int box_seal(struct rxp_buf *out, const uint8_t key[BOX_KEY_OCTETS], enum box_purpose purpose,
    const struct box_context *context, const uint8_t *secret, size_t len,
    const struct rxp_random *random);

/* Open a box and append its secret. RXP_ERR_DECRYPT: another key, purpose or context, or altered
 * octets. RXP_ERR_NOMEM, the buffer's errors. */
int box_open(struct rxp_buf *secret, const uint8_t key[BOX_KEY_OCTETS], enum box_purpose purpose,
    const struct box_context *context, const uint8_t *box, size_t box_len);

/* The same for a secret of exactly len octets; RXP_ERR_DECRYPT also for another length. */
int box_open_exact(uint8_t *secret, size_t len, const uint8_t key[BOX_KEY_OCTETS],
    enum box_purpose purpose, const struct box_context *context, const uint8_t *box,
    size_t box_len);

#endif
