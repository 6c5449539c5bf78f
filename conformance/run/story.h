/*
 * story - cases that take several messages, told by a function each (story.def). A valid Ping before and after.
 */
#ifndef CONFORM_STORY_H
#define CONFORM_STORY_H

#include <stddef.h>

#include "conformance/run/outcome.h"
#include "conformance/run/target.h"

size_t story_total(void);
const struct case_facts *story_facts(size_t i);
void story_describe(struct outcome *out, size_t i);
/* Try it; never fails: what goes wrong is the verdict. out: of story_describe(). */
void story_run(struct outcome *out, size_t i, const struct target *target);

#endif
