/*
 * mutant - which defect the woven copy of the product has just now. Nothing of this is in a product that is not woven.
 *
 * The number stands in four octets of a file that every process maps before it gives up its rights, so that who writes
 * there moves all of them at once. The file's name comes by the environment; without one there is never a defect.
 */
#ifndef CONFORM_MUTANT_H
#define CONFORM_MUTANT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define MUTANT_VARIABLE "READMIT_MUTANT"

extern const _Atomic uint32_t *mutant_now; /* 0: none */

#define MUTANT(number) (atomic_load_explicit(mutant_now, memory_order_relaxed) == (number))

/* The variable with its value, for the environment of a child; NULL: there is none. */
char *mutant_carried(void);

#endif
