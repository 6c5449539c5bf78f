/*
 * shape - does a database have the tables that this version makes? The version of the schema alone does not say so: data that a
 * version made which was never released have the same.
 */
#ifndef REGISTRY_SHAPE_H
#define REGISTRY_SHAPE_H

struct sqlite3;

/* RXP_ERR_SCHEMA: it has others, other indexes, or a trigger or view; what ANALYZE leaves does not count. RXP_ERR_NOMEM, RXP_ERR_CRYPTO; RXP_ERR_DAMAGED: its
 * schema cannot be read. */
int shape_check(struct sqlite3 *handle);

#endif
