#include "conformance/hear/answered.h"

#include <stdlib.h>

#include "conformance/hear/greets.h"
#include "conformance/hear/retorts.h"

#define EDIT(stage, find, replace) \
	{ \
		RETORT_##stage, {{find, NULL, replace}}, NULL, NULL \
	}
#define SPAN(stage, from, until, replace) \
	{ \
		RETORT_##stage, {{from, until, replace}}, NULL, NULL \
	}
#define BY(stage, function) \
	{ \
		RETORT_##stage, {{NULL, NULL, NULL}}, retort_##function, NULL \
	}
#define GREET(function) \
	{ \
		RETORT_LINE, {{NULL, NULL, NULL}}, NULL, greet_##function \
	}

static const struct answered_case cases[] = {
#define ANSWERED(requirement, number, times, how, want, name) \
	{{requirement "." number, "RXP-" requirement, name}, times, how, WANT_##want},
#include "conformance/hear/answered.def"
#undef ANSWERED
};
#define N_CASES (sizeof cases / sizeof cases[0])

static const struct {
	bool is_final;
	const char *words;
} wants[] = {
#define WANT(name, is_final, words) [WANT_##name] = {(is_final) != 0, words},
#include "conformance/hear/want.def"
#undef WANT
};

const char *want_words(enum want want)
{
	if ((unsigned)want >= WANT_COUNT)
		abort();
	return wants[want].words;
}

bool want_is_final(enum want want)
{
	if ((unsigned)want >= WANT_COUNT)
		abort();
	return wants[want].is_final;
}

size_t answered_total(void)
{
	return N_CASES;
}

const struct answered_case *answered_at(size_t i)
{
	if (i >= N_CASES)
		abort();
	return &cases[i];
}
