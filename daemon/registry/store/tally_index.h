/*
 * tally_index - holds the indexes of a table against its rows, for tally_look.c alone: whoever asks by an index sees what that leads
 * to, and no sum is over it.
 *
 * Each row must be found where each index leads, and each entry of an index must lead to its row and stand in its order: then
 * there is one of the other for each. Both are looked at a few at a time, so that a table may be of any size.
 *
 * RXP_ERR_NOMEM, RXP_ERR_CRYPTO; RXP_ERR_DAMAGED, RXP_ERR_IO as tally_not_read().
 */
#ifndef REGISTRY_STORE_TALLY_INDEX_H
#define REGISTRY_STORE_TALLY_INDEX_H

#include <stdbool.h>
#include <stddef.h>

#include "daemon/registry/store/tally_sum.h"

struct tally;
struct tally_indexes;

/* Why SQLite gave no row. RXP_ERR_DAMAGED: because of what stands in the file; RXP_ERR_IO: else, which may pass; RXP_ERR_NOMEM. */
int tally_not_read(int result);

/* Those of a table of that name, as the schema has them. */
int tally_indexes_new(
    struct tally_indexes **out, struct tally *t, unsigned table, const char *name);
void tally_indexes_free(
    struct tally_indexes *x); /* before the connection is closed; NULL is allowed */
size_t tally_indexes_count(const struct tally_indexes *x);

/* The index that is the table itself; NULL: its rows have numbers. */
const char *tally_indexes_primary(const struct tally_indexes *x);

/* Does each of them lead to this row, of this number or primary key, and the number too? */
int tally_indexes_row(struct tally_indexes *x, const struct tally_cell *key);

/* So many of their entries more. 1: there is more; 0: that was all. */
int tally_indexes_on(struct tally_indexes *x, size_t entries);

/* Was anything found? names: what, the same as long as it is the same. */
bool tally_indexes_differ(const struct tally_indexes *x, struct tally_sum *names);

#endif
