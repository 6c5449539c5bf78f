/*
 * tally - what this node has itself written into each table, added up, so that it sees what anybody else did to its database
 * (RXP-LOG-031).
 *
 * For each table, and in it for each party that its rows are of, the database has the number of rows and the sum of their keyed
 * digests (tally_sum.h). Each change of a row that goes through this connection changes them in the same transaction; whoever
 * writes without it leaves them behind. The key is not there but in a box under a key that is derived from the storage key, and
 * over all of the sums stands one more keyed digest, so that none of them can be taken from an older copy with its table.
 *
 * db.h calls what follows around its statements; tally_look.h holds the tables against it.
 *
 * Errors: RXP_ERR_IO, RXP_ERR_NOMEM, RXP_ERR_DAMAGED, RXP_ERR_CRYPTO.
 */
#ifndef REGISTRY_STORE_TALLY_H
#define REGISTRY_STORE_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"

struct sqlite3;
struct tally;

enum tally_table {
#define TABLE(name, peer, octets, digest, sends, holds) TALLY_##name,
#include "daemon/registry/store/table.def"
#undef TABLE
	TALLY_TABLES
};

/* The name of a table of that number, counted from 1; "sums" of 0: the sums themselves; NULL: there is none. */
const char *tally_name(uint64_t number);
/* May something leave that would not have left, where a table of that number, or the sums, is not as this node wrote it? */
bool tally_sends(uint64_t number);

/* Read the sums, and follow what is done through the connection from now on. keys: TALLY_OCTETS each, the first the one that
 * the tally's own key is put under from now on. Nothing is written before the next transaction is. RXP_ERR_KEY: no keys. */
int tally_new(struct tally **out, struct sqlite3 *handle, struct bytes keys);
void tally_free(struct tally *t); /* before the connection is closed; NULL is allowed */

/* A digest of these values under the key of the sums: that this node wrote them. `what` is no table's name. RXP_ERR_CRYPTO. */
struct tally_cell;
struct tally_sum;
int tally_prove(struct tally *t, const char *what, const struct tally_cell *cells, size_t n,
    struct tally_sum *out);

/* In a transaction: hold a proof, with the sums, as the one of that party, in the place of the one before; NULL: none any more. So
 * what was proved before proves nothing now. Is it the one? None is where the sums were found altered. RXP_ERR_NOMEM. */
int tally_hold(struct tally *t, const char *party, const struct tally_sum *proof);
bool tally_holds(const struct tally *t, const char *party, const struct tally_sum *proof);

/* What has changed so far in this transaction; and take back what came since, as the database did. */
size_t tally_mark(const struct tally *t);
void tally_undo(struct tally *t, size_t mark);

/* Why a change could not be followed, since this was asked last: the transaction must not be committed. 0: all were. */
int tally_failure(struct tally *t);

/* In a transaction, before its commit: the sums go with it. After it: what has changed is for good. */
int tally_flush(struct tally *t);
void tally_kept(struct tally *t);

#endif
