/*
 * again - a case is tried once more if a connection ended under it, or the product was not there for a while, and it did not pass:
 * that may have been of the case, or a restart, or a line that was lost. Of the case is what comes of it twice. One that failed and in which
 * something got no answer in time is tried once more too, with more patience: a product that is slow for the moment does not hang.
 */
#ifndef CONFORM_AGAIN_H
#define CONFORM_AGAIN_H

#include <stddef.h>

#include "conformance/run/outcome.h"
#include "conformance/run/target.h"

#define AGAIN_PATIENCE 3 /* times the wait of before */

struct again {
	void (*describe)(struct outcome *out, size_t i); /* begins the outcome */
	void (*run)(struct outcome *out, size_t i, const struct target *target);
};

/* Describe and run the i-th. A product that was not there the first time alone, although it had answered, has not passed either: it
 * may have ended for what it was told. */
void again_run(
    struct outcome *out, const struct again *what, size_t i, const struct target *target);

#endif
