/*
 * pump - run a loop until something holds, at most some seconds; for tests on one thread.
 */
#ifndef UNIT_PUMP_H
#define UNIT_PUMP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

#define PUMP_MAX_MS 10000

/* Run until *flag is not 0. False if that takes longer than PUMP_MAX_MS. */
bool pump_until(struct loop *l, const unsigned *flag);

/* Run for this long, to see that something does not happen. */
void pump_for(struct loop *l, int64_t ms);

#endif
