/*
 * store_line - how the line to a peer may be used, as its operator said. Without a row: always, as fast as it goes.
 * Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_LINE_H
#define REGISTRY_STORE_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/hours.h"

struct db;

struct store_line {
	uint64_t rate; /* bit/s of attachments; 0: no bound */
	struct hours window, files; /* of documents, and of attachments within that */
	bool urgent_waits; /* also what is urgent waits for them */
};

typedef int store_line_fn(void *arg, const char *party, const struct store_line *line);
int store_line_each(struct db *db, store_line_fn *fn, void *arg);

/* Called from a store_apply. */
int store_line_put(struct db *db, const char *party, const struct store_line *line);

#endif
