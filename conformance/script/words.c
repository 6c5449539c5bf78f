/* The words of the tables of a script's parts. */
#include <stdlib.h>

#include "conformance/script/script.h"

static const char *const steps[] = {
#define STEP(name, words) [STEP_##name] = (words),
#include "conformance/script/step.def"
#undef STEP
};
static const char *const awaits[] = {
#define AWAIT(name, words) [AWAIT_##name] = (words),
#include "conformance/script/await.def"
#undef AWAIT
};
static const char *const wants[] = {
#define WANTED(name, words) [WANTED_##name] = (words),
#include "conformance/script/wanted.def"
#undef WANTED
};
static const char *const probes[] = {
#define PROBE(name, words) [PROBE_##name] = (words),
#include "conformance/script/probe.def"
#undef PROBE
};
static const char *const groups[] = {
#define GROUP(name, option, why) [GROUP_##name] = (why),
#include "conformance/script/group.def"
#undef GROUP
};
static const char *const codes[] = {
#define HTTP2_CODE(name) [CODE_##name] = #name,
#include "conformance/script/code.def"
#undef HTTP2_CODE
};

const char *step_words(enum step_kind k)
{
	if ((unsigned)k >= sizeof steps / sizeof steps[0] || steps[k] == NULL)
		abort();
	return steps[k];
}

const char *await_words(enum await a)
{
	if ((unsigned)a >= AWAIT_COUNT)
		abort();
	return awaits[a];
}

const char *wanted_words(enum wanted_kind w)
{
	if ((unsigned)w >= WANTED_COUNT)
		abort();
	return wants[w];
}

const char *probe_words(enum probe p)
{
	if ((unsigned)p >= PROBE_COUNT)
		abort();
	return probes[p];
}

const char *group_why(enum script_group g)
{
	if ((unsigned)g >= GROUP_COUNT)
		abort();
	return groups[g];
}

const char *http2_code_word(uint32_t code)
{
	return code < CODE_COUNT ? codes[code] : "an unknown code";
}
