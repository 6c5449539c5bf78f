/*
 * corrections - DataCorrections that are carried out: what they ask for, and how it is laid on the content that people read
 * (RXP-COR-014, RXP-COR-015). Field and value of an item are kept in a box under the storage key, which opens only as that of
 * this item of this correction.
 */
#ifndef SEALER_CORRECTIONS_H
#define SEALER_CORRECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"

struct _xmlNode;
struct node;
struct reply;
struct rxp_buf;

/* Request read_correction. The result is RXP_ERR_UNSUPPORTED if the document is no DataCorrection; RXP_ERR_DAMAGED;
 * RXP_ERR_NOMEM, RXP_ERR_CRYPTO. */
int corrections_read_handle(struct node *node, const void *request, struct reply *reply);

/* Lay the items, records correction_part, on the content, and append what was changed, records corrected_row; nothing of
 * hidden persons. RXP_ERR_DECRYPT: a box is not that of its item; RXP_ERR_STRUCTURE, RXP_ERR_BOUND: no such list;
 * RXP_ERR_NOMEM; the buffer's errors. */
int corrections_show(struct rxp_buf *corrected, const struct node *node, struct _xmlNode *content,
    struct bytes parts, uint32_t hidden);

/* Do they take something out of the content? A list that cannot be read does. */
bool corrections_part(struct bytes parts);

#endif
