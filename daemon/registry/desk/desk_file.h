/*
 * desk_file - files that the desk brings as attachments of documents to come.
 *
 * A new file is made here and written by the desk. When it is done it is synced, named and its row is
 * committed as `kept`; only then does the desk hear that it is. Until then nothing is in the
 * database: a file that was begun before a crash is removed at the next start.
 */
#ifndef REGISTRY_DESK_FILE_H
#define REGISTRY_DESK_FILE_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct desk_files;
struct node;

int desk_file_new(struct desk_files **out, struct node *n); /* RXP_ERR_NOMEM */
void desk_file_free(struct desk_files *set); /* NULL is allowed */

/* Answers `attachment_opened`, or `attachment_denied`: RXP_ERR_FULL (too many files are being
 * written, or the disk is nearly full), RXP_ERR_SYNTAX (no user), RXP_ERR_IO, _NOMEM. */
void desk_file_begin(struct desk_files *set, uint64_t request, const struct msg_attachment_new *m);

/* Answers `attachment_kept`. Without a key the file is given up, which succeeds. RXP_ERR_NOT_FOUND: no
 * such file is being written; RXP_ERR_MISMATCH: its length is not what the desk says, or not that of
 * the ciphertext of such a file; RXP_ERR_BOUND: too long; RXP_ERR_EXISTS: that ciphertext is there
 * already; RXP_ERR_IO. The file is dropped then. */
void desk_file_done(struct desk_files *set, uint64_t request, const struct msg_attachment_done *m);

/* Answers `attachment_listed` with files of our desk, numbered in the order asked, also those that a
 * message has: a request that is repeated names them too. RXP_ERR_NOT_FOUND; RXP_ERR_BOUND. */
void desk_file_list(struct node *n, uint64_t request, const struct msg_attachment_list *m);

#endif
