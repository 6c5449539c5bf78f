/*
 * clockview - the clocks of a case as people look at them: each clock of each person, and in the timeline
 * what there was to warn of and what passed.
 *
 * All of it is computed from the documents, so that both States tell the same of what both know.
 */
#ifndef REGISTRY_CLOCKVIEW_H
#define REGISTRY_CLOCKVIEW_H

#include <stdbool.h>

struct cases;
struct clock_times;
struct rxp_buf;

/* Append records case_clock_row of all clocks that have begun, by person; steps: with the steps to each due
 * instant (RXP-CLK-030). Errors of rxp_case_clock(), of the buffer. */
int clockview_clocks(
    struct rxp_buf *out, const struct cases *c, const struct clock_times *times, bool steps);

/* Append records clock_mark_row in the order of time: warnings that were for us, and due instants that
 * passed before the act. Errors as above. */
int clockview_marks(struct rxp_buf *out, const struct cases *c, const struct clock_times *times);

#endif
