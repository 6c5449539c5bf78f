/*
 * case - what the suite tries: a valid message with exactly one change, and what a product must answer to it.
 *
 * Cases are rows of the tables *.def in this folder: CASE(requirement, number, how, expected, name) of
 * a Ping, CASE_OF(base, …) of another valid message; and one for each invalid example of the specification.
 */
#ifndef CONFORM_CASE_H
#define CONFORM_CASE_H

#include <stddef.h>

#include "conformance/cases/facts.h"
#include "conformance/message/draft.h"

enum expect_kind {
#define EXPECT(name, words) EXPECT_##name,
#include "conformance/cases/expect.def"
#undef EXPECT
	EXPECT_COUNT
};

const char *expect_words(enum expect_kind kind);

struct expect {
	enum expect_kind kind;
	int value; /* of a REFUSAL the code, enum rxp_refusal; of a STATUS the number */
};

struct conform_case {
	struct case_facts facts;
	enum base base; /* the valid message */
	struct change change;
	struct expect expected;
	const char *place; /* that a Refusal must name; NULL: any */
};

size_t case_total(void);
const struct conform_case *case_at(size_t i);

#endif
