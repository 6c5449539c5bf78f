/*
 * Goal: whatever a hand makes of one column of one row that evidence is read from (RXP-EVI-032), of either box, of an answer, of what was
 * said to be erased, of a former descriptor or a page of a log: all pages are read, and every other document is given as it was.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_evidence_rig.h"

#include <unistd.h>

#include <sqlite3.h>

#include "daemon/registry/limits.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store_confirmation.h"
#include "daemon/registry/store/store_evidence.h"
#include "daemon/registry/store/store_former.h"

#define TEXT 512
#define PAGES 4 /* at least so many rows a page, so that several are read */

/* The documents as they are given, in their order; octets copied. */
struct given {
	struct rxp_buf octets;
	size_t n;
	struct rec_evidence_row rows[2 * PAIRS + 2];
};

static void take_page(struct given *g, struct bytes page)
{
	struct record_cursor c = {.at = page.data, .left = page.len};
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1)
		if (tag == REC_evidence_row) {
			assert_true(g->n < sizeof g->rows / sizeof g->rows[0]);
			assert_int_equal(record_decode(&g->rows[g->n++], &record_evidence_row,
					     fields.data, fields.len),
			    0);
		}
}

/* All pages, one behind the other, which the rows borrow from; by a node that begins now. */
static void read_all(struct given *g)
{
	struct db *db = NULL;
	struct rxp_buf page;
	const struct store_evidence of = {.own = OWN, .peer = PEER, .case_id = evidence_case_id};
	struct store_evidence_bounds bounds = {.rows = PAGES, .enough = SIZE_MAX};
	bool more = true;

	assert_int_equal(db_open(&db, "readmit.db"), 0);
	g->n = 0;
	rxp_buf_init(&g->octets, 8UL * REGISTRY_EVIDENCE_MAX);
	rxp_buf_init(&page, REGISTRY_EVIDENCE_MAX); /* as the registry has it */
	while (more) {
		uint32_t n = 0;

		rxp_buf_reset(&page);
		assert_int_equal(store_evidence_page(db, &page, &n, &more, &of, &bounds), 0);
		assert_true(n > 0 || !more);
		bounds.after += n;
		assert_int_equal(rxp_buf_put(&g->octets, page.data, page.len), 0);
	}
	rxp_buf_free(&page);
	take_page(g, (struct bytes){g->octets.data, g->octets.len});
	db_close(db);
}

static bool same_octets(struct bytes a, struct bytes b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static bool is_given(const struct given *g, const struct rec_evidence_row *row)
{
	for (size_t i = 0; i < g->n; i++) {
		const struct rec_evidence_row *r = &g->rows[i];

		if (memcmp(r->message_id, row->message_id, sizeof r->message_id) == 0 &&
		    memcmp(r->fingerprint, row->fingerprint, sizeof r->fingerprint) == 0 &&
		    strcmp(r->type, row->type) == 0 && strcmp(r->from, row->from) == 0 &&
		    r->unproved == row->unproved && same_octets(r->evidence, row->evidence) &&
		    same_octets(r->answer, row->answer) && same_octets(r->body, row->body))
			return true;
	}
	return false;
}

/* --- by hand --------------------------------------------------------------------------------------------- */

static sqlite3 *begin(void)
{
	sqlite3 *hand = NULL;

	assert_int_equal(sqlite3_open("readmit.db", &hand), SQLITE_OK);
	assert_int_equal(
	    sqlite3_exec(hand, "PRAGMA ignore_check_constraints = 1; PRAGMA synchronous = OFF",
		NULL, NULL, NULL),
	    SQLITE_OK);
	return hand;
}

static void read_text(sqlite3 *hand, char out[TEXT], const char *sql)
{
	sqlite3_stmt *q = NULL;

	assert_int_equal(sqlite3_prepare_v2(hand, sql, -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	snprintf(out, TEXT, "%s", (const char *)sqlite3_column_text(q, 0));
	sqlite3_finalize(q);
}

/* The column of the first row. False: the database does not let it. */
static bool set(sqlite3 *hand, const char *table, const char *column, const char *value)
{
	char sql[2 * TEXT];

	snprintf(sql, sizeof sql, "UPDATE %s SET %s = %s WHERE rowid = (SELECT MIN(rowid) FROM %s)",
	    table, column, value, table);
	return sqlite3_exec(hand, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static unsigned altered;

/* It becomes that, and is put back. */
static void alter(
    const struct given *before, const char *table, const char *column, const char *value)
{
	sqlite3 *hand = begin();
	char sql[TEXT], was[TEXT];
	struct given after;
	size_t lost = 0;
	bool done;

	snprintf(sql, sizeof sql,
	    "SELECT quote(%s) FROM %s WHERE rowid = (SELECT MIN(rowid) FROM %s)", column, table,
	    table);
	read_text(hand, was, sql);
	done = set(hand, table, column, value);
	assert_int_equal(sqlite3_close(hand), SQLITE_OK);
	if (!done)
		return;
	altered++;
	read_all(&after);
	for (size_t i = 0; i < before->n; i++)
		lost += !is_given(&after, &before->rows[i]);
	if (lost > 1)
		fail_msg(
		    "%s.%s = %s: %zu documents are given otherwise", table, column, value, lost);
	rxp_buf_free(&after.octets);
	hand = begin();
	assert_true(set(hand, table, column, was));
	assert_int_equal(sqlite3_close(hand), SQLITE_OK);
}

/* What a column of that type may hold. */
static void alter_column(
    const struct given *before, const char *table, const char *column, const char *type)
{
	static const struct {
		const char *type, *values[3];
	} rows[] = {{"INTEGER", {"-1", "9223372036854775807"}},
	    {"TEXT", {"'../x'", "printf('%.5000c', 'y')"}},
	    {"BLOB", {"NULL", "x'00'", "zeroblob(16)"}}};
	static const char *const large[] = {"evidence", "answer", "octets", "body", "descriptor"};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		for (size_t k = 0; strcmp(type, rows[i].type) == 0 && k < 3; k++)
			if (rows[i].values[k] != NULL)
				alter(before, table, column, rows[i].values[k]);
	for (size_t i = 0; i < sizeof large / sizeof large[0]; i++)
		if (strcmp(column, large[i]) == 0)
			alter(before, table, column, "zeroblob(2000000)");
}

static void alter_table(const struct given *before, const char *table)
{
	char columns[64][2][64];
	sqlite3 *hand = begin();
	sqlite3_stmt *q = NULL;
	size_t n = 0;

	assert_int_equal(
	    sqlite3_prepare_v2(hand, "SELECT name, type FROM pragma_table_info(?1)", -1, &q, NULL),
	    SQLITE_OK);
	assert_int_equal(sqlite3_bind_text(q, 1, table, -1, SQLITE_STATIC), SQLITE_OK);
	for (; sqlite3_step(q) == SQLITE_ROW; n++) {
		assert_true(n < sizeof columns / sizeof columns[0]);
		for (int i = 0; i < 2; i++)
			snprintf(columns[n][i], sizeof columns[n][i], "%s",
			    (const char *)sqlite3_column_text(q, i));
	}
	sqlite3_finalize(q);
	assert_int_equal(sqlite3_close(hand), SQLITE_OK);
	assert_true(n > 0);
	for (size_t i = 0; i < n; i++)
		alter_column(before, table, columns[i][0], columns[i][1]);
}

/* What is read besides the boxes. */
static int put_papers(void *arg, struct db *db)
{
	static const uint8_t notice[16] = {0x50, 0}; /* that is gone */
	const struct store_confirmation erased = {.peer = PEER,
	    .case_id = evidence_case_id,
	    .day = "2027-03-01",
	    .received_ms = AT_MS,
	    .message_id = notice,
	    .evidence = OCTETS("evidence"),
	    .body = OCTETS("<NodeNotice/>")};
	int rc = store_confirmation_add(db, &erased);

	(void)arg;
	if (rc == 0)
		rc = store_former_give(db, PEER, 2, OCTETS("descriptor"));
	return rc != 0 ? rc : store_former_give(db, OWN, 2, OCTETS("descriptor"));
}

static void test_each_column(void **state)
{
	static const char *const TABLES[] = {"outbox", "inbox", "answer", "confirmation", "former"};
	struct world *w = *state;
	unsigned done = 0;
	struct store_item item = {.apply = put_papers, .done = evidence_put_done, .arg = &done};
	struct given before;
	char from[TEXT];

	evidence_case(w);
	store_submit(w->assembly->node.store, &item);
	store_round(w->assembly->node.store);
	assert_int_equal(done, 1);
	world_stop(w);
	assert_non_null(getcwd(from, sizeof from));
	assert_int_equal(chdir(w->directory), 0);
	read_all(&before);
	assert_int_equal(before.n, 2 * PAIRS + 1);
	for (size_t i = 0; i < sizeof TABLES / sizeof TABLES[0]; i++)
		alter_table(&before, TABLES[i]);
	print_message("%u alterations\n", altered);
	assert_true(altered > 100);
	rxp_buf_free(&before.octets);
	assert_int_equal(chdir(from), 0);
	assert_int_equal(world_start(w), 0);
}

#define TEST_OF(name) cmocka_unit_test_setup_teardown(test_##name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {TEST_OF(each_column)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
