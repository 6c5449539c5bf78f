/*
 * Goals, with answers of the test's own in the place of those of a product:
 * - a clock that is wrong, and a ReceivedAt that is wrong by a right clock, are told apart: the one is set, the other is mended;
 * - what is within a minute is neither.
 *
 * links: conform
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "conformance/run/line.h"
#include "conformance/run/preflight.h"
#include "conformance/run/sender.h"
#include "conformance/state/moment.h"
#include "conformance/test/world.h"

#define MINUTE_MS 60000L

/* How far the clock of the product is ahead, and how far ReceivedAt of its Receipt is by that clock. */
static long clock_ms, received_ms;

/* It opens no port, and has fetched. */
const struct ear_counts *ear_counted(const struct ear *e)
{
	static const struct ear_counts counts = {.fetches = 1};

	(void)e;
	return &counts;
}

void ear_turn(struct ear *e, int64_t deadline_ms)
{
	(void)e;
	(void)deadline_ms;
}

int line_send_valid(struct line *l, struct draft *d, struct seen *seen, struct rxp_buf *answer)
{
	(void)l;
	(void)d;
	(void)answer;
	*seen = (struct seen){.what = {EXPECT_RECEIPT, 0}};
	seen->created_ms = moment_now_ms() + clock_ms;
	seen->received_ms = seen->created_ms + received_ms;
	return 0;
}

/* The check that does not hold; NULL: all do. */
static const char *missed;

static void tell(void *arg, const struct preflight_said *said)
{
	(void)arg;
	if (!said->holds)
		missed = strcmp(said->side, "the product's makers") == 0 ? "makers" : said->side;
}

static void a_wrong_time_is_no_wrong_clock(void **state)
{
	static const struct {
		long clock_ms, received_ms;
		const char *missed;
	} rows[] = {
	    {0, 0, NULL},
	    {MINUTE_MS / 2, -MINUTE_MS / 4, NULL},
	    {0, -2 * MINUTE_MS, "makers"},
	    {0, 60 * MINUTE_MS, "makers"},
	    {2 * MINUTE_MS, -2 * MINUTE_MS, "makers"},
	    {2 * MINUTE_MS, 0, "whose clock is wrong"},
	    {-2 * MINUTE_MS, 0, "whose clock is wrong"},
	};
	const struct world *w = *state;
	struct sender sender = {.target = NULL};
	const struct target target = {.parties = &w->parties, .sender = &sender, .wait_ms = 1};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		clock_ms = rows[i].clock_ms;
		received_ms = rows[i].received_ms;
		missed = NULL;
		assert_int_equal(preflight(&target, tell, NULL), rows[i].missed == NULL);
		if (rows[i].missed == NULL)
			assert_null(missed);
		else
			assert_string_equal(missed, rows[i].missed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_wrong_time_is_no_wrong_clock),
	};

	return cmocka_run_group_tests(tests, world_make, world_end);
}
