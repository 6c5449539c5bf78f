/*
 * attachment - keys, segments and tickets of attachments (spec/rxp-1.md section 14).
 *
 * A sealer's unit of work is one segment; it never sees a whole file and keeps nothing between two
 * segments, so it cannot know whether a counter comes twice. The desk makes one pass over one file
 * with each key it is given, from counter 0, and forgets the key; the registry keeps the key of a
 * file that is done and nothing of one given up; no key that has once been kept is given to a desk
 * again. A box binds no key to its file: the tags of the segments do.
 */
#ifndef SEALER_ATTACHMENT_H
#define SEALER_ATTACHMENT_H

struct node;
struct reply;

/* Request attachment_key. */
int attachment_key_handle(struct node *node, const void *request, struct reply *reply);

/* Request segment_seal. Results: RXP_ERR_BOUND, no length of such a segment; RXP_ERR_DECRYPT, no key
 * of this node's desk, those that peers have sent among them; RXP_ERR_NOMEM, RXP_ERR_CRYPTO. */
int attachment_segment_seal_handle(struct node *node, const void *request, struct reply *reply);

/* Request attachment_ticket, for a file of our own desk as for one received. Results:
 * RXP_ERR_DECRYPT, no key of an attachment; those of ticket_seal. */
int attachment_ticket_handle(struct node *node, const void *request, struct reply *reply);

/* Request segment_open; the file's CiphertextDigest was verified before (RXP-ATT-008). Results:
 * RXP_ERR_SEAL, no such ticket of this set; RXP_ERR_TIMEOUT, expired; RXP_ERR_DECRYPT, not this
 * segment of the ticket's file; RXP_ERR_NOMEM. */
int attachment_segment_open_handle(struct node *node, const void *request, struct reply *reply);

#endif
