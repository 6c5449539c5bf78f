/*
 * Goals of the indexes of tables (RXP-LOG-031): one that leads to no row, and is no row itself, is found.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_sums_rig.h"

/* A hand lets an index be another one, which is empty: whoever asks by it sees no row, and the rows are there. */
static void test_index(void **state)
{
	uint8_t names[TALLY_OCTETS];
	struct sums_told t;

	(void)state;
	sums_fill();
	sums_stop();
	sums_write(
	    "CREATE TABLE t (id BLOB NOT NULL PRIMARY KEY); PRAGMA writable_schema = ON;"
	    "UPDATE sqlite_schema SET rootpage = (SELECT rootpage FROM sqlite_schema "
	    "WHERE name = 'sqlite_autoindex_t_1') WHERE name = 'sqlite_autoindex_choice_1';"
	    "DELETE FROM sqlite_schema WHERE tbl_name = 't'; PRAGMA writable_schema = RESET");
	sums_start();
	t = sums_look();
	assert_int_equal(t.n, 1);
	assert_int_equal(t.last.table, sums_number("choice"));
	assert_string_equal(t.last.party, "");
	assert_int_equal(t.last.written, 3);
	assert_int_equal(t.last.found, 3);
	memcpy(names, t.last.names, sizeof names);
	t = sums_look();
	assert_int_equal(t.n, 1);
	assert_memory_equal(t.last.names, names, sizeof names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(test_index, sums_set_up, sums_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
