#include "conformance/cases/case.h"

#include <stdlib.h>

#include "conformance/cases/expect_words.h"
#include "conformance/message/changes.h"

#define EDIT(stage, find, replace) \
	{ \
		STAGE_##stage, {{find, NULL, replace}}, NULL, NULL \
	}
#define SPAN(stage, from, until, replace) \
	{ \
		STAGE_##stage, {{from, until, replace}}, NULL, NULL \
	}
#define EDITS(stage, ...) \
	{ \
		STAGE_##stage, {__VA_ARGS__}, NULL, NULL \
	}
#define BY(stage, function) \
	{ \
		STAGE_##stage, {{NULL, NULL, NULL}}, change_##function, NULL \
	}

/* The content is that of an example. */
#define HOLDING(file) \
	{ \
		STAGE_CONTENT, {{NULL, NULL, NULL}}, NULL, file \
	}

static const struct conform_case cases[] = {
#define CASE_OF(base, requirement, number, how, expected, name) \
	{{requirement "." number, "RXP-" requirement, name}, BASE_##base, how, expected, NULL},
#define CASE(requirement, number, how, expected, name) \
	{{requirement "." number, "RXP-" requirement, name}, BASE_PING, how, expected, NULL},
#define EXAMPLE_CASE(requirement, number, base, code, place, file) \
	{{requirement "." number, "RXP-" requirement, "the invalid example " file}, BASE_##base, \
	    {STAGE_CONTENT, {{NULL, NULL, NULL}}, NULL, file}, REFUSES(code), place},
#include "conformance/cases/again.def"
#include "conformance/cases/attachment.def"
#include "conformance/cases/bound.def"
#include "conformance/cases/chain.def"
#include "conformance/cases/compartment.def"
#include "conformance/cases/document.def"
#include "conformance/cases/encryption.def"
#include "conformance/cases/envelope.def"
#include "conformance/cases/opening.def"
#include "conformance/cases/safeguard.def"
#include "conformance/cases/seal.def"
#include "conformance/cases/transport.def"
#include "conformance/cases/value.def"
#include "conformance/example/example_case.def"
#undef EXAMPLE_CASE
#undef CASE
#undef CASE_OF
};
#define N_CASES (sizeof cases / sizeof cases[0])

const char *expect_words(enum expect_kind kind)
{
	static const char *const words[] = {
#define EXPECT(name, words) [EXPECT_##name] = (words),
#include "conformance/cases/expect.def"
#undef EXPECT
	};

	if ((unsigned)kind >= EXPECT_COUNT)
		abort();
	return words[kind];
}

size_t case_total(void)
{
	return N_CASES;
}

const struct conform_case *case_at(size_t i)
{
	if (i >= N_CASES)
		abort();
	return &cases[i];
}
