/*
 * history_content - HistoryRequest and HistoryCopy as records and as content (spec/rxp-1.md section 33). The registry
 * knows which document is given; its octets are plain only here.
 */
#ifndef SEALER_HISTORY_CONTENT_H
#define SEALER_HISTORY_CONTENT_H

#include "protocol/xml/xml.h"

struct node;
struct rxp_buf;

/* As node_content.c calls them, of records node_history_request and node_history_copy. */
void history_write_request(struct rxp_buf *out, const void *record);
int history_read_request(void *record, struct rxp_walk *w, struct rxp_buf *octets);

void history_write_copy(struct rxp_buf *out, const void *record);
int history_read_copy(void *record, struct rxp_walk *w, struct rxp_buf *octets);
/* The piece of the document that the record gives, in octets, to which the record points from then on. Errors of
 * stored_decrypt(); RXP_ERR_STATE: there is no such piece. */
int history_fill_copy(void *record, const struct node *node, struct rxp_buf *octets);

/* Append the octets of the Copy in a HistoryCopy that was read before. RXP_ERR_DAMAGED: there is none. */
int history_copied(struct rxp_buf *octets, const struct _xmlNode *content);

#endif
