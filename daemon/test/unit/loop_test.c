/*
 * Goal of this test:
 * - watchers get what they asked for, and a hangup in any case; they may be freed anywhere;
 * - timers fire in order, once, not early; they may be moved, disarmed and freed anywhere;
 * - round functions run after the watchers of each round;
 * - random timers against a plain model, with a printed seed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/test/unit/dice.h"
#include "daemon/test/unit/pump.h"

struct seen {
	struct loop *loop;
	struct watch *own, *other;
	unsigned calls, events;
};

static struct loop *loop;

static int setup(void **state)
{
	(void)state;
	return loop_new(&loop);
}

static int teardown(void **state)
{
	(void)state;
	loop_free(loop);
	return 0;
}

static void note(void *arg, int fd, unsigned events)
{
	struct seen *s = arg;

	(void)fd;
	s->calls++;
	s->events = events;
	loop_stop(loop);
}

static void events(void **state)
{
	struct seen s = {0};
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	assert_int_equal(watch_new(&s.own, loop, pair[0], LOOP_WRITE, note, &s), 0);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(s.events, LOOP_WRITE);
	watch_set(s.own, LOOP_READ);
	assert_int_equal(write(pair[1], "x", 1), 1);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(s.events, LOOP_READ);
	watch_set(s.own, 0);
	s.calls = 0;
	pump_for(loop, 20);
	assert_int_equal(s.calls, 0);
	close(pair[1]);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(s.events, LOOP_HANGUP);
	watch_free(s.own);
	close(pair[0]);
}

static void free_both(void *arg, int fd, unsigned e)
{
	struct seen *s = arg;

	(void)fd;
	(void)e;
	s->calls++;
	watch_free(s->own);
	watch_free(s->other);
	s->own = s->other = NULL;
}

/* Two watchers are ready in one round; the first to run frees both. */
static void freed_in_callback(void **state)
{
	struct seen s = {0};
	int a[2], b[2];

	(void)state;
	assert_int_equal(pipe(a), 0);
	assert_int_equal(pipe(b), 0);
	assert_int_equal(watch_new(&s.own, loop, a[1], LOOP_WRITE, free_both, &s), 0);
	assert_int_equal(watch_new(&s.other, loop, b[1], LOOP_WRITE, free_both, &s), 0);
	pump_for(loop, 10);
	assert_int_equal(s.calls, 1);
	for (int i = 0; i < 2; i++) {
		close(a[i]);
		close(b[i]);
	}
}

/* --- timers ---------------------------------------------------------------------------------- */

#define TIMERS 200

struct model {
	struct timer *timer;
	int64_t due; /* 0: not armed */
	unsigned fired;
};

static struct model models[TIMERS];
static int64_t last_due;
static unsigned n_left;
static unsigned all_done;

static void fire(void *arg)
{
	struct model *m = arg;

	assert_true(m->due != 0);
	assert_true(clock_mono_ms() >= m->due);
	assert_false(timer_armed(m->timer));
	/* Order: no timer fires before one that was due a whole millisecond earlier. */
	assert_true(m->due + 1 >= last_due);
	last_due = m->due;
	m->due = 0;
	m->fired++;
	if (--n_left == 0)
		all_done = 1;
}

static void random_timers(void **state)
{
	(void)state;
	dice_start();
	memset(models, 0, sizeof models);
	n_left = 0;
	last_due = 0;
	all_done = 0;
	for (int i = 0; i < TIMERS; i++)
		assert_int_equal(timer_new(&models[i].timer, loop, fire, &models[i]), 0);
	for (int i = 0; i < 10 * TIMERS; i++) {
		struct model *m = &models[dice_roll(TIMERS)];

		if (dice_roll(3) == 0) {
			n_left -= m->due != 0 ? 1 : 0;
			timer_disarm(m->timer);
			m->due = 0;
		} else {
			int64_t ms = dice_roll(60);

			n_left += m->due == 0 ? 1 : 0;
			timer_arm(m->timer, ms);
			m->due = clock_mono_ms() + ms;
		}
		assert_int_equal(timer_armed(m->timer), m->due != 0);
	}
	assert_true(pump_until(loop, &all_done));
	for (int i = 0; i < TIMERS; i++) {
		assert_true(models[i].fired <= 1);
		assert_int_equal(models[i].due, 0);
		timer_free(models[i].timer);
	}
}

static struct timer *first, *second;
static unsigned fired;

static void free_second(void *arg)
{
	(void)arg;
	fired++;
	timer_free(second);
	timer_free(first);
	first = second = NULL;
}

static void timer_freed_in_callback(void **state)
{
	(void)state;
	fired = 0;
	assert_int_equal(timer_new(&first, loop, free_second, NULL), 0);
	assert_int_equal(timer_new(&second, loop, free_second, NULL), 0);
	timer_arm(first, 0);
	timer_arm(second, 0);
	pump_for(loop, 5);
	assert_int_equal(fired, 1);
}

/* One that arms itself at once neither starves the watchers nor the other timers. */
static void rearm(void *arg)
{
	(void)arg;
	fired++;
	timer_arm(first, 0);
}

static void timer_arms_itself(void **state)
{
	(void)state;
	fired = 0;
	assert_int_equal(timer_new(&first, loop, rearm, NULL), 0);
	timer_arm(first, 0);
	pump_for(loop, 5);
	assert_true(fired > 1);
	timer_free(first);
}

/* --- rounds ---------------------------------------------------------------------------------- */

static unsigned order[8], n_order;

static void at_watch(void *arg, int fd, unsigned e)
{
	(void)arg;
	(void)fd;
	(void)e;
	order[n_order++] = 1;
}

static void at_timer(void *arg)
{
	(void)arg;
	order[n_order++] = 2;
}

static void at_round(void *arg)
{
	(void)arg;
	order[n_order++] = 3;
	loop_stop(loop);
}

static void rounds(void **state)
{
	struct watch *w;
	struct timer *t;
	int p[2];

	(void)state;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(watch_new(&w, loop, p[1], LOOP_WRITE, at_watch, NULL), 0);
	assert_int_equal(timer_new(&t, loop, at_timer, NULL), 0);
	loop_on_round(loop, at_round, NULL);
	timer_arm(t, 0);
	assert_int_equal(loop_run(loop), 0);
	assert_int_equal(n_order, 3);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(order[i], i + 1);
	watch_free(w);
	timer_free(t);
	close(p[0]);
	close(p[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup_teardown(events, setup, teardown),
	    cmocka_unit_test_setup_teardown(freed_in_callback, setup, teardown),
	    cmocka_unit_test_setup_teardown(random_timers, setup, teardown),
	    cmocka_unit_test_setup_teardown(timer_freed_in_callback, setup, teardown),
	    cmocka_unit_test_setup_teardown(timer_arms_itself, setup, teardown),
	    cmocka_unit_test_setup_teardown(rounds, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
