#include "daemon/registry/store/tally.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#define SQLITE_ENABLE_PREUPDATE_HOOK
#include <sqlite3.h>

#include "daemon/registry/store/sqlite_error.h"
#include "daemon/registry/store/tally_in.h"
#include "daemon/registry/store/tally_index.h"
#include "protocol/base/err.h"

#define NO_TABLE (TALLY_PROOFS + 1)
#define CHANGES_FIRST 64

static const struct tally_names tables[TALLY_PROOFS + 1] = {
#define TABLE(name, party, octets, digest, sends, holds) {#name, party, octets, digest, sends},
#include "daemon/registry/store/table.def"
#undef TABLE
    [TALLY_PROOFS] = {"proof", "", "", "", ""}, /* of no table: who it is of is its party */
};

const char *tally_name(uint64_t number)
{
	if (number == 0)
		return "sums";
	return number <= TALLY_TABLES ? tables[number - 1].name : NULL;
}

bool tally_sends(uint64_t number)
{
	return number == 0 || number > TALLY_TABLES || tables[number - 1].sends[0] != '\0';
}

/* NO_TABLE: none that is watched. */
static unsigned table_of(const char *name)
{
	unsigned table = 0;

	while (table < NO_TABLE &&
	       (tables[table].name[0] != name[0] || strcmp(tables[table].name, name) != 0))
		table++;
	return table;
}

/* --- rows ------------------------------------------------------------------------------------------ */

static int entry_of(struct tally *t, unsigned table, const char *party, struct tally_entry **out)
{
	struct tally_entry **at = &t->tables[table].first, *e;

	while (*at != NULL && strcmp((*at)->party, party) < 0)
		at = &(*at)->next;
	if (*at == NULL || strcmp((*at)->party, party) != 0) {
		e = calloc(1, sizeof *e);
		if (e == NULL)
			return RXP_ERR_NOMEM;
		snprintf(e->party, sizeof e->party, "%s", party);
		e->next = *at;
		*at = e;
	}
	*out = *at;
	return 0;
}

/* Of the octets that are left out the number counts: that they are gone is seen at once. */
static int digest_of(
    struct tally *t, unsigned table, const struct tally_cell *cells, struct tally_sum *out)
{
	const struct tally_of *of = &t->tables[table];
	int rc = tally_begin(t->key, tables[table].name);

	for (int i = 0; rc == 0 && i < of->columns; i++) {
		struct tally_cell c = cells[i];

		if (i == of->octets && c.kind != TALLY_NULL)
			c = (struct tally_cell){.kind = TALLY_NUMBER, .number = (int64_t)c.len};
		rc = tally_put(t->key, &c);
	}
	return rc != 0 ? rc : tally_end(t->key, out);
}

int tally_row(struct tally *t, unsigned table, const struct tally_cell *cells,
    struct tally_entry **entry, struct tally_sum *digest)
{
	const struct tally_of *of = &t->tables[table];
	const struct tally_cell *c = of->party >= 0 ? &cells[of->party] : NULL;
	char party[RXP_PARTY_TEXT] = "";
	int rc;

	if (c != NULL && c->kind == TALLY_WORDS && c->len > 0 && c->len < sizeof party)
		memcpy(party, c->at, c->len);
	rc = entry_of(t, table, party, entry);
	return rc != 0 ? rc : digest_of(t, table, cells, digest);
}

void tally_count_row(struct tally_count *count, const struct tally_sum *digest, bool gone)
{
	count->rows += gone ? -1 : 1;
	if (gone)
		tally_take(&count->sum, digest);
	else
		tally_add(&count->sum, digest);
}

bool tally_passed(
    const struct tally *t, unsigned table, const struct tally_cell *cells, int64_t number)
{
	const struct tally_of *of = &t->tables[table];

	if (t->look.table != table || !t->look.begun)
		return false;
	if (of->n_primary == 0)
		return number <= t->look.number;
	for (int i = 0; i < of->n_primary; i++) {
		int order = tally_compare(&cells[of->primary[i]], &t->look.primary[i]);

		if (order != 0)
			return order < 0;
	}
	return true;
}

/* --- changes --------------------------------------------------------------------------------------- */

static int note(struct tally *t, const struct tally_change *c)
{
	if (t->n_changes == t->room) {
		size_t room = t->room == 0 ? CHANGES_FIRST : 2 * t->room;
		struct tally_change *changes = realloc(t->changes, room * sizeof *changes);

		if (changes == NULL)
			return RXP_ERR_NOMEM;
		t->changes = changes;
		t->room = room;
	}
	t->changes[t->n_changes++] = *c;
	return 0;
}

static void count(struct tally_change *c, bool gone)
{
	tally_count_row(&c->of->written, &c->digest, gone);
	if (c->seen)
		tally_count_row(&c->of->seen, &c->digest, gone);
	c->of->touched = true;
}

typedef int value_of(sqlite3 *handle, int column, sqlite3_value **out);

static int read_cells(struct tally_cell *cells, int n, sqlite3 *handle, value_of *value)
{
	for (int i = 0; i < n; i++) {
		struct tally_cell *c = &cells[i];
		sqlite3_value *v = NULL;

		*c = (struct tally_cell){.kind = TALLY_NULL};
		if (value(handle, i, &v) != SQLITE_OK)
			return RXP_ERR_NOMEM;
		switch (sqlite3_value_type(v)) {
		case SQLITE_INTEGER:
			c->kind = TALLY_NUMBER;
			c->number = sqlite3_value_int64(v);
			break;
		case SQLITE_NULL:
			break;
		default:
			c->kind =
			    sqlite3_value_type(v) == SQLITE_TEXT ? TALLY_WORDS : TALLY_OCTET_RUN;
			c->at = sqlite3_value_blob(v);
			c->len = (size_t)sqlite3_value_bytes(v);
		}
	}
	return 0;
}

static int follow(struct tally *t, unsigned table, value_of *value, int64_t number, bool gone)
{
	struct tally_cell cells[TALLY_COLUMNS_MAX];
	struct tally_change c = {.gone = gone};
	int rc = read_cells(cells, t->tables[table].columns, t->handle, value);

	if (rc == 0)
		rc = tally_row(t, table, cells, &c.of, &c.digest);
	if (rc == 0) {
		c.seen = tally_passed(t, table, cells, number);
		rc = note(t, &c);
	}
	if (rc == 0)
		count(&c, gone);
	return rc;
}

/* Before a row is another one. */
static void on_change(void *arg, sqlite3 *handle, int op, const char *database, const char *name,
    sqlite3_int64 before, sqlite3_int64 after)
{
	struct tally *t = arg;
	unsigned table = table_of(name);

	(void)handle;
	(void)database;
	if (table >= TALLY_PROOFS || t->failure != 0)
		return; /* a table of the sums */
	if (op != SQLITE_INSERT)
		t->failure = follow(t, table, sqlite3_preupdate_old, before, true);
	if (op != SQLITE_DELETE && t->failure == 0)
		t->failure = follow(t, table, sqlite3_preupdate_new, after, false);
}

int tally_prove(struct tally *t, const char *what, const struct tally_cell *cells, size_t n,
    struct tally_sum *out)
{
	int rc = tally_begin(t->key, what);

	for (size_t i = 0; rc == 0 && i < n; i++)
		rc = tally_put(t->key, &cells[i]);
	return rc != 0 ? rc : tally_end(t->key, out);
}

/* As a sum of one: it is taken back like any other. */
static int hold(struct tally *t, struct tally_entry *e, const struct tally_sum *proof, bool gone)
{
	const struct tally_change c = {.of = e, .digest = *proof, .gone = gone};
	int rc = note(t, &c);

	if (rc == 0)
		count(&t->changes[t->n_changes - 1], gone);
	return rc;
}

int tally_hold(struct tally *t, const char *party, const struct tally_sum *proof)
{
	struct tally_entry *e;
	int rc = entry_of(t, TALLY_PROOFS, party, &e);

	if (rc == 0 && e->written.rows != 0) {
		const struct tally_sum former = e->written.sum;

		rc = hold(t, e, &former, true);
	}
	return rc != 0 || proof == NULL ? rc : hold(t, e, proof, false);
}

bool tally_holds(const struct tally *t, const char *party, const struct tally_sum *proof)
{
	const struct tally_entry *e = t->tables[TALLY_PROOFS].first;

	while (e != NULL && strcmp(e->party, party) != 0)
		e = e->next;
	return e != NULL && e->written.rows == 1 &&
	       CRYPTO_memcmp(&e->written.sum, proof, sizeof *proof) == 0;
}

/* Who altered the sums may have put back a proof of before with its row. */
static void forget_proofs(struct tally *t)
{
	for (struct tally_entry *e = t->tables[TALLY_PROOFS].first; e != NULL; e = e->next) {
		e->written = (struct tally_count){.rows = 0};
		e->touched = true;
	}
}

size_t tally_mark(const struct tally *t)
{
	return t->n_changes;
}

void tally_undo(struct tally *t, size_t mark)
{
	while (t->n_changes > mark) {
		struct tally_change *c = &t->changes[--t->n_changes];

		count(c, !c->gone);
	}
}

static void on_rollback(void *arg)
{
	tally_undo(arg, 0);
}

int tally_failure(struct tally *t)
{
	int failure = t->failure;

	t->failure = 0;
	return failure;
}

void tally_kept(struct tally *t)
{
	t->n_changes = 0;
	t->stored = true;
}

/* --- storing --------------------------------------------------------------------------------------- */

static bool is_zero(const struct tally_count *c)
{
	static const struct tally_sum zero;

	return c->rows == 0 && memcmp(&c->sum, &zero, sizeof zero) == 0;
}

static int put_entry(struct tally *t, unsigned table, const struct tally_entry *e)
{
	const struct tally_cell cells[] = {
	    {.kind = TALLY_WORDS, .at = tables[table].name, .len = strlen(tables[table].name)},
	    {.kind = TALLY_WORDS, .at = e->party, .len = strlen(e->party)},
	    {.kind = TALLY_NUMBER, .number = e->written.rows},
	    {.kind = TALLY_OCTET_RUN, .at = e->written.sum.octets, .len = TALLY_OCTETS}};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < sizeof cells / sizeof cells[0]; i++)
		rc = tally_put(t->key, &cells[i]);
	return rc;
}

/* Over all sums. What is zero is as if it were not there. */
static int digest_whole(struct tally *t, uint64_t broken, struct tally_sum *out)
{
	const struct tally_cell times = {.kind = TALLY_NUMBER, .number = (int64_t)broken};
	int rc = tally_begin(t->key, "");

	for (unsigned i = 0; rc == 0 && i <= TALLY_PROOFS; i++)
		for (const struct tally_entry *e = t->tables[i].first; rc == 0 && e != NULL;
		     e = e->next)
			if (!is_zero(&e->written))
				rc = put_entry(t, i, e);
	if (rc == 0)
		rc = tally_put(t->key, &times);
	return rc != 0 ? rc : tally_end(t->key, out);
}

/* With the values that are bound. */
static int run(sqlite3_stmt *s)
{
	int rc = sqlite_error(sqlite3_step(s));

	sqlite3_reset(s);
	sqlite3_clear_bindings(s);
	return rc;
}

static int store_entry(const struct tally *t, unsigned table, const struct tally_entry *e)
{
	sqlite3_bind_text(t->put, 1, tables[table].name, -1, SQLITE_STATIC);
	sqlite3_bind_text(t->put, 2, e->party, -1, SQLITE_STATIC);
	sqlite3_bind_int64(t->put, 3, e->written.rows);
	sqlite3_bind_blob(t->put, 4, e->written.sum.octets, TALLY_OCTETS, SQLITE_STATIC);
	return run(t->put);
}

static int store_whole(const struct tally *t, const struct tally_sum *whole)
{
	sqlite3_bind_int64(t->put_whole, 1, (sqlite3_int64)t->broken);
	sqlite3_bind_blob(t->put_whole, 2, t->wrapped, sizeof t->wrapped, SQLITE_STATIC);
	sqlite3_bind_blob(t->put_whole, 3, whole->octets, TALLY_OCTETS, SQLITE_STATIC);
	return run(t->put_whole);
}

/* What is taken back behind the commit is stored again: it stays touched until then. */
int tally_flush(struct tally *t)
{
	struct tally_sum whole;
	int rc = 0;

	if (t->stored && t->n_changes == 0)
		return 0;
	for (unsigned i = 0; rc == 0 && i <= TALLY_PROOFS; i++)
		for (struct tally_entry *e = t->tables[i].first; rc == 0 && e != NULL; e = e->next)
			if (e->touched) {
				rc = store_entry(t, i, e);
				e->touched = rc != 0;
			}
	if (rc == 0)
		rc = digest_whole(t, t->broken, &whole);
	return rc != 0 ? rc : store_whole(t, &whole);
}

/* --- reading --------------------------------------------------------------------------------------- */

/* Octets of a column, if they are so many. */
static bool fill(uint8_t *out, size_t len, sqlite3_stmt *s, int column)
{
	const void *at = sqlite3_column_blob(s, column);

	if (at == NULL || (size_t)sqlite3_column_bytes(s, column) != len)
		return false;
	memcpy(out, at, len);
	return true;
}

/* What cannot be one is none; the digest over all tells it. */
static int take_row(struct tally *t, sqlite3_stmt *s)
{
	const char *name = (const char *)sqlite3_column_text(s, 0);
	const char *party = (const char *)sqlite3_column_text(s, 1);
	struct tally_entry *e;
	unsigned table;
	int rc;

	if (name == NULL || party == NULL)
		return RXP_ERR_NOMEM;
	table = table_of(name);
	if (table == NO_TABLE || strlen(party) >= RXP_PARTY_TEXT)
		return 0;
	rc = entry_of(t, table, party, &e);
	if (rc != 0)
		return rc;
	e->written.rows = sqlite3_column_int64(s, 2);
	if (!fill(e->written.sum.octets, TALLY_OCTETS, s, 3))
		memset(&e->written.sum, 0, sizeof e->written.sum);
	return 0;
}

static int prepare(sqlite3_stmt **out, sqlite3 *handle, const char *text)
{
	return sqlite_error(
	    sqlite3_prepare_v3(handle, text, -1, SQLITE_PREPARE_PERSISTENT, out, NULL));
}

static int take_rows(struct tally *t, sqlite3 *handle)
{
	sqlite3_stmt *s = NULL;
	int rc = prepare(&s, handle, "SELECT name, party, rows, sum FROM tally");
	int step = SQLITE_DONE;

	while (rc == 0 && (step = sqlite3_step(s)) == SQLITE_ROW)
		rc = take_row(t, s);
	sqlite3_finalize(s);
	return rc != 0 ? rc : sqlite_error(step);
}

/* What stands over all of them: the digest as stored, and the key in its box. *has: there is that. */
static int take_whole(struct tally *t, sqlite3 *handle, struct tally_sum *said, bool *has)
{
	sqlite3_stmt *s = NULL;
	int rc = prepare(&s, handle, "SELECT broken, wrapped, digest FROM tally_whole");
	int step = rc == 0 ? sqlite3_step(s) : SQLITE_DONE;

	*has = false;
	if (step == SQLITE_ROW) {
		t->broken = (uint64_t)sqlite3_column_int64(s, 0);
		*has = fill(t->wrapped, sizeof t->wrapped, s, 1) &&
		       fill(said->octets, TALLY_OCTETS, s, 2);
	}
	sqlite3_finalize(s);
	return rc != 0 ? rc : sqlite_error(step);
}

/* The key of the sums, out of its box, or another if it has none. */
static int take_key(struct tally *t, bool has, struct bytes keys)
{
	uint8_t key[TALLY_OCTETS];
	int rc = RXP_ERR_KEY;

	for (size_t at = 0; has && rc == RXP_ERR_KEY && at < keys.len; at += TALLY_OCTETS)
		rc = tally_unwrap(key, keys.data + at, t->wrapped);
	if (rc == RXP_ERR_KEY)
		rc = RAND_bytes_ex(NULL, key, sizeof key, 0) == 1 ? 0 : RXP_ERR_CRYPTO;
	if (rc == 0)
		rc = tally_wrap(t->wrapped, keys.data, key);
	if (rc == 0)
		rc = tally_key_new(&t->key, key);
	OPENSSL_cleanse(key, sizeof key);
	return rc;
}

/* Is nothing there, as in a database that was made just now? */
static int look_new(bool *anew, sqlite3 *handle)
{
	sqlite3_stmt *s = NULL;
	int rc = prepare(&s, handle,
	    "SELECT 1 FROM node UNION ALL SELECT 1 FROM tally UNION ALL SELECT 1 FROM tally_whole LIMIT 1");
	int step = rc == 0 ? sqlite3_step(s) : SQLITE_DONE;

	*anew = step == SQLITE_DONE;
	sqlite3_finalize(s);
	return rc != 0 ? rc : sqlite_error(step);
}

static int load(struct tally *t, sqlite3 *handle, struct bytes keys)
{
	struct tally_sum said = {{0}}, is;
	bool anew = false, has = false;
	int rc = look_new(&anew, handle);

	if (rc == 0)
		rc = take_rows(t, handle);
	if (rc == 0)
		rc = take_whole(t, handle, &said, &has);
	if (rc == 0)
		rc = take_key(t, has, keys);
	if (rc == 0)
		rc = digest_whole(t, t->broken, &is);
	if (rc == 0 && !anew && CRYPTO_memcmp(&is, &said, sizeof is) != 0) {
		t->broken++;
		forget_proofs(t);
	}
	if (rc == 0)
		rc = prepare(
		    &t->put, handle, "INSERT OR REPLACE INTO tally VALUES (?1, ?2, ?3, ?4)");
	return rc != 0 ? rc
		       : prepare(&t->put_whole, handle,
			     "INSERT OR REPLACE INTO tally_whole VALUES (1, ?1, ?2, ?3)");
}

/* --- the whole ------------------------------------------------------------------------------------ */

int tally_new(struct tally **out, struct sqlite3 *handle, struct bytes keys)
{
	struct tally *t = calloc(1, sizeof *t);
	int rc = t == NULL                                       ? RXP_ERR_NOMEM
		 : keys.len == 0 || keys.len % TALLY_OCTETS != 0 ? RXP_ERR_KEY
								 : 0;

	for (unsigned i = 0; rc == 0 && i < TALLY_TABLES; i++)
		rc = tally_shape(&t->tables[i], handle, &tables[i]);
	if (rc == 0)
		rc = load(t, handle, keys);
	if (rc != 0) {
		tally_free(t);
		return rc;
	}
	t->handle = handle;
	sqlite3_preupdate_hook(handle, on_change, t);
	sqlite3_rollback_hook(handle, on_rollback, t);
	*out = t;
	return 0;
}

void tally_free(struct tally *t)
{
	if (t == NULL)
		return;
	if (t->handle != NULL) {
		sqlite3_preupdate_hook(t->handle, NULL, NULL);
		sqlite3_rollback_hook(t->handle, NULL, NULL);
	}
	for (unsigned i = 0; i <= TALLY_PROOFS; i++) {
		struct tally_entry *e;

		while ((e = t->tables[i].first) != NULL) {
			t->tables[i].first = e->next;
			free(e);
		}
	}
	for (size_t i = 0; i < TALLY_PRIMARY_MAX; i++)
		free(t->look.copies[i]);
	tally_indexes_free(t->look.indexes);
	sqlite3_finalize(t->put);
	sqlite3_finalize(t->put_whole);
	free(t->changes);
	tally_key_free(t->key);
	free(t);
}
