/*
 * node_content - the content of the documents that the node itself writes and reads (RXP-DOC-014): the registry
 * says and hears it in records, since it knows no XML.
 */
#ifndef SEALER_NODE_CONTENT_H
#define SEALER_NODE_CONTENT_H

#include <stdbool.h>

#include "daemon/base/record.h"
#include "protocol/document/document.h"

struct node;

/* Append the content of that type, of which records is the list of one record node_*, or empty for Ping.
 * RXP_ERR_STATE: the node does not write this type, or says something else of it. Errors of stored_decrypt() for a
 * document that a HistoryCopy gives; the buffer's errors. */
int node_content_write(
    struct rxp_buf *out, const struct node *node, enum rxp_type type, struct bytes records);

/* Does this node act on such a document of a peer, outside any case (RXP-DOC-013)? */
bool node_content_is_read(enum rxp_type type);

/* Append what content says, of a type that the node reads and that satisfies its schema: the list of one record
 * node_*, nothing for Ping. RXP_ERR_UNSUPPORTED: it tells something on which this node does not act; RXP_ERR_SCHEMA: not what
 * the schema lists. The buffer's errors. */
int node_content_read(struct rxp_buf *records, enum rxp_type type, const struct _xmlNode *content);

#endif
