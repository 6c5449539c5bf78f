#include "daemon/test/unit/registry_sums_rig.h"

#include "daemon/registry/store/schema.h"
#include "daemon/registry/store/tally_in.h"

struct sums sums;

const uint8_t sums_key[TALLY_OCTETS] = {7};

void sums_start(void)
{
	assert_int_equal(
	    tally_new(&sums.tally, sums.db, (struct bytes){sums_key, sizeof sums_key}), 0);
}

void sums_stop(void)
{
	tally_free(sums.tally);
	sums.tally = NULL;
}

void sums_write(const char *format, ...)
{
	char *why = NULL, *text;
	va_list list;

	va_start(list, format);
	text = sqlite3_vmprintf(format, list);
	va_end(list);
	if (sqlite3_exec(sums.db, text, NULL, NULL, &why) != SQLITE_OK)
		fail_msg("%s: %s", text, why);
	sqlite3_free(text);
}

void sums_commit(void)
{
	assert_int_equal(tally_failure(sums.tally), 0);
	sums_write("BEGIN");
	assert_int_equal(tally_flush(sums.tally), 0);
	sums_write("COMMIT");
	tally_kept(sums.tally);
}

int sums_set_up(void **state)
{
	(void)state;
	memset(&sums, 0, sizeof sums);
	assert_int_equal(sqlite3_open(":memory:", &sums.db), SQLITE_OK);
	for (size_t i = 0; schema_text(i) != NULL; i++)
		sums_write("%s", schema_text(i));
	sums_write("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON");
	sums_start();
	return 0;
}

int sums_tear_down(void **state)
{
	(void)state;
	sums_stop();
	return sqlite3_close(sums.db);
}

void sums_tell(void *told, const struct tally_difference *d)
{
	struct sums_told *t = told;

	t->last = *d;
	if (t->n == 0)
		t->first = *d;
	if (t->n < 8)
		memcpy(t->parties[t->n], d->party, sizeof d->party);
	t->n++;
}

struct sums_told sums_look(void)
{
	struct sums_told t = {.n = 0};
	int rc;

	tally_look_begin(sums.tally);
	while ((rc = tally_look_on(sums.tally, sums_tell, &t)) == 1)
		;
	assert_int_equal(rc, 0);
	return t;
}

struct sums_told sums_look_at(size_t table)
{
	struct sums_told t = {.n = 0};
	int rc = 1;

	tally_look_begin(sums.tally);
	sums.tally->look.table = (unsigned)table;
	sums.tally->look.nth = TALLY_TABLES; /* the last */
	while (rc == 1 && sums.tally->look.table == table)
		rc = tally_look_on(sums.tally, sums_tell, &t);
	assert_true(rc >= 0);
	return t;
}

const struct sums_table sums_tables[TALLY_TABLES] = {
#define TABLE(name, party, octets, digest, sends, holds) {#name, party, octets, digest},
#include "daemon/registry/store/table.def"
#undef TABLE
};

uint64_t sums_number(const char *table)
{
	for (uint64_t n = 0; n <= TALLY_TABLES; n++)
		if (strcmp(tally_name(n), table) == 0)
			return n;
	fail_msg("%s has no row in table.def", table);
	return 0;
}

sqlite3_stmt *sums_ask(const char *text)
{
	sqlite3_stmt *s = NULL;

	if (sqlite3_prepare_v2(sums.db, text, -1, &s, NULL) != SQLITE_OK)
		fail_msg("%s: %s", text, sqlite3_errmsg(sums.db));
	return s;
}

void sums_read_columns(struct sums_columns *c, size_t table)
{
	char text[64];
	sqlite3_stmt *s;

	*c = (struct sums_columns){.party = sums_tables[table].party,
	    .octets = sums_tables[table].octets,
	    .digest = sums_tables[table].digest};
	snprintf(text, sizeof text, "PRAGMA table_info(%s)", sums_tables[table].name);
	s = sums_ask(text);
	for (; sqlite3_step(s) == SQLITE_ROW; c->n++) {
		snprintf(c->name[c->n], sizeof c->name[0], "%s",
		    (const char *)sqlite3_column_text(s, 1));
		snprintf(c->type[c->n], sizeof c->type[0], "%s",
		    (const char *)sqlite3_column_text(s, 2));
	}
	sqlite3_finalize(s);
	assert_true(c->n > 0 && c->n < 64);
}

const char *sums_value(char to[128], const struct sums_columns *c, int i, unsigned salt)
{
	static const char octets[] = "x'00'",
			  digest[] =
			      "x'6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'";

	if (strcmp(c->name[i], c->party) == 0)
		snprintf(to, 128, "'QR%c'", 'A' + (int)(salt % 80));
	if (strcmp(c->name[i], c->octets) == 0)
		return salt < 100 ? octets : "x'01'";
	if (strcmp(c->name[i], c->digest) == 0 && salt < 100)
		return digest;
	if (strcmp(c->name[i], c->party) == 0)
		;
	else if (strcmp(c->type[i], "TEXT") == 0)
		snprintf(to, 128, "'%u-%d'", salt, i);
	else if (strcmp(c->type[i], "BLOB") == 0)
		snprintf(to, 128, "x'%08x%08x'", salt, (unsigned)i);
	else
		snprintf(to, 128, "%u", 100 * salt + (unsigned)i);
	return to;
}

void sums_put_row(char *to, size_t size, const struct sums_columns *c, size_t table, unsigned salt)
{
	char v[128];
	size_t len = (size_t)snprintf(to, size, "INSERT INTO %s VALUES (", sums_tables[table].name);

	for (int i = 0; i < c->n; i++)
		len += (size_t)snprintf(
		    to + len, size - len, "%s%s", i > 0 ? ", " : "", sums_value(v, c, i, salt));
	snprintf(to + len, size - len, ")");
}

void sums_fill(void)
{
	char text[SUMS_TEXT_MAX];

	for (size_t table = 0; table < TALLY_TABLES; table++) {
		struct sums_columns c;

		sums_read_columns(&c, table);
		for (unsigned salt = 1; salt <= 3; salt++) {
			sums_put_row(text, sizeof text, &c, table, salt);
			sums_write("%s", text);
		}
	}
	sums_commit();
	assert_int_equal(sums_look().n, 0);
}
