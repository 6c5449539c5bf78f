/*
 * answered - the cases of what a product does with each answer, or none, to a message that it sent.
 *
 * Rows of answered.def: ANSWERED(requirement, number, times, how, want, name). The answer is given `times` times, then the right
 * Receipt: after it the product must send the message no more, whatever it did before.
 */
#ifndef CONFORM_ANSWERED_H
#define CONFORM_ANSWERED_H

#include "conformance/cases/facts.h"
#include "conformance/hear/retort.h"

enum want {
#define WANT(name, is_final, words) WANT_##name,
#include "conformance/hear/want.def"
#undef WANT
	WANT_COUNT
};

const char *want_words(enum want want);
bool want_is_final(enum want want);

struct answered_case {
	struct case_facts facts;
	unsigned times;
	struct retort retort;
	enum want want;
};

size_t answered_total(void);
const struct answered_case *answered_at(size_t i);

#endif
