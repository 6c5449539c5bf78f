/*
 * manifest - the attachments of a document between records attachment_row, as registry and desk know
 * them, and the Attachments element inside the Document.
 *
 * The rows keep a key in a box under the storage key: BOX_OWN_ATTACHMENT for a file of our own desk,
 * BOX_PEER_ATTACHMENT for one that was received. Only the former goes into a Document, so that no
 * document carries a key that another State has made (RXP-ATT-004).
 */
#ifndef SEALER_MANIFEST_H
#define SEALER_MANIFEST_H

#include "daemon/base/record.h"

struct _xmlNode;
struct node;
struct rxp_buf;

/*
 * Append the Attachments element of these rows; nothing if there is none. RXP_ERR_DAMAGED: they are no
 * rows, more than RXP_MAX_ATTACHMENTS, or one has not the length of ciphertext that its file has.
 * RXP_ERR_DECRYPT: a key of this State's desk is in no box. RXP_ERR_NOMEM, the buffer's errors.
 */
int manifest_write(struct rxp_buf *out, const struct node *node, struct bytes rows);

/* The same without opening a key: in each one's place stand as many other octets, different in each
 * row, for whoever checks a manifest before it is sealed. */
int manifest_write_unkeyed(struct rxp_buf *out, struct bytes rows);

/* Append a row for each attachment of a checked Document that a peer sent. Errors of
 * rxp_attachment_read and box_seal. */
int manifest_put_rows(
    struct rxp_buf *out, const struct node *node, const struct _xmlNode *attachments);

#endif
