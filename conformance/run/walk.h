/*
 * walk - one cell of the matrix, tried: the case is brought into its state, each document of the way receipted; then the
 * document that is tried is sent, on the same line; then, on another, what shows whether it had the effect that it must have.
 *
 * The documents before it and behind it are the valid messages that every case has around it: if one of them is not receipted,
 * the case says nothing of its own document.
 */
#ifndef CONFORM_WALK_H
#define CONFORM_WALK_H

#include "conformance/cases/cell.h"
#include "conformance/run/outcome.h"
#include "conformance/run/target.h"

/* As outcome_init() does it, with what is expected in words. */
void walk_describe(struct outcome *out, const struct cell *c);

/* Try it; never fails: what goes wrong is the verdict. out: of walk_describe(). */
void walk_run(struct outcome *out, const struct cell *c, const struct target *target);

#endif
