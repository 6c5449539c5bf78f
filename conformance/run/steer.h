/*
 * steer - a case that is brought on its course (cases/course.h), and the document that is tried there.
 */
#ifndef CONFORM_STEER_H
#define CONFORM_STEER_H

#include "conformance/cases/course.h"
#include "conformance/run/outcome.h"
#include "conformance/run/target.h"

/* As outcome_init() does it, with what is expected in words. */
void steer_describe(struct outcome *out, const struct course *c);

/* Try it; never fails: what goes wrong is the verdict. out: of steer_describe(). */
void steer_run(struct outcome *out, const struct course *c, const struct target *target);

#endif
