/*
 * tale - the cases of the product as the one that sends that take more than one message, or more than an answer: rows
 * of tale.def, each a function.
 */
#ifndef CONFORM_TALE_H
#define CONFORM_TALE_H

#include "conformance/run/outcome.h"

struct sender;

size_t tale_total(void);
const struct case_facts *tale_facts(size_t i);
void tale_describe(struct outcome *out, size_t i);
/* Tell it; what goes wrong is the verdict. */
void tale_run(struct outcome *out, size_t i, struct sender *s);

#endif
