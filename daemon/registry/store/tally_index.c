#include "daemon/registry/store/tally_index.h"

#include <stdlib.h>
#include <string.h>

#include <sqlite3.h>

#include "daemon/registry/store/tally_in.h"
#include "protocol/base/err.h"

#define COLUMNS_MAX 12
#define INDEXES_MAX 32

/* An index. Its columns are texts of the schema; behind those that it orders by come those that name the row. */
struct index {
	char *name, *sql; /* sql: NULL if SQLite made it for a constraint */
	char *columns[COLUMNS_MAX];
	const char *where; /* of sql: which rows it is of; NULL: all */
	int n;
	int key[TALLY_PRIMARY_MAX]; /* which columns name the row */
	sqlite3_stmt *values, *find;
};

struct tally_indexes {
	struct tally *t;
	const char *table;
	const struct tally_of *of;
	int n_key;
	char *primary; /* the index that is the table itself; NULL: its rows have numbers */
	sqlite3_stmt *numbered; /* is there a row of that number? NULL: they have none */
	struct index indexes[INDEXES_MAX];
	size_t n;
	/* where the look at their entries stands */
	size_t at;
	bool begun; /* behind the entry that place has */
	int same; /* of that so many columns are looked at to their end, but for those that follow */
	struct tally_cell place[COLUMNS_MAX];
	void *copy; /* of their octets */
	/* what was found */
	bool differs;
	struct tally_sum names;
};

int tally_not_read(int result)
{
	switch (result & 0xff) {
	case SQLITE_NOMEM:
		return RXP_ERR_NOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return RXP_ERR_DAMAGED;
	default:
		return RXP_ERR_IO;
	}
}

/* --- what the schema says -------------------------------------------------------------------------------- */

static int prepare(sqlite3_stmt **out, const struct tally_indexes *x, const char *text)
{
	int rc =
	    text == NULL ? SQLITE_NOMEM : sqlite3_prepare_v2(x->t->handle, text, -1, out, NULL);

	return rc == SQLITE_OK ? 0 : tally_not_read(rc);
}

static int ask_of(
    sqlite3_stmt **out, const struct tally_indexes *x, const char *text, const char *name)
{
	int rc = prepare(out, x, text);

	if (rc == 0 && sqlite3_bind_text(*out, 1, name, -1, SQLITE_STATIC) != SQLITE_OK)
		rc = RXP_ERR_NOMEM;
	return rc;
}

static int copy_text(char **out, const void *text)
{
	*out = text != NULL ? strdup(text) : NULL;
	return *out != NULL ? 0 : RXP_ERR_NOMEM;
}

/* The text of one column of `CREATE INDEX name ON table (a, f(b, 2)) WHERE …`: from *at to the comma or the end of the list. */
static char *take_column(const char **at)
{
	const char *begin = *at;
	int depth = 0;
	char *text;

	while (**at != '\0' && (depth > 0 || (**at != ',' && **at != ')'))) {
		depth += **at == '(';
		depth -= **at == ')';
		++*at;
	}
	text = strndup(begin, (size_t)(*at - begin));
	if (**at != '\0')
		++*at;
	return text;
}

static void read_where(struct index *i, const char *behind)
{
	static const char word[] = "WHERE ";
	const char *where = behind != NULL ? strstr(behind, word) : NULL;

	i->where = where != NULL ? where + sizeof word - 1 : NULL;
}

/* Which column of the index names the row: the number of a row has the number -1. */
static void note_key(const struct tally_indexes *x, struct index *i, int column)
{
	for (int k = 0; k < x->n_key; k++)
		if (column == (x->of->n_primary == 0 ? -1 : x->of->primary[k]))
			i->key[k] = i->n;
}

static int read_columns(struct tally_indexes *x, struct index *i)
{
	static const char text[] =
	    "SELECT cid, name, \"key\", \"desc\" OR coll <> 'BINARY' FROM pragma_index_xinfo(?1) ORDER BY seqno";
	const char *at = i->sql != NULL ? strchr(i->sql, '(') : NULL;
	sqlite3_stmt *s = NULL;
	int step = SQLITE_ERROR, rc = ask_of(&s, x, text, i->name);

	at = at != NULL ? at + 1 : NULL;
	while (rc == 0 && (step = sqlite3_step(s)) == SQLITE_ROW) {
		const bool orders = sqlite3_column_int(s, 2) != 0;
		const int column = sqlite3_column_int(s, 0);

		if (i->n == COLUMNS_MAX || sqlite3_column_int(s, 3) != 0)
			abort(); /* the schema has no such index */
		note_key(x, i, column);
		if (orders && at != NULL)
			rc = (i->columns[i->n] = take_column(&at)) != NULL ? 0 : RXP_ERR_NOMEM;
		else
			rc = copy_text(&i->columns[i->n],
			    column == -1 ? "rowid" : (const char *)sqlite3_column_text(s, 1));
		i->n++;
	}
	sqlite3_finalize(s);
	read_where(i, at);
	return rc != 0 ? rc : step == SQLITE_DONE ? 0 : tally_not_read(step);
}

static int read_index(struct tally_indexes *x, sqlite3_stmt *s)
{
	struct index *i = &x->indexes[x->n];
	int rc;

	if (x->of->n_primary > 0 && strcmp((const char *)sqlite3_column_text(s, 1), "pk") == 0)
		return copy_text(&x->primary, sqlite3_column_text(s, 0));
	if (x->n == INDEXES_MAX)
		abort();
	x->n++;
	rc = copy_text(&i->name, sqlite3_column_text(s, 0));
	if (rc == 0 && sqlite3_column_type(s, 2) != SQLITE_NULL)
		rc = copy_text(&i->sql, sqlite3_column_text(s, 2));
	return rc != 0 ? rc : read_columns(x, i);
}

static int read_indexes(struct tally_indexes *x)
{
	static const char text[] = "SELECT l.name, l.origin, s.sql FROM pragma_index_list(?1) l "
				   "LEFT JOIN sqlite_schema s ON s.name = l.name ORDER BY l.name";
	sqlite3_stmt *s = NULL;
	int step = SQLITE_ERROR, rc = ask_of(&s, x, text, x->table);

	while (rc == 0 && (step = sqlite3_step(s)) == SQLITE_ROW)
		rc = read_index(x, s);
	sqlite3_finalize(s);
	return rc != 0 ? rc : step == SQLITE_DONE ? 0 : tally_not_read(step);
}

/* --- statements ------------------------------------------------------------------------------------------ */

static void put_columns(sqlite3_str *to, const struct index *i)
{
	for (int k = 0; k < i->n; k++)
		sqlite3_str_appendf(to, "%s%s", k > 0 ? ", " : "", i->columns[k]);
}

static int finish(sqlite3_stmt **out, const struct tally_indexes *x, sqlite3_str *text)
{
	char *all = sqlite3_str_finish(text);
	int rc = prepare(out, x, all);

	sqlite3_free(all);
	return rc;
}

/* The values that a row has for an index, past it; none if the index is not of that row. */
static int ask_values(const struct tally_indexes *x, struct index *i)
{
	sqlite3_str *text = sqlite3_str_new(x->t->handle);

	sqlite3_str_appendall(text, "SELECT ");
	put_columns(text, i);
	sqlite3_str_appendf(text, " FROM %s %s%s WHERE (%s)", x->table,
	    x->primary != NULL ? "INDEXED BY " : "NOT INDEXED",
	    x->primary != NULL ? x->primary : "", i->where != NULL ? i->where : "1");
	for (int k = 0; k < x->n_key; k++)
		sqlite3_str_appendf(text, " AND %s = ?%d", i->columns[i->key[k]], k + 1);
	return finish(&i->values, x, text);
}

/* The entry with these values, by the index alone. */
static int ask_find(const struct tally_indexes *x, struct index *i)
{
	sqlite3_str *text = sqlite3_str_new(x->t->handle);

	sqlite3_str_appendf(text, "SELECT 1 FROM %s INDEXED BY %s WHERE (%s)", x->table, i->name,
	    i->where != NULL ? i->where : "1");
	for (int k = 0; k < i->n; k++)
		sqlite3_str_appendf(text, " AND %s IS ?%d", i->columns[k], k + 1);
	return finish(&i->find, x, text);
}

static int bind_cells(sqlite3_stmt *s, const struct tally_cell *cells, int n)
{
	int rc = SQLITE_OK;

	for (int k = 0; rc == SQLITE_OK && k < n; k++) {
		const struct tally_cell *c = &cells[k];

		if (c->kind == TALLY_NUMBER)
			rc = sqlite3_bind_int64(s, k + 1, c->number);
		else if (c->kind == TALLY_WORDS)
			rc = sqlite3_bind_text64(s, k + 1, c->len > 0 ? c->at : "", c->len,
			    SQLITE_TRANSIENT, SQLITE_UTF8);
		else if (c->kind == TALLY_OCTET_RUN)
			rc = sqlite3_bind_blob64(
			    s, k + 1, c->len > 0 ? c->at : "", c->len, SQLITE_TRANSIENT);
		else
			rc = sqlite3_bind_null(s, k + 1);
	}
	return rc == SQLITE_OK ? 0 : RXP_ERR_NOMEM;
}

static int ask_numbered(struct tally_indexes *x)
{
	sqlite3_str *text;

	if (x->primary != NULL)
		return 0;
	text = sqlite3_str_new(x->t->handle);
	sqlite3_str_appendf(text, "SELECT 1 FROM %s NOT INDEXED WHERE rowid = ?1", x->table);
	return finish(&x->numbered, x, text);
}

/* From the place on, in the order that the index itself has: the entries that are as it in so many columns and behind it in the
 * next one. */
static int ask_entries(sqlite3_stmt **out, const struct tally_indexes *x, const struct index *i)
{
	sqlite3_str *text = sqlite3_str_new(x->t->handle);
	int rc;

	sqlite3_str_appendall(text, "SELECT ");
	put_columns(text, i);
	sqlite3_str_appendf(text, " FROM %s INDEXED BY %s WHERE (%s)", x->table, i->name,
	    i->where != NULL ? i->where : "1");
	for (int k = 0; x->begun && k < x->same; k++)
		sqlite3_str_appendf(text, " AND %s IS ?%d", i->columns[k], k + 1);
	if (x->begun && x->place[x->same].kind == TALLY_NULL)
		sqlite3_str_appendf(text, " AND %s IS NOT NULL", i->columns[x->same]);
	else if (x->begun)
		sqlite3_str_appendf(text, " AND %s > ?%d", i->columns[x->same], x->same + 1);
	rc = finish(out, x, text);
	if (rc != 0 || !x->begun)
		return rc;
	return bind_cells(*out, x->place, x->same + (x->place[x->same].kind == TALLY_NULL ? 0 : 1));
}

/* --- what is found --------------------------------------------------------------------------------------- */

enum found {
	FOUND_NO_ENTRY = 1, /* a row without one */
	FOUND_NO_ROW, /* an entry without one, or of another one */
	FOUND_NO_ORDER, /* whoever asks does not come behind this */
	FOUND_NO_NUMBER, /* a row to which its own number does not lead; of no index */
};

static int found(struct tally_indexes *x, const char *index, enum found what,
    const struct tally_cell *cells, int n)
{
	const struct tally_cell name = {.kind = TALLY_WORDS, .at = index, .len = strlen(index)},
				kind = {.kind = TALLY_NUMBER, .number = what};
	struct tally_sum one;
	int rc = tally_begin(x->t->key, "index");

	if (rc == 0)
		rc = tally_put(x->t->key, &name);
	if (rc == 0)
		rc = tally_put(x->t->key, &kind);
	for (int k = 0; rc == 0 && k < n; k++)
		rc = tally_put(x->t->key, &cells[k]);
	if (rc == 0)
		rc = tally_end(x->t->key, &one);
	if (rc != 0)
		return rc;
	x->differs = true;
	tally_add(&x->names, &one);
	return 0;
}

/* An entry that leads nowhere is for SQLite a page that is damaged: that is of the index, and none that is asked for. */
static int outcome(int step)
{
	switch (step & 0xff) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
	case SQLITE_CORRUPT:
		return 0;
	default:
		return tally_not_read(step);
	}
}

void tally_read_cells(struct tally_cell *cells, sqlite3_stmt *s, int n, size_t *octets)
{
	for (int i = 0; i < n; i++) {
		struct tally_cell *c = &cells[i];

		*c = (struct tally_cell){.kind = TALLY_NULL};
		switch (sqlite3_column_type(s, i)) {
		case SQLITE_INTEGER:
			c->kind = TALLY_NUMBER;
			c->number = sqlite3_column_int64(s, i);
			break;
		case SQLITE_NULL:
			break;
		default:
			c->kind = sqlite3_column_type(s, i) == SQLITE_TEXT ? TALLY_WORDS
									   : TALLY_OCTET_RUN;
			c->at = sqlite3_column_blob(s, i);
			c->len = (size_t)sqlite3_column_bytes(s, i);
			if (octets != NULL)
				*octets += c->len;
		}
	}
}

/* 1: there is such a row, as s has it. */
static int run_with(sqlite3_stmt *s, const struct tally_cell *cells, int n)
{
	int rc = bind_cells(s, cells, n);

	return rc != 0 ? rc : outcome(sqlite3_step(s));
}

static void let_go(sqlite3_stmt *s)
{
	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
}

/* --- rows ------------------------------------------------------------------------------------------------ */

static int look_for_row(struct tally_indexes *x, struct index *i, const struct tally_cell *key)
{
	struct tally_cell cells[COLUMNS_MAX] = {{0}};
	int rc = run_with(i->values, key, x->n_key);

	if (rc == 1) {
		tally_read_cells(cells, i->values, i->n, NULL);
		rc = run_with(i->find, cells, i->n);
		if (rc == 0)
			rc = found(x, i->name, FOUND_NO_ENTRY, cells, i->n);
		let_go(i->find);
	}
	let_go(i->values);
	return rc == 1 ? 0 : rc;
}

static int look_for_number(struct tally_indexes *x, const struct tally_cell *number)
{
	int rc = run_with(x->numbered, number, 1);

	let_go(x->numbered);
	if (rc == 0)
		rc = found(x, "", FOUND_NO_NUMBER, number, 1);
	return rc == 1 ? 0 : rc;
}

int tally_indexes_row(struct tally_indexes *x, const struct tally_cell *key)
{
	int rc = x->numbered != NULL ? look_for_number(x, key) : 0;

	for (size_t i = 0; rc == 0 && i < x->n; i++)
		rc = look_for_row(x, &x->indexes[i], key);
	return rc;
}

/* --- entries --------------------------------------------------------------------------------------------- */

static int compare(const struct tally_cell *a, const struct tally_cell *b, int n)
{
	int order = 0;

	for (int k = 0; order == 0 && k < n; k++)
		order = tally_compare(&a[k], &b[k]);
	return order;
}

static int keep_place(struct tally_indexes *x, const struct tally_cell *cells, int n)
{
	size_t len = 1, at = 0;
	uint8_t *copy;

	for (int k = 0; k < n; k++)
		len += cells[k].len;
	copy = malloc(len);
	if (copy == NULL)
		return RXP_ERR_NOMEM;
	for (int k = 0; k < n; k++) {
		x->place[k] = cells[k];
		if (cells[k].len > 0)
			memcpy(copy + at, cells[k].at, cells[k].len);
		x->place[k].at = copy + at;
		at += cells[k].len;
	}
	free(x->copy);
	x->copy = copy;
	x->begun = true;
	return 0;
}

static int look_for_entry(struct tally_indexes *x, struct index *i, const struct tally_cell *cells)
{
	struct tally_cell key[TALLY_PRIMARY_MAX] = {{0}}, row[COLUMNS_MAX];
	int rc;

	for (int k = 0; k < x->n_key; k++)
		key[k] = cells[i->key[k]];
	rc = run_with(i->values, key, x->n_key);
	if (rc == 1) {
		tally_read_cells(row, i->values, i->n, NULL);
		rc = compare(row, cells, i->n) == 0;
	}
	if (rc == 0)
		rc = found(x, i->name, FOUND_NO_ROW, cells, i->n);
	let_go(i->values);
	return rc == 1 ? 0 : rc;
}

static void begin_index(struct tally_indexes *x, size_t at)
{
	x->at = at;
	x->begun = false;
}

/* Entries that one statement gives. 1: there are more of them. */
static int look_at_some(struct tally_indexes *x, struct index *i, sqlite3_stmt *s, size_t *left)
{
	struct tally_cell cells[COLUMNS_MAX] = {{0}};
	int step = SQLITE_ROW, rc = 0;

	while (rc == 0 && *left > 0 && (step = sqlite3_step(s)) == SQLITE_ROW) {
		--*left;
		tally_read_cells(cells, s, i->n, NULL);
		if (x->begun && compare(x->place, cells, i->n) >= 0)
			step = SQLITE_CORRUPT;
		else if ((rc = look_for_entry(x, i, cells)) == 0)
			rc = keep_place(x, cells, i->n);
		if (step != SQLITE_ROW)
			break;
	}
	if (rc != 0 || step == SQLITE_ROW)
		return rc != 0 ? rc : 1;
	if ((step & 0xff) != SQLITE_CORRUPT)
		return outcome(step);
	rc = found(x, i->name, FOUND_NO_ORDER, x->place, x->begun ? i->n : 0);
	begin_index(x, x->at + 1);
	return rc;
}

int tally_indexes_on(struct tally_indexes *x, size_t entries)
{
	while (x->at < x->n) {
		const size_t at = x->at;
		struct index *i = &x->indexes[at];
		const bool begun = x->begun;
		sqlite3_stmt *s = NULL;
		int rc = ask_entries(&s, x, i);

		if (rc == 0)
			rc = look_at_some(x, i, s, &entries);
		sqlite3_finalize(s);
		if (rc < 0)
			return rc;
		if (x->at != at)
			continue;
		if (rc == 1) {
			x->same = i->n - 1;
			return 1;
		}
		if (begun && x->same > 0)
			x->same--;
		else
			begin_index(x, at + 1);
	}
	return 0;
}

bool tally_indexes_differ(const struct tally_indexes *x, struct tally_sum *names)
{
	if (x->differs)
		*names = x->names;
	return x->differs;
}

/* --- all of a table -------------------------------------------------------------------------------------- */

const char *tally_indexes_primary(const struct tally_indexes *x)
{
	return x->primary;
}

size_t tally_indexes_count(const struct tally_indexes *x)
{
	return x->n;
}

int tally_indexes_new(struct tally_indexes **out, struct tally *t, unsigned table, const char *name)
{
	struct tally_indexes *x = calloc(1, sizeof *x);
	int rc;

	if (x == NULL)
		return RXP_ERR_NOMEM;
	x->t = t;
	x->table = name;
	x->of = &t->tables[table];
	x->n_key = x->of->n_primary > 0 ? x->of->n_primary : 1;
	rc = read_indexes(x);
	if (rc == 0)
		rc = ask_numbered(x);
	for (size_t i = 0; rc == 0 && i < x->n; i++) {
		rc = ask_values(x, &x->indexes[i]);
		if (rc == 0)
			rc = ask_find(x, &x->indexes[i]);
	}
	if (rc != 0) {
		tally_indexes_free(x);
		return rc;
	}
	*out = x;
	return 0;
}

void tally_indexes_free(struct tally_indexes *x)
{
	if (x == NULL)
		return;
	for (size_t k = 0; k < x->n; k++) {
		struct index *i = &x->indexes[k];

		for (int c = 0; c < i->n; c++)
			free(i->columns[c]);
		free(i->name);
		free(i->sql);
		sqlite3_finalize(i->values);
		sqlite3_finalize(i->find);
	}
	sqlite3_finalize(x->numbered);
	free(x->primary);
	free(x->copy);
	free(x);
}
