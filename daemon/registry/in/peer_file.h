/*
 * peer_file - attachments that peers upload (RXP-ATT-011, RXP-ATT-012, RXP-ATT-015).
 *
 * A PUT that is allowed gives the gateway the file to write to; its end says how much is there. When
 * all is there the file is hashed, a piece in each round of the loop, one file at a time; right, it
 * is synced, named and committed as `held`, and only then is the peer told 201; wrong, it is dropped.
 * Part of a file, with the row that says how long it will be, outlives a restart. Before the hash the
 * kernel says that nobody can write to it any more: a gateway that kept its descriptor ends the node.
 */
#ifndef REGISTRY_PEER_FILE_H
#define REGISTRY_PEER_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peer_files;
struct peers;
struct share;

/* All are borrowed. RXP_ERR_NOMEM, RXP_ERR_IO. */
int peer_file_new(
    struct peer_files **out, struct node *n, struct peers *peers, struct share *share);
void peer_file_free(struct peer_files *set); /* NULL is allowed */

/*
 * Answers `staged` or, to a PUT from the right offset, `stage_opened`.
 *
 *   HEAD   200 and what is held; 404: nothing is, or what was held is lost
 *   PUT    409 and what is held, for another offset and for a file that is whole; 400: another total
 *          than before, or none that such a file can have; 413: too long; 422: the whole file of an
 *          interrupted PUT was wrong and is dropped, or what was held is lost
 *   both   503: it is being written or verified, the peer has too much here, in all or that no document
 *          has named, the disk is nearly full, or something failed
 */
void peer_file_stage(struct peer_files *set, uint64_t request, const struct msg_stage *m);

/* Answers `stage_ended`: 202 and what is held; 201: all, verified and committed; 422: dropped; 503. What
 * is held is the length of the file and not what the message says. */
void peer_file_stage_end(struct peer_files *set, uint64_t request, const struct msg_stage_end *m);

/* The same of a bundle, for the desk: answers `bundle_staged`, `bundle_stage_opened` and `bundle_stage_ended`. */
void peer_file_bundle(struct peer_files *set, uint64_t request, const struct msg_bundle_stage *m);
void peer_file_bundle_end(
    struct peer_files *set, uint64_t request, const struct msg_bundle_stage_end *m);

/* Are the files there, at their lengths, that these rows (attachment_row) of a document name? What is not
 * is logged. */
bool peer_file_all_there(const char *party, struct bytes rows);

/* Is this file being written or verified now? */
bool peer_file_active(const struct peer_files *set, const char *party, const uint8_t digest[32]);

#endif
