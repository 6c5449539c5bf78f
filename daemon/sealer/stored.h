/*
 * stored - a Document that the node holds, opened again. It was verified when it came or went; the digest of the Envelope and
 * the authenticated content key say that it is still that one.
 */
#ifndef SEALER_STORED_H
#define SEALER_STORED_H

#include "daemon/base/record.h"

struct _xmlNode;
struct node;
struct rxp_buf;
struct rxp_xml;

/* Append the octets of the Document. Errors of rxp_envelope_parse, keys_unwrap_content, rxp_envelope_decrypt_with. */
int stored_decrypt(struct rxp_buf *document, const struct node *node, struct bytes envelope,
    struct bytes wrapped_key);

/* The typed content of a Document: what follows Salt in Body. NULL if it has none. */
struct _xmlNode *stored_content(const struct rxp_xml *xml);

/* Failures of this machine keep their code; any other means that what is stored is not whole: RXP_ERR_DAMAGED. */
int stored_damage(int rc);

#endif
