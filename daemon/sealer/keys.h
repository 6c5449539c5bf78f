/*
 * keys - agreement keys and content keys, made and wrapped under the storage key.
 */
#ifndef SEALER_KEYS_H
#define SEALER_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/sealer/box.h"
#include "protocol/envelope/agreement.h"

struct node;
struct reply;
struct rxp_buf;
struct rxp_outer;

/* Request make_key: a new agreement key, its public part and its wrapped private part. */
int keys_make_handle(struct node *node, const void *request, struct reply *reply);

/* Append the wrapped content key of a message. Errors of box_seal. */
int keys_wrap_content(struct rxp_buf *out, const struct node *node, const struct rxp_outer *outer,
    const uint8_t cek[RXP_KEY_OCTETS]);
/* The content key of a message again. Errors of box_open_exact. */
int keys_unwrap_content(uint8_t cek[RXP_KEY_OCTETS], const struct node *node,
    const struct rxp_outer *outer, const uint8_t *wrapped, size_t len);

/* A private agreement key from its wrapped form under the storage key; the caller owns *out.
 * RXP_ERR_DAMAGED: the wrapped form does not open or is not the key of this id. RXP_ERR_NOMEM. */
int keys_unwrap_agreement(struct rxp_agreement_key **out, const struct box_ring *storage,
    const uint8_t key_id[32], const uint8_t *wrapped, size_t len);

#endif
