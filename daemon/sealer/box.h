/*
 * box - a secret sealed under a symmetric key: under the node's storage key for keeping in the
 * database, under the set key for handing from one process to another through a third.
 *
 * Octets: version 02, 8 octets that name the key, 12 octets of IV, ciphertext, 16 octets of tag;
 * AES-256-GCM. The additional data is the purpose's name, a zero octet and the context, so that a box
 * opens only as what it was made for and only in its own place. IVs are random: a key is good for
 * 2^32 boxes. The octets of name and IV are the name of the box itself: no two are equal, and a
 * database finds by them what an epoch's key still holds (spec/storage.md, "Storage keys").
 */
#ifndef SEALER_BOX_H
#define SEALER_BOX_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/box_purpose.h"
#include "protocol/base/limits.h"

struct rxp_buf;
struct rxp_random;

#define BOX_KEY_OCTETS 32
#define BOX_OVERHEAD_OCTETS 37 /* version, name of the key, IV, tag */
#define BOX_RING_MAX 4 /* keys of one ring */
#define BOX_MAX_SECRET_OCTETS RXP_MAX_DOCUMENT_OCTETS
#define BOX_MAX_CONTEXT_OCTETS 80

struct box_context {
	uint8_t octets[BOX_MAX_CONTEXT_OCTETS];
	size_t len;
};

extern const struct box_context box_no_context;

/* The first key seals; every one opens what it sealed. Their names differ. */
struct box_ring {
	size_t n; /* at least 1 */
	struct box_key {
		uint8_t id[BOX_ID_OCTETS];
		uint8_t octets[BOX_KEY_OCTETS];
	} keys[BOX_RING_MAX];
};

/* Append a box. A secret or context beyond its bound aborts. RXP_ERR_CRYPTO, RXP_ERR_NOMEM, the
 * buffer's errors. */
int box_seal(struct rxp_buf *out, const struct box_ring *ring, enum box_purpose purpose,
    const struct box_context *context, const uint8_t *secret, size_t len,
    const struct rxp_random *random);

/* Open a box and append its secret. RXP_ERR_DECRYPT: a key that is not in
 * the ring, another purpose or context, or altered
 * octets. RXP_ERR_NOMEM, the buffer's errors. */
int box_open(struct rxp_buf *secret, const struct box_ring *ring, enum box_purpose purpose,
    const struct box_context *context, const uint8_t *box, size_t box_len);

/* The same for a secret of exactly len octets; RXP_ERR_DECRYPT also for another length. */
int box_open_exact(uint8_t *secret, size_t len, const struct box_ring *ring,
    enum box_purpose purpose, const struct box_context *context, const uint8_t *box,
    size_t box_len);

#endif
