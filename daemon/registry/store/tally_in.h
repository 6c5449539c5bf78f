/*
 * tally_in - the inside of a tally, for tally.c, tally_shape.c, tally_look.c and tally_index.c alone.
 */
#ifndef REGISTRY_STORE_TALLY_IN_H
#define REGISTRY_STORE_TALLY_IN_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/store/tally.h"
#include "daemon/registry/store/tally_sum.h"
#include "protocol/base/ident.h"

#define TALLY_PROOFS TALLY_TABLES /* behind the tables: what is held (tally_hold()) */
#define TALLY_COLUMNS_MAX 64
#define TALLY_PRIMARY_MAX 8

/* Rows of a party in a table; party "": those of none. */
struct tally_entry {
	struct tally_entry *next; /* by party */
	char party[RXP_PARTY_TEXT];
	struct tally_count {
		int64_t rows;
		struct tally_sum sum;
	} written, seen; /* seen: so far by the look at its table */
	bool touched; /* since it was stored */
};

/* A table and columns of it, as table.def names them; "": it has none such. */
struct tally_names {
	const char *name, *party, *octets, *digest, *sends;
};

/* A table, as its schema has it. -1: no such column. */
struct tally_of {
	int columns, party, octets, digest;
	int primary[TALLY_PRIMARY_MAX]; /* columns, in their order; none: a row has a number */
	int n_primary;
	struct tally_entry *first;
};

/* One change, to be taken back if the database takes it back. */
struct tally_change {
	struct tally_entry *of;
	struct tally_sum digest;
	bool gone; /* a row less */
	bool seen; /* the look had passed its place */
};

struct tally {
	struct sqlite3 *handle;
	struct sqlite3_stmt *put, *put_whole;
	struct tally_key *key;
	uint8_t wrapped[TALLY_WRAPPED_OCTETS];
	struct tally_of tables[TALLY_PROOFS + 1]; /* of the last the entries alone */
	struct tally_change *changes;
	size_t n_changes, room;
	int failure;
	bool stored; /* since they were read */
	uint64_t broken; /* how often the sums were found altered themselves */
	/* the look (tally_look.h): which table, and behind which row of it */
	struct {
		unsigned table;
		unsigned nth; /* it is, of all */
		bool begun; /* a row was read */
		bool rows_over; /* its indexes are looked at */
		bool again; /* it could not be read just before */
		size_t rows; /* of the table so far */
		struct tally_indexes *indexes; /* of the table; NULL: it has not begun */
		int64_t number; /* of the last row, or … */
		struct tally_cell primary[TALLY_PRIMARY_MAX]; /* … its primary key, in copy */
		void *copies[TALLY_PRIMARY_MAX];
	} look;
};

/* Read how many columns it has, and where they stand. RXP_ERR_DAMAGED: the database does not say. */
int tally_shape(struct tally_of *of, struct sqlite3 *handle, const struct tally_names *names);

/* What a row with these values adds, and of which party it is. RXP_ERR_CRYPTO, RXP_ERR_NOMEM. */
int tally_row(struct tally *t, unsigned table, const struct tally_cell *cells,
    struct tally_entry **entry, struct tally_sum *digest);
void tally_count_row(struct tally_count *count, const struct tally_sum *digest, bool gone);

/* The present row of a query, and how many octets more it has; octets may be NULL. */
void tally_read_cells(struct tally_cell *cells, struct sqlite3_stmt *s, int n, size_t *octets);

/* Where the row with these values, or of this number, stands: has the look passed it? */
bool tally_passed(
    const struct tally *t, unsigned table, const struct tally_cell *cells, int64_t number);

#endif
