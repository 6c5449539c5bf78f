/*
 * restore - a document of our own that the other State gave back is opened under our own seal, and closed anew.
 */
#ifndef SEALER_RESTORE_H
#define SEALER_RESTORE_H

struct node;
struct reply;

/* Request restore. The seal is any that our chain ever listed, and not yet retired when the document was made; the registry
 * judges one that is revoked (RXP-RCV-013). What the peer says of the document counts for nothing (RXP-HIS-004). */
int restore_handle(struct node *node, const void *request, struct reply *reply);

#endif
