/*
 * peer_file - attachments that peers upload (RXP-ATT-011, RXP-ATT-012, RXP-ATT-015).
 *
 * A PUT that is allowed gives the gateway the file to write to; its end says how much is there. When
 * all is there the file is hashed, a piece in each round of the loop, one file at a time; right, it
 * is synced, named and committed as `held`, and only then is the peer told 201; wrong, it is dropped.
 * Part of a file, with the row that says how long it will be, outlives a restart. The gateway keeps no
 * descriptor after it has said the end; if it did, whoever reads the file would see that the digest
 * is another (RXP-ATT-008).
 */
#ifndef REGISTRY_PEER_FILE_H
#define REGISTRY_PEER_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peer_files;
struct peers;

/* Both are borrowed. RXP_ERR_NOMEM, RXP_ERR_IO. */
int peer_file_new(struct peer_files **out, struct node *n, struct peers *peers);
void peer_file_free(struct peer_files *set); /* NULL is allowed */

/*
 * Answers `staged` or, to a PUT from the right offset, `stage_opened`.
 *
 *   HEAD   200 and what is held; 404: nothing is
 *   PUT    409 and what is held, for another offset and for a file that is whole; 400: another total
 *          than before, or none that such a file can have; 413: too long; 422: the whole file of an
 *          interrupted PUT was wrong and is dropped
 *   both   503: it is being written or verified, the peer has too much here that no document has
 *          named, the disk is nearly full, or something failed
 */
void peer_file_stage(struct peer_files *set, uint64_t request, const struct msg_stage *m);

/* Answers `stage_ended`: 202 and what is held; 201: all, verified and committed; 422: dropped; 503. What
 * is held is the length of the file and not what the message says. */
void peer_file_stage_end(struct peer_files *set, uint64_t request, const struct msg_stage_end *m);

/* Is this file being written or verified now? */
bool peer_file_active(const struct peer_files *set, const char *party, const uint8_t digest[32]);

#endif
