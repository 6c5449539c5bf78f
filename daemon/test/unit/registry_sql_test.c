/*
 * Goals: every statement of sql.def is understood by SQLite with the schema; none reads a table from
 * end to end but the one that its row names, and none sorts in a temporary tree.
 *
 * links: registry
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sqlite3.h>

#include <cmocka.h>

#include "daemon/registry/store/db.h"
#include "daemon/registry/store/schema.h"

#define TEXT_MAX 4096

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

/* May this line of the plan stand? "SCAN t" only for the table that the statement may scan; a
 * constant row and a co-routine are no table. */
static int line_allowed(const char *line, const char *scan)
{
	if (strstr(line, "TEMP B-TREE") != NULL)
		return 0;
	if (strncmp(line, "SCAN ", 5) != 0)
		return 1;
	if (strncmp(line + 5, "CONSTANT ROW", 12) == 0 || line[5] == '(')
		return 1;
	return scan[0] != '\0' && strncmp(line + 5, scan, strlen(scan)) == 0;
}

static void check(sqlite3 *db, enum sql id)
{
	sqlite3_stmt *plan = NULL;
	char text[TEXT_MAX];

	snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", db_sql_text(id));
	if (sqlite3_prepare_v2(db, text, -1, &plan, NULL) != SQLITE_OK)
		fail_msg("%s: %s", db_sql_text(id), sqlite3_errmsg(db));
	while (sqlite3_step(plan) == SQLITE_ROW) {
		const char *line = (const char *)sqlite3_column_text(plan, 3);

		if (!line_allowed(line, db_sql_scan(id)))
			fail_msg("%s: %s", db_sql_text(id), line);
	}
	sqlite3_finalize(plan);
}

static void test_no_scans(void **s)
{
	for (int id = 0; id < SQL_COUNT; id++)
		check(*s, (enum sql)id);
}

/* The check itself sees a scan and a sort. */
static void test_check_works(void **s)
{
	(void)s;
	assert_true(line_allowed("SEARCH outbox USING INDEX outbox_due (peer=?)", ""));
	assert_false(line_allowed("SCAN outbox", ""));
	assert_false(line_allowed("SCAN outbox USING INDEX outbox_state", "inbox"));
	assert_true(line_allowed("SCAN inbox USING INDEX inbox_state", "inbox"));
	assert_false(line_allowed("USE TEMP B-TREE FOR ORDER BY", "inbox"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_no_scans, set_up, tear_down),
	    cmocka_unit_test(test_check_works),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
