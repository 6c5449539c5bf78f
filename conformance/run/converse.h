/*
 * converse - one exchange (cases/exchange.h), tried: a valid Ping, the steps before, the step that is tried, those after it on
 * a connection that has seen nothing, a valid Ping.
 */
#ifndef CONFORM_CONVERSE_H
#define CONFORM_CONVERSE_H

#include "conformance/cases/exchange.h"
#include "conformance/run/outcome.h"
#include "conformance/run/target.h"

/* As outcome_init() does it, with what is expected in words. */
void converse_describe(struct outcome *out, const struct exchange *e);

/* Try it; never fails: what goes wrong is the verdict. out: of converse_describe(). */
void converse_run(struct outcome *out, const struct exchange *e, const struct target *target);

#endif
