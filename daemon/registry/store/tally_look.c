#include "daemon/registry/store/tally_look.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <sqlite3.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/tally_in.h"
#include "daemon/registry/store/tally_index.h"
#include "protocol/base/err.h"

#define TEXT_MAX 512

/* --- where the look stands ----------------------------------------------------------------------------- */

static void forget_place(struct tally *t)
{
	for (size_t i = 0; i < TALLY_PRIMARY_MAX; i++) {
		free(t->look.copies[i]);
		t->look.copies[i] = NULL;
	}
	t->look.begun = false;
}

/* What lets something leave comes before all others, for whatever is to leave waits. */
static unsigned table_at(unsigned nth)
{
	unsigned at = 0;

	for (int others = 0; others < 2; others++)
		for (unsigned table = 0; table < TALLY_TABLES; table++)
			if (tally_sends(table + 1ULL) != (bool)others && at++ == nth)
				return table;
	return TALLY_TABLES;
}

static void begin_table(struct tally *t, unsigned nth)
{
	unsigned table = table_at(nth);

	forget_place(t);
	t->look.nth = nth;
	t->look.table = table;
	t->look.rows = 0;
	t->look.rows_over = t->look.again = false;
	tally_indexes_free(t->look.indexes);
	t->look.indexes = NULL;
	if (table < TALLY_TABLES)
		for (struct tally_entry *e = t->tables[table].first; e != NULL; e = e->next)
			e->seen = (struct tally_count){.rows = 0};
}

void tally_look_begin(struct tally *t)
{
	begin_table(t, 0);
}

bool tally_look_sends(const struct tally *t)
{
	return t->look.table < TALLY_TABLES && tally_sends(t->look.table + 1ULL);
}

/* Behind this row. */
static int keep_place(struct tally *t, const struct tally_cell *cells, int64_t number)
{
	const struct tally_of *of = &t->tables[t->look.table];

	forget_place(t);
	t->look.number = number;
	for (int i = 0; i < of->n_primary; i++) {
		struct tally_cell *c = &t->look.primary[i];

		*c = cells[of->primary[i]];
		if (c->kind != TALLY_WORDS && c->kind != TALLY_OCTET_RUN)
			continue;
		t->look.copies[i] = malloc(c->len + 1);
		if (t->look.copies[i] == NULL)
			return RXP_ERR_NOMEM;
		if (c->len > 0)
			memcpy(t->look.copies[i], c->at, c->len);
		c->at = t->look.copies[i];
	}
	t->look.begun = true;
	return 0;
}

/* --- the rows behind it -------------------------------------------------------------------------------- */

/* The columns of the primary key, or the row's number, each with a mark behind it. */
static int put_columns(char *to, size_t size, const struct tally_of *of, sqlite3_stmt *columns)
{
	int len = of->n_primary == 0 ? snprintf(to, size, "rowid") : 0;

	for (int i = 0; i < of->n_primary; i++)
		len += snprintf(to + len, size - (size_t)len, "%s%s", i > 0 ? ", " : "",
		    sqlite3_column_name(columns, of->primary[i]));
	return len;
}

static int bind_place(sqlite3_stmt *s, const struct tally *t)
{
	const struct tally_of *of = &t->tables[t->look.table];
	int rc = SQLITE_OK;

	if (of->n_primary == 0)
		rc = sqlite3_bind_int64(s, 1, t->look.number);
	for (int i = 0; rc == SQLITE_OK && i < of->n_primary; i++) {
		const struct tally_cell *c = &t->look.primary[i];

		if (c->kind == TALLY_NUMBER)
			rc = sqlite3_bind_int64(s, i + 1, c->number);
		else if (c->kind == TALLY_WORDS)
			rc = sqlite3_bind_text64(
			    s, i + 1, c->at, c->len, SQLITE_TRANSIENT, SQLITE_UTF8);
		else
			rc = sqlite3_bind_blob64(s, i + 1, c->at, c->len, SQLITE_TRANSIENT);
	}
	return rc == SQLITE_OK ? 0 : RXP_ERR_NOMEM;
}

/* Their names are of the schema, none of anybody else. By no other index: the figures of ANALYZE, which a hand may have written,
 * would let SQLite read one that has all columns in the place of the table. */
static int ask(sqlite3_stmt **out, const struct tally *t)
{
	static const char *const marks[] = {"?", "?, ?", "?, ?, ?", "?, ?, ?, ?", "?, ?, ?, ?, ?"};
	const struct tally_of *of = &t->tables[t->look.table];
	const char *name = tally_name(t->look.table + 1ULL);
	const char *primary = tally_indexes_primary(t->look.indexes);
	char text[TEXT_MAX], columns[TEXT_MAX / 4], behind[TEXT_MAX / 4 + 32] = "";
	sqlite3_stmt *s = NULL;

	snprintf(text, sizeof text, "SELECT * FROM %s LIMIT 0", name);
	if (sqlite3_prepare_v2(t->handle, text, -1, &s, NULL) != SQLITE_OK)
		return RXP_ERR_IO;
	put_columns(columns, sizeof columns, of, s);
	sqlite3_finalize(s);
	s = NULL;
	if (t->look.begun)
		snprintf(behind, sizeof behind, "WHERE (%s) > (%s) ", columns,
		    marks[of->n_primary == 0 ? 0 : of->n_primary - 1]);
	snprintf(text, sizeof text, "SELECT *%s FROM %s %s%s %sORDER BY %s",
	    of->n_primary == 0 ? ", rowid" : "", name,
	    primary != NULL ? "INDEXED BY " : "NOT INDEXED", primary != NULL ? primary : "", behind,
	    columns);
	if (sqlite3_prepare_v2(t->handle, text, -1, &s, NULL) != SQLITE_OK)
		return RXP_ERR_IO;
	*out = s;
	return t->look.begun ? bind_place(s, t) : 0;
}

/* Are the octets that are no part of the sum those that the row names? */
static bool fits(const struct tally_of *of, const struct tally_cell *cells)
{
	const struct tally_cell *o = of->octets >= 0 ? &cells[of->octets] : NULL, *d;
	uint8_t is[EVP_MAX_MD_SIZE];

	if (o == NULL || o->kind == TALLY_NULL)
		return true;
	d = &cells[of->digest];
	return d->len == TALLY_OCTETS &&
	       EVP_Digest(o->at, o->len, is, NULL, EVP_sha256(), NULL) == 1 &&
	       memcmp(is, d->at, TALLY_OCTETS) == 0;
}

/* Of octets that are others: it stays the same, whatever the node changes in the rest of their row. */
static int add_others(struct tally *t, struct tally_sum *digest, const struct tally_cell *octets)
{
	struct tally_sum others;
	int rc = tally_begin(t->key, "others");

	if (rc == 0)
		rc = tally_put(t->key, octets);
	if (rc == 0)
		rc = tally_end(t->key, &others);
	if (rc == 0)
		tally_add(digest, &others);
	return rc;
}

static int see(struct tally *t, const struct tally_cell *cells)
{
	const struct tally_of *of = &t->tables[t->look.table];
	struct tally_sum digest;
	struct tally_entry *e;
	int rc = tally_row(t, t->look.table, cells, &e, &digest);

	if (rc == 0 && !fits(of, cells))
		rc = add_others(t, &digest, &cells[of->octets]);
	if (rc == 0)
		tally_count_row(&e->seen, &digest, false);
	return rc;
}

/* Does each index lead to it? The place is behind it. */
static int see_by_indexes(struct tally *t)
{
	const struct tally_of *of = &t->tables[t->look.table];
	const struct tally_cell number = {.kind = TALLY_NUMBER, .number = t->look.number};

	return tally_indexes_row(t->look.indexes, of->n_primary > 0 ? t->look.primary : &number);
}

/* 1: there is more of the table. Who asks for a row that does not stand in its order is not led to it, and the look would come to
 * the same rows for ever. */
static int look_at_rows(struct tally *t, sqlite3_stmt *s)
{
	const struct tally_of *of = &t->tables[t->look.table];
	const size_t most =
	    1 + REGISTRY_WATCH_ROWS / (1 + tally_indexes_count(t->look.indexes) / 2);
	struct tally_cell cells[TALLY_COLUMNS_MAX];
	size_t rows = 0, octets = 0;
	int step = SQLITE_ROW, rc = 0;

	while (rc == 0 && rows < most && octets < REGISTRY_WATCH_OCTETS &&
	       (step = sqlite3_step(s)) == SQLITE_ROW) {
		const int64_t number =
		    of->n_primary == 0 ? sqlite3_column_int64(s, of->columns) : 0;

		tally_read_cells(cells, s, of->columns, &octets);
		rc =
		    tally_passed(t, t->look.table, cells, number) ? RXP_ERR_DAMAGED : see(t, cells);
		if (rc == 0)
			rc = keep_place(t, cells, number);
		if (rc == 0)
			rc = see_by_indexes(t);
		rows++;
	}
	t->look.rows += rows;
	if (rc != 0)
		return rc;
	switch (step & 0xff) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return tally_not_read(step);
	}
}

/* --- what differs -------------------------------------------------------------------------------------- */

static void tell_table(const struct tally *t, tally_differs *tell, void *arg)
{
	for (const struct tally_entry *e = t->tables[t->look.table].first; e != NULL; e = e->next) {
		struct tally_difference d = {.table = t->look.table + 1ULL,
		    .written = e->written.rows,
		    .found = e->seen.rows};
		struct tally_sum by = e->seen.sum;

		tally_take(&by, &e->written.sum);
		memcpy(d.party, e->party, sizeof d.party);
		memcpy(d.names, by.octets, sizeof d.names);
		if (e->seen.rows != e->written.rows ||
		    memcmp(&e->seen.sum, &e->written.sum, sizeof by) != 0)
			tell(arg, &d);
	}
}

/* Behind a page that cannot be read nobody knows what is there. */
static void tell_unreadable(const struct tally *t, tally_differs *tell, void *arg)
{
	static const uint8_t unreadable[TALLY_OCTETS] = "unreadable";
	struct tally_difference d = {.table = t->look.table + 1ULL, .found = (int64_t)t->look.rows};

	memcpy(d.names, unreadable, sizeof d.names);
	tell(arg, &d);
}

static void tell_indexes(const struct tally *t, tally_differs *tell, void *arg)
{
	struct tally_difference d = {.table = t->look.table + 1ULL,
	    .written = (int64_t)t->look.rows,
	    .found = (int64_t)t->look.rows};
	struct tally_sum names;

	if (!tally_indexes_differ(t->look.indexes, &names))
		return;
	memcpy(d.names, names.octets, sizeof d.names);
	tell(arg, &d);
}

/* How often names it. */
static void tell_sums(const struct tally *t, tally_differs *tell, void *arg)
{
	struct tally_difference d = {.table = 0, .found = (int64_t)t->broken};

	for (size_t i = 0; i < 8; i++)
		d.names[i] = (uint8_t)(t->broken >> (56 - 8 * i));
	if (t->broken > 0)
		tell(arg, &d);
}

/* 1: there are more rows. */
static int look_on_rows(struct tally *t)
{
	sqlite3_stmt *s = NULL;
	int rc = ask(&s, t);

	if (rc == 0)
		rc = look_at_rows(t, s);
	sqlite3_finalize(s);
	return rc;
}

/* 1: there is more of the table. */
static int look_on_table(struct tally *t, tally_differs *tell, void *arg)
{
	int rc = 0;

	if (t->look.indexes == NULL)
		rc = tally_indexes_new(
		    &t->look.indexes, t, t->look.table, tally_name(t->look.table + 1ULL));
	if (rc != 0)
		return rc;
	if (!t->look.rows_over) {
		rc = look_on_rows(t);
		if (rc == 0 || rc == RXP_ERR_DAMAGED || (rc == RXP_ERR_IO && t->look.again))
			tell_table(t, tell, arg);
		t->look.rows_over = rc == 0;
	}
	return rc != 0 ? rc : tally_indexes_on(t->look.indexes, REGISTRY_WATCH_ENTRIES);
}

/* The table once more, from its first row on. */
static int look_again(struct tally *t)
{
	begin_table(t, t->look.nth);
	t->look.again = true;
	return RXP_ERR_IO;
}

int tally_look_on(struct tally *t, tally_differs *tell, void *arg)
{
	int rc;

	if (t->look.table >= TALLY_TABLES)
		return 0;
	rc = look_on_table(t, tell, arg);
	if (rc == RXP_ERR_IO && !t->look.again)
		return look_again(t);
	if (rc != 0 && rc != RXP_ERR_DAMAGED && rc != RXP_ERR_IO)
		return rc;
	if (rc != 0)
		tell_unreadable(t, tell, arg);
	else
		tell_indexes(t, tell, arg);
	if (t->look.nth == 0)
		tell_sums(t, tell, arg);
	begin_table(t, t->look.nth + 1);
	return t->look.table < TALLY_TABLES ? 1 : 0;
}
