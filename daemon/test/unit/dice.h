/*
 * dice - pseudo-random numbers for tests, repeatable from the seed that is printed at the start.
 */
#ifndef UNIT_DICE_H
#define UNIT_DICE_H

#include <stdint.h>

/* Seed from DICE_SEED in the environment, or from the time; print it. */
void dice_start(void);

uint32_t dice_roll(uint32_t sides); /* 0 .. sides - 1 */

#endif
