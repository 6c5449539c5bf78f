#include "conformance/run/pair_case.h"

#include <stdarg.h>
#include <stdio.h>

void pair_case_against(
    struct outcome *out, const struct pair *p, enum pair_side side, const char *format, ...)
{
	char words[OUTCOME_WORDS];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(words, sizeof words, format, arguments);
	va_end(arguments);
	outcome_rule(out, outcome_against(out), "%s, which %s, %s", pair_party(p, side),
	    side == PAIR_SENDER ? "sends" : "receives", words);
}
