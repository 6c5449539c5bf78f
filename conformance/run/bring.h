/*
 * bring - a part of the plan `respond`: descriptors that the suite's State brings (RXP-PUL-008), each with one fault in what would
 * be new of it. None of them may be taken; the one that is known is, before and behind it.
 */
#ifndef CONFORM_BRING_H
#define CONFORM_BRING_H

#include <stddef.h>

#include "conformance/run/outcome.h"
#include "conformance/run/target.h"

size_t bring_total(void);
const struct case_facts *bring_facts(size_t i);
/* As the functions of a plan; out is described before it runs. */
void bring_describe(struct outcome *out, size_t i);
void bring_run(struct outcome *out, size_t i, const struct target *target);

#endif
