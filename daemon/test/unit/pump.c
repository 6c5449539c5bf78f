#include "daemon/test/unit/pump.h"

#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"

#define LOOK_MS 1
#define LOOKS_MAX \
	50 /* as many as no chain of steps has: a timer of the program is not to run out over them */

struct pump {
	struct loop *loop;
	struct timer *timer;
	const unsigned *flag;
	int64_t end;
	int64_t looks; /* still to be had, if it is to run for a time */
};

static void look(void *arg)
{
	struct pump *p = arg;

	if (p->looks > 0)
		p->looks--;
	if (*p->flag != 0 || (p->looks == 0 && clock_mono_ms() >= p->end))
		loop_stop(p->loop);
	else
		timer_arm(p->timer, LOOK_MS);
}

static void run(struct loop *l, const unsigned *flag, int64_t ms, int64_t looks)
{
	struct pump p = {.loop = l, .flag = flag, .end = clock_mono_ms() + ms, .looks = looks};

	if (timer_new(&p.timer, l, look, &p) != 0)
		abort();
	timer_arm(p.timer, 0);
	if (loop_run(l) != 0)
		abort();
	timer_free(p.timer);
}

bool pump_until(struct loop *l, const unsigned *flag)
{
	run(l, flag, PUMP_MAX_MS, 0);
	return *flag != 0;
}

void pump_for(struct loop *l, int64_t ms)
{
	static const unsigned never = 0;

	run(l, &never, ms, ms / LOOK_MS < LOOKS_MAX ? ms / LOOK_MS : LOOKS_MAX);
}
