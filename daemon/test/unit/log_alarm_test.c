/*
 * Goals of this test of the tables of the log and of what stands (log_alarm.def, alarm.def):
 * - each event that is an error, or a warning that is a matter of ours, has exactly one row, and no other event has one: it is
 *   an alarm, or a reason why nothing stands;
 * - each alarm is that of an event, or of what no event says;
 * - words are found, and are different.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/base/alarm.h"
#include "daemon/base/log.h"

enum passes { ASKED, LISTED, AGAIN, RESTARTS, ONCE };

static const struct {
	const char *name, *level, *side;
} events[LOG_EVENTS] = {
#define LOG(name, level, fields, meaning, side, action) [LOG_##name] = {#name, #level, side},
#include "daemon/base/log.def"
#undef LOG
};

static const struct row {
	enum log_event event;
	bool stands;
	enum alarm alarm;
	enum passes why;
} rows[] = {
#define STANDS(event, alarm) {LOG_##event, true, ALARM_##alarm, ASKED},
#define PASSES(event, why) {LOG_##event, false, ALARM_COUNT, why},
#include "daemon/base/log_alarm.def"
#undef STANDS
#undef PASSES
};
#define ROWS (sizeof rows / sizeof rows[0])

static bool wants_a_person(enum log_event e)
{
	return strcmp(events[e].level, "ERROR") == 0 ||
	       (strcmp(events[e].level, "WARNING") == 0 &&
		   (strcmp(events[e].side, "ours") == 0 || strcmp(events[e].side, "either") == 0));
}

static void test_events(void **state)
{
	(void)state;
	for (int e = 0; e < LOG_EVENTS; e++) {
		unsigned n = 0;

		for (size_t i = 0; i < ROWS; i++)
			n += rows[i].event == (enum log_event)e;
		if (n != wants_a_person((enum log_event)e))
			fail_msg("%s has %u rows in log_alarm.def", events[e].name, n);
	}
}

/* What no event says: that the node is not ready yet; and what follows from two that have one. */
static bool is_unsaid(enum alarm a)
{
	return a == ALARM_NO_DESCRIPTOR || a == ALARM_DISK_FULL || a == ALARM_LOSS_STUCK ||
	       a == ALARM_LOG_UNSEEN;
}

static void test_alarms(void **state)
{
	(void)state;
	for (int a = 0; a < ALARM_COUNT; a++) {
		bool said = false;

		for (size_t i = 0; i < ROWS; i++)
			said = said || (rows[i].stands && rows[i].alarm == (enum alarm)a);
		if (said == is_unsaid((enum alarm)a))
			fail_msg("%s is no event's alarm", alarm_words((enum alarm)a).word);
	}
}

static void test_words(void **state)
{
	struct alarm_words found;

	(void)state;
	for (int a = 0; a < ALARM_COUNT; a++) {
		const struct alarm_words words = alarm_words((enum alarm)a);

		assert_int_equal(alarm_find(&found, words.word), 0);
		assert_ptr_equal(found.meaning, words.meaning); /* no earlier one has its word */
		assert_true(strlen(words.action) > 0);
	}
	assert_true(alarm_find(&found, "no-such") != 0);
	assert_true(alarm_find(&found, NULL) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_events),
	    cmocka_unit_test(test_alarms),
	    cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
