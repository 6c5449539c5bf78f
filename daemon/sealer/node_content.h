/*
 * node_content - the content of the documents that the node itself writes (RXP-DOC-014): the registry says
 * it in records, since it writes no XML.
 */
#ifndef SEALER_NODE_CONTENT_H
#define SEALER_NODE_CONTENT_H

#include "daemon/base/record.h"
#include "protocol/document.h"

/* Append the content of that type, of which records is the list of one record node_*, or empty for Ping.
 * RXP_ERR_STATE: the node does not write this type, or says something else of it. The buffer's errors. */
int node_content_write(struct rxp_buf *out, enum rxp_type type, struct bytes records);

#endif
