/*
 * registry_logpage_test - goals (RXP-LOG-016, RXP-EVI-023):
 *   of the pages that begin behind a multiple of 512 the one with most entries is kept, of each log, and of those the newest, and no other; so what
 *     is kept is bounded by the entries, however often it is read
 *   evidence of a message has the page that shows its answer behind it, of the log of whoever answered
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include "daemon/registry/store/store_evidence.h"
#include "daemon/registry/store/store_logpage.h"

static unsigned pages; /* that were kept or not; the octets name the number */

struct wanted {
	struct store_item item;
	struct store_logpage page;
	bool done;
};

static int apply(void *arg, struct db *db)
{
	const struct wanted *w = arg;

	return store_logpage_keep(db, &w->page);
}

static void done(void *arg, int result)
{
	struct wanted *w = arg;

	assert_int_equal(result, 0);
	w->done = true;
}

/* A page behind `after` with n entries, the first of a message of that id; its octets say how many there are. */
static void keep(
    struct world *w, bool own, uint8_t log, uint64_t after, size_t n, const uint8_t *id)
{
	struct rxp_log_page *page = calloc(1, sizeof *page);
	struct wanted x = {.item = {.apply = apply, .done = done, .arg = &x}};
	char octets[32];

	assert_non_null(page);
	page->log_id[0] = log;
	page->after = after;
	page->n_entries = n;
	for (size_t i = 0; i < n; i++) {
		page->entries[i].message_id[0] = (uint8_t)(after / 512 + 1);
		page->entries[i].message_id[1] = (uint8_t)i;
		page->entries[i].message_id[2] = (uint8_t)(i >> 8);
	}
	if (id != NULL)
		memcpy(page->entries[0].message_id, id, sizeof page->entries[0].message_id);
	snprintf(octets, sizeof octets, "page %zu of %u", n, ++pages);
	x.page = (struct store_logpage){.peer = PEER,
	    .own = own,
	    .page = page,
	    .octets = {(const uint8_t *)octets, strlen(octets)}};
	store_submit(w->assembly->node.store, &x.item);
	store_round(w->assembly->node.store);
	assert_true(x.done);
	free(page);
}

static int kept(struct world *w, const char *what)
{
	char sql[160];

	snprintf(sql, sizeof sql, "SELECT %s FROM log_page", what);
	return world_on_disk(w, sql);
}

static void test_the_fullest_is_kept(void **state)
{
	struct world *w = *state;

	pages = 0;
	assert_int_equal(world_add_peer(w, 1)->result, 0);
	keep(w, false, 1, 0, 3, NULL);
	assert_int_equal(kept(w, "COUNT(*)"), 1);
	keep(w, false, 1, 0, 5, NULL);
	keep(w, false, 1, 0, 4, NULL);
	assert_int_equal(kept(w, "COUNT(*)"), 1);
	assert_int_equal(kept(w, "n"), 5);
	assert_int_equal(
	    world_on_disk(w, "SELECT octets = CAST('page 5 of 2' AS BLOB) FROM log_page"), 1);
	keep(w, false, 1, 0, 5, NULL);
	assert_int_equal(
	    world_on_disk(w, "SELECT octets = CAST('page 5 of 4' AS BLOB) FROM log_page"), 1);
	assert_int_equal(kept(w, "COUNT(*)"), 1);
	assert_int_equal(world_on_disk(w, "SELECT COUNT(*) FROM log_paged"), 5);
	keep(w, false, 1, 512, 0, NULL);
	for (uint64_t after = 1; after < 512; after += 73)
		keep(w, false, 1, after, 512, NULL);
	assert_int_equal(kept(w, "COUNT(*)"), 1);
	keep(w, false, 1, 512, 7, NULL);
	keep(w, true, 1, 0, 1, NULL);
	keep(w, false, 2, 0, 2, NULL);
	assert_int_equal(kept(w, "COUNT(*)"), 4);
	assert_int_equal(kept(w, "SUM(n)"), 15);
}

static void test_stands_behind_its_message(void **state)
{
	struct world *w = *state;
	const struct store_evidence_bounds bounds = {.rows = 9, .enough = SIZE_MAX};
	struct store_evidence of = {.own = OWN, .peer = PEER};
	struct rec_message_row shown;
	struct rec_evidence_page page;
	struct fake_answer receipt;
	struct record_cursor c;
	struct rxp_buf rows;
	struct bytes fields;
	uint16_t tag;
	uint32_t n;
	bool more;
	uint8_t id[16];

	pages = 0;
	world_begin(w, id);
	world_until(w, &w->n_deliveries, 1);
	receipt = world_receipt(&w->deliveries[0]);
	world_deliver(w, &w->deliveries[0], 200, &receipt);
	world_until_state(w, id, "delivered", &shown);
	keep(w, false, 1, 512, 9, shown.message_id);
	keep(w, false, 1, 0, 8, NULL);
	keep(w, true, 1, 0, 7, shown.message_id);
	of.local_id = id;
	rxp_buf_init(&rows, 65536);
	assert_int_equal(
	    store_evidence_page(store_db(w->assembly->node.store), &rows, &n, &more, &of, &bounds),
	    0);
	assert_int_equal(n, 2);
	assert_false(more);
	c = (struct record_cursor){rows.data, rows.len};
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(tag, REC_evidence_row);
	assert_int_equal(record_list_next(&c, &tag, &fields), 1);
	assert_int_equal(tag, REC_evidence_page);
	assert_int_equal(record_decode(&page, &record_evidence_page, fields.data, fields.len), 0);
	assert_string_equal(page.owner, PEER);
	assert_int_equal(page.octets.len, strlen("page 9 of 1"));
	assert_memory_equal(page.octets.data, "page 9 of 1", page.octets.len);
	rxp_buf_free(&rows);
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, world_set_up, world_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_fullest_is_kept),
	    TEST(stands_behind_its_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
