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

void pair_case_unrepeated(struct outcome *out, struct pair *p)
{
	int seconds = p->wait_ms / 1000;

	if (pair_prompted(p) && p->gave != 0)
		pair_case_against(out, p, PAIR_SENDER,
		    "gave the message up: it did not send it again within %d seconds, and its trigger ended with the status %d",
		    seconds, p->gave);
	else
		outcome_rule(out, VERDICT_INCOMPLETE,
		    "%s, which sends, did not send the message again within %d seconds, and may pause longer; --wait gives it more",
		    pair_party(p, PAIR_SENDER), seconds);
}
