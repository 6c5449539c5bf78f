/*
 * backup - what a backup is made of, put together beside the running node in bounded steps (RXP-RET-017, spec/storage.md,
 * "Backups"): a copy of the database, the list of its attachments, the list of erasures, and the storage keys sealed to the escrow
 * key. The desk gives the files on to whoever asked; this process writes nothing outside of the data directory.
 */
#ifndef REGISTRY_BACKUP_H
#define REGISTRY_BACKUP_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct backup;
struct node;

/* What an earlier process left is removed. RXP_ERR_NOMEM, RXP_ERR_IO. */
int backup_new(struct backup **out, struct node *node);
void backup_free(struct backup *b); /* NULL is allowed */

/* Requests of the desk: begin one (journalled), look, end it; each answered by how it is then. */
void backup_take(struct backup *b, uint64_t request, const struct msg_backup *m);
void backup_file(struct backup *b, uint64_t request, const struct msg_backup_file *m);

/* One that nobody fetches goes after an hour. */
void backup_tick(struct backup *b);

#endif
