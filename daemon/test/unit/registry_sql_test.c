/*
 * Goals: every statement of sql.def is understood by SQLite with the schema; each reads a bounded part of each table but those
 * that its row names, with the reason; no row names one without need; none sorts in a temporary tree.
 *
 * links: registry
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/schema.h"

#define TEXT_MAX 4096
#define WORD_MAX 64

static int set_up(void **s)
{
	sqlite3 *db = NULL;

	if (sqlite3_open(":memory:", &db) != SQLITE_OK)
		return -1;
	for (size_t i = 0; schema_text(i) != NULL; i++)
		if (sqlite3_exec(db, schema_text(i), NULL, NULL, NULL) != SQLITE_OK)
			return -1;
	*s = db;
	return 0;
}

static int tear_down(void **s)
{
	return sqlite3_close(*s);
}

/* --- a line of a plan ---------------------------------------------------------------------------- */

/* What is the same in very many rows: a search by it alone reads most of the table. */
static bool is_coarse(const char *column, size_t len)
{
	static const char *const coarse[] = {"peer", "party", "state", "own"};

	for (size_t i = 0; i < sizeof coarse / sizeof coarse[0]; i++)
		if (strlen(coarse[i]) == len && memcmp(coarse[i], column, len) == 0)
			return true;
	return false;
}

/* Is the one column by which is searched the whole of a key, so that one row answers? */
static bool is_whole_key(sqlite3 *db, const char *line)
{
	char name[WORD_MAX], text[TEXT_MAX];
	const char *index = strstr(line, "INDEX ");
	sqlite3_stmt *q = NULL;
	int columns = 0;

	if (index == NULL || sscanf(index, "INDEX %63s", name) != 1 ||
	    strncmp(name, "sqlite_autoindex", 16) != 0)
		return false;
	snprintf(text, sizeof text, "PRAGMA index_info(%s)", name);
	assert_int_equal(sqlite3_prepare_v2(db, text, -1, &q, NULL), SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW)
		columns++;
	sqlite3_finalize(q);
	return columns == 1;
}

/* Searched by a coarse column alone, or, by a statement without LIMIT, from a place on and by nothing finer than that. */
static bool is_wide_search(sqlite3 *db, const char *line, bool limited)
{
	const char *at = strstr(line, " (");
	bool fine = false, open = false;

	if (at == NULL)
		return false; /* the least or the greatest of an index */
	for (at += 2; at != NULL; at = strstr(at, " AND "), at = at == NULL ? NULL : at + 5) {
		const char *end = at + (strncmp(at, "<expr>", 6) == 0 ? 6 : strcspn(at, "=<>"));

		if (*end == '=')
			fine = fine || !is_coarse(at, (size_t)(end - at));
		else
			open = true;
	}
	return !fine && (open ? !limited : !is_whole_key(db, line));
}

/* May this line of the plan stand? A constant row and a co-routine are no table; a table read widely is one of those named
 * in wide. */
static bool line_allowed(
    sqlite3 *db, const char *line, bool limited, const char *wide, bool *is_wide)
{
	char table[WORD_MAX], name[WORD_MAX];
	const char *at = wide;
	int used = 0;

	*is_wide = false;
	if (strstr(line, "TEMP B-TREE") != NULL)
		return false;
	if (sscanf(line, "SCAN %63s", table) == 1) {
		if (strcmp(table, "CONSTANT") == 0 || table[0] == '(')
			return true;
	} else if (sscanf(line, "SEARCH %63s", table) != 1 || !is_wide_search(db, line, limited)) {
		return true;
	}
	*is_wide = true;
	while (sscanf(at, " %63[^ :]%n", name, &used) == 1) {
		if (strcmp(name, table) == 0)
			return true;
		at += used;
	}
	return false;
}

/* --- every statement ----------------------------------------------------------------------------- */

static void check(sqlite3 *db, enum sql id)
{
	const char *sql = db_sql_text(id), *wide = db_sql_wide(id), *why = strchr(wide, ':');
	bool limited = strstr(sql, "LIMIT") != NULL, any = false;
	sqlite3_stmt *plan = NULL;
	char text[TEXT_MAX];

	snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", sql);
	if (sqlite3_prepare_v2(db, text, -1, &plan, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(plan, 3);
		bool is_wide;

		if (!line_allowed(db, line, limited, wide, &is_wide))
			fail_msg("%s: %s", sql, line);
		any = any || is_wide;
	}
	sqlite3_finalize(plan);
	if (any && (why == NULL || strlen(why) < 4))
		fail_msg("%s: without a reason", sql);
	if (!any && wide[0] != '\0')
		fail_msg("%s: reads nothing widely", sql);
}

static void test_bounded(void **s)
{
	for (int id = 0; id < SQL_COUNT; id++)
		check(*s, (enum sql)id);
}

/* The check itself sees scans, wide searches and sorts. */
static void test_check_works(void **s)
{
	static const struct {
		const char *line, *wide;
		bool limited, allowed;
	} rows[] = {
	    {"SEARCH outbox USING INDEX outbox_due (peer=? AND deadline_ms=?)", "", false, true},
	    {"SEARCH outbox USING INDEX outbox_due (peer=?)", "", true, false},
	    {"SEARCH outbox USING INDEX outbox_due (peer=?)", "a outbox: few", true, true},
	    {"SEARCH outbox USING INDEX outbox_due (peer=?)", "outbo: few", true, false},
	    {"SEARCH o USING INDEX outbox_peer (peer=? AND local_id>?)", "", true, true},
	    {"SEARCH o USING INDEX outbox_peer (peer=? AND local_id>?)", "", false, false},
	    {"SEARCH o USING INDEX outbox_case (peer=? AND case_id=?)", "", false, true},
	    {"SEARCH w USING PRIMARY KEY (peer=?)", "", false, false},
	    {"SEARCH recovery USING INDEX sqlite_autoindex_recovery_1 (peer=?)", "", false, true},
	    {"SEARCH tray USING INDEX sqlite_autoindex_tray_1 (peer=?)", "", false, false},
	    {"SEARCH erasure", "", false, true},
	    {"SCAN outbox", "", false, false},
	    {"SCAN outbox USING INDEX outbox_state", "inbox: few", true, false},
	    {"SCAN inbox USING INDEX inbox_state", "inbox: few", false, true},
	    {"SCAN CONSTANT ROW", "", false, true},
	    {"USE TEMP B-TREE FOR ORDER BY", "inbox: few", false, false},
	};
	bool is_wide;

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (line_allowed(*s, rows[i].line, rows[i].limited, rows[i].wide, &is_wide) !=
		    rows[i].allowed)
			fail_msg("%s", rows[i].line);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_bounded, set_up, tear_down),
	    cmocka_unit_test_setup_teardown(test_check_works, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
