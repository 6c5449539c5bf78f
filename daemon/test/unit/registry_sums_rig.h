/*
 * registry_sums_rig - what tests of the sums of tables (tally.h) share: a database in memory in which a test writes as the node and
 * as a hand, rows for every table, and what the look at them tells.
 */
#ifndef UNIT_REGISTRY_SUMS_RIG_H
#define UNIT_REGISTRY_SUMS_RIG_H

#include "daemon/test/unit/registry_world.h"

#include <sqlite3.h>

#include "daemon/registry/store/tally.h"
#include "daemon/registry/store/tally_look.h"

#define SUMS_TEXT_MAX 4096

extern struct sums {
	sqlite3 *db;
	struct tally *tally;
} sums;

extern const uint8_t sums_key[TALLY_OCTETS];

int sums_set_up(void **state);
int sums_tear_down(void **state);

/* The node starts on the database, and ends. */
void sums_start(void);
void sums_stop(void);
/* SQL, by the node if it has started, else by a hand. */
void sums_write(const char *format, ...);
void sums_commit(void);
sqlite3_stmt *sums_ask(const char *text);

struct sums_told {
	unsigned n;
	struct tally_difference first, last;
	char parties[8][RXP_PARTY_TEXT];
};
void sums_tell(void *told, const struct tally_difference *d);
struct sums_told sums_look(void); /* at everything */
struct sums_told sums_look_at(size_t table); /* at one table alone, once since the start */

/* --- rows for every table ------------------------------------------------------------------------------- */

extern const struct sums_table {
	const char *name, *party, *octets, *digest;
} sums_tables[TALLY_TABLES];

uint64_t sums_number(const char *table); /* in table.def; it must be there */

/* As schema and table.def have them. */
struct sums_columns {
	int n;
	char name[64][32], type[64][16];
	const char *party, *octets, *digest;
};
void sums_read_columns(struct sums_columns *c, size_t table);
/* One that no other column, and no row of another salt, has. */
const char *sums_value(char to[128], const struct sums_columns *c, int i, unsigned salt);
/* The row of that salt, as text for SQLite. */
void sums_put_row(char *to, size_t size, const struct sums_columns *c, size_t table, unsigned salt);
/* Three rows of each table, which the node wrote. */
void sums_fill(void);

#endif
