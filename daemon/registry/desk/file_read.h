/*
 * file_read - how the desk gets at an attachment of a message.
 */
#ifndef REGISTRY_FILE_READ_H
#define REGISTRY_FILE_READ_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct file_reads;
struct node;
struct terms;

int file_read_new(
    struct file_reads **out, struct node *n, const struct terms *terms); /* RXP_ERR_NOMEM */
void file_read_free(struct file_reads *set); /* NULL is allowed */

/*
 * One attachment of a message of either box. The journal is committed with user, reason and message;
 * only then is a sealer asked for the permit. Answers `attachment_got` with the file, for reading, or
 * `attachment_not_got`: RXP_ERR_SYNTAX (no user or no reason of the list), RXP_ERR_NOT_FOUND, RXP_ERR_STATE (it is
 * blocked), RXP_ERR_DAMAGED
 * (the file is gone, or sealers died of it), RXP_ERR_FULL, RXP_ERR_IO, those of the sealer.
 */
void file_read_take(struct file_reads *set, uint64_t request, const struct msg_attachment_get *m);

#endif
