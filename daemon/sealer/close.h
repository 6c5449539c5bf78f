/*
 * close - journey out: a document is sealed by us and encrypted for the peer.
 *
 * What was closed is opened again with our own certificate before it is given away: that yields
 * the evidence, and no document leaves that its receiver must refuse for its form.
 */
#ifndef SEALER_CLOSE_H
#define SEALER_CLOSE_H

#include <stdint.h>

#include "daemon/base/record.h"

struct node;
struct reply;
struct rxp_buf;
struct rxp_header;
struct rxp_outer;

/* Request close. The result for a draft that was not made by this State for this type is
 * RXP_ERR_DECRYPT. The facts of a document of a case are read from what was sealed. Keys of
 * attachments are opened here; the result for a row whose key is not of our own desk is
 * RXP_ERR_DECRYPT too. */
int close_handle(struct node *node, const void *request, struct reply *reply);

/* Close one document for the agreement key given as SubjectPublicKeyInfo; attachments is NULL or
 * the manifest; the reply's body is `closed`. Errors of rxp_document_seal, _open, _check and rxp_envelope_close. */
int close_document(struct node *node, const struct rxp_header *header,
    const struct rxp_buf *content, const struct rxp_buf *attachments, struct bytes spki,
    struct reply *reply);

/* Where an Envelope of ours is put: its octets and the wrapped content key are appended. */
struct close_made {
	struct rxp_buf *envelope, *wrapped_key;
	uint8_t *digest; /* 32 octets: of the envelope */
};

/* Encrypt a Document of ours for that key, under a fresh content key. Errors of rxp_envelope_close and box_seal. */
int close_envelope(struct node *node, const struct rxp_outer *outer, const struct rxp_buf *document,
    struct bytes spki, const struct close_made *made);

#endif
