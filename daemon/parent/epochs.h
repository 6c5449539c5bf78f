/*
 * epochs - the storage keys of the key directory. storage.key is that of the first epoch, storage-2.key of the
 * second, and so on; the highest number is the present one, the others are kept until no row names them
 * (spec/storage.md, "Storage keys"). A set works with those that were there when it began.
 */
#ifndef PARENT_EPOCHS_H
#define PARENT_EPOCHS_H

#include <stddef.h>

#include "daemon/parent/files.h"
#include "daemon/sealer/role.h"

struct epochs {
	size_t n;
	unsigned numbers[SEALER_STORAGE_KEYS]; /* the present one first, then down */
};

/* RXP_ERR_NOT_FOUND: there is none. RXP_ERR_FULL: more than the processes hold. RXP_ERR_IO: errno. */
int epochs_list(struct epochs *out, const struct config *c);

void epochs_path(char out[FILES_KEY_PATH], const struct config *c, unsigned number);

/* Put the file aside, as a key that is none any more; overwrite it, and remove it. RXP_ERR_IO: errno; it may be there still. */
int epochs_destroy(const struct config *c, unsigned number);
/* The same of what a crash left put aside. RXP_ERR_IO: errno. */
int epochs_sweep(const struct config *c);

#endif
