/*
 * pump - run a loop until something holds, at most some seconds; for tests on one thread.
 */
#ifndef UNIT_PUMP_H
#define UNIT_PUMP_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/clock.h"

struct loop;

#define PUMP_MAX_MS \
	60000 /* for what must come: it comes long before, but on a machine that is busy */
#define PUMP_LOOK_MS 2

/* Run as long as the condition holds, which is looked at every now and then, and no longer than PUMP_MAX_MS. */
#define pump_while(loop, condition) \
	do { \
		int64_t pump_end_ms = clock_mono_ms() + PUMP_MAX_MS; \
		while ((condition) && clock_mono_ms() < pump_end_ms) \
			pump_for(loop, PUMP_LOOK_MS); \
	} while (0)

/* Run until *flag is not 0. False if that takes longer than PUMP_MAX_MS. */
bool pump_until(struct loop *l, const unsigned *flag);

/*
 * Run for this long, and for as many rounds of the loop as that is milliseconds (50 at most): what follows from what was there, step by
 * step, has happened then also on a machine that is too busy for one round in a millisecond.
 */
void pump_for(struct loop *l, int64_t ms);

#endif
