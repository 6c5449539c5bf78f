/*
 * swap - what was staged takes the place of what stood. Each step is one rename, and the whole goes on from any of them.
 */
#ifndef RESTORE_SWAP_H
#define RESTORE_SWAP_H

#include <stdbool.h>

/* Is there one that is only to be finished? */
bool swap_waits(void);

/* 0, or an error that was said: to be done again. */
int swap_finish(void);

#endif
