/*
 * script_trial - one script, tried: a valid message, the script, what must be true of its message (probe.def), a valid
 * message again, each on a connection of its own.
 */
#ifndef CONFORM_SCRIPT_TRIAL_H
#define CONFORM_SCRIPT_TRIAL_H

#include "conformance/run/outcome.h"
#include "conformance/run/target.h"
#include "conformance/script/script.h"

/* Try it; never fails: what goes wrong is the verdict. out: of outcome_init(). */
void script_trial_run(struct outcome *out, const struct script *s, const struct target *target);

/* "RST_STREAM with PROTOCOL_ERROR, or the end of the connection", … */
void script_trial_wanted(char out[OUTCOME_WORDS], const struct wanted *w);

#endif
