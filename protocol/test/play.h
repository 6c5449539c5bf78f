/*
 * play - a sequence of steps of two simulated States, and the shortest one that still shows a fault.
 */
#ifndef PLAY_H
#define PLAY_H

#include "protocol/test/nodes.h"

#define PLAY_STEPS 150

struct play {
	struct play_step steps[PLAY_STEPS];
	size_t n;
};

/* All steps, then everything under way comes home; end may be NULL. forbidden as in nodes_new(). */
struct play_fault play_run(
    const struct play *p, enum rxp_case_state forbidden, struct play_end *end);

/* Leave out every step, person and mark that a fault does not need. */
void play_shrink(struct play *p, enum rxp_case_state forbidden);

/* One line a step. */
void play_print(const struct play *p);

#endif
