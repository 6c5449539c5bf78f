/*
 * Goals of announcing the end of own certificates: each is said once at 60, 30 and 7 days and at its end, not before and
 * not again; one of which nothing is known says nothing; the figures name both.
 *
 * links: registry
 */
#include "daemon/test/unit/registry_world.h"

#include "daemon/registry/peers/dates.h"

#define DAY INT64_C(86400000)
#define NOW INT64_C(1800000000000)

static void test_marks(void **state)
{
	static const struct {
		int64_t left_ms;
		unsigned said;
	} rows[] = {
	    {61 * DAY, 0},
	    {60 * DAY + 1, 0},
	    {60 * DAY, 1},
	    {59 * DAY, 0},
	    {30 * DAY + 1, 0},
	    {30 * DAY, 1},
	    {7 * DAY + 1, 0},
	    {7 * DAY, 1},
	    {1, 0},
	    {0, 1},
	    {-900 * DAY, 0},
	};
	struct dates d = {.until_ms = {NOW, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (dates_tick(&d, NOW - rows[i].left_ms) != rows[i].said)
			fail_msg("row %zu", i);
	/* At a start with both near their end each is said, once. */
	d = (struct dates){.until_ms = {NOW + DAY, NOW + DAY}};
	assert_int_equal(dates_tick(&d, NOW), 2);
	assert_int_equal(dates_tick(&d, NOW), 0);
}

static bool has_figure(const struct world_answer *a, const char *label, int64_t value)
{
	struct record_cursor cursor = {.at = a->octets, .left = a->len};
	struct rec_metric_row row;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&cursor, &tag, &fields) == 1) {
		assert_int_equal(
		    record_decode(&row, &record_metric_row, fields.data, fields.len), 0);
		if (strcmp(row.metric, "certificate_not_after_timestamp_seconds") == 0 &&
		    strcmp(row.label, label) == 0)
			return row.value == value;
	}
	return false;
}

static void test_figures(void **state)
{
	struct world *w = *state;

	assert_false(
	    has_figure(world_ask(w, IPC_status, &(struct msg_status){0}), "key=tls", NOW / 1000));
	assembly_tls_until(w->assembly, NOW);
	assert_true(
	    has_figure(world_ask(w, IPC_status, &(struct msg_status){0}), "key=tls", NOW / 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_marks),
	    cmocka_unit_test_setup_teardown(test_figures, world_set_up, world_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
