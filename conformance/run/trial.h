/*
 * trial - one case, tried: a valid message, the changed one, the no-effect probe, a valid message again.
 *
 * The probe shows that what was refused left nothing behind: after a refusal that is not final the same message without
 * the change is receipted; after a final one, or a Receipt, nothing else takes its MessageId.
 */
#ifndef CONFORM_TRIAL_H
#define CONFORM_TRIAL_H

#include "conformance/cases/case.h"
#include "conformance/run/outcome.h"
#include "conformance/run/seen.h"
#include "conformance/run/target.h"

/* Try it; never fails: what goes wrong is the verdict. out: of outcome_init(). */
void trial_run(struct outcome *out, const struct conform_case *c, const struct target *target);

#endif
