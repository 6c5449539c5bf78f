/*
 * source - what is restored from: the folder of the data with its manifest, the opened storage keys with what the node said of them,
 * and the list of erasures. All of it is read and held against each other before anything is written.
 */
#ifndef RESTORE_SOURCE_H
#define RESTORE_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "daemon/base/erasure.h"
#include "daemon/base/manifest.h"

#define SOURCE_KEYS_MAX 8
#define SOURCE_PATH 4096

struct source {
	const char *data, *keys, *erasures; /* folders and file; borrowed */
	char party[4];
	struct manifest_file *files;
	size_t n_files;
	uint8_t checks[SOURCE_KEYS_MAX][32]; /* of the storage keys, and … */
	uint8_t tables[SOURCE_KEYS_MAX]
		      [32]; /* … the keys of the tables that follow of them (storage_key.h) */
	size_t n_checks;
	struct erasure *list;
	size_t n_list;
};

/* 0, or an error that was said. source_clear() it in any case. */
int source_read(struct source *out, const char *data, const char *keys, const char *erasures);
void source_clear(struct source *s);

/* One more entry for the list, the next. An error that was said. */
int source_add(struct source *s, const struct erasure *e);

/* folder/name; an error that was said. */
int source_path(char out[SOURCE_PATH], const char *folder, const char *name);

#endif
