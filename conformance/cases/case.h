/*
 * case - what the suite tries: a valid message with exactly one change, and what a product must answer to it.
 *
 * Cases are rows of the tables *.def in this folder: CASE(requirement, number, how, expected, name) of
 * a Ping, CASE_OF(base, …) of another valid message; and one for each invalid example of the specification. The id is
 * "XML-004.R.n1": the requirement without its "RXP-", the role of the product (R: it receives), p for what it must take or
 * n for what it must not, and a number that is never given again.
 */
#ifndef CONFORM_CASE_H
#define CONFORM_CASE_H

#include <stddef.h>

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
	const char *id;
	const char *requirement; /* "RXP-XML-004" */
	const char *name; /* what is different from a valid message */
	enum base base; /* the valid message */
	struct change change;
	struct expect expected;
	const char *place; /* that a Refusal must name; NULL: any */
};

size_t case_total(void);
const struct conform_case *case_at(size_t i);
/* NULL: there is none. */
const struct conform_case *case_find(const char *id);
/* Is it a case of what a product must not take? */
int case_is_negative(const struct conform_case *c);

/* Does its id match a pattern of fnmatch(3)? */
int case_selected(const struct conform_case *c, const char *pattern);

#endif
