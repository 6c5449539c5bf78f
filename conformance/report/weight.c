#include "conformance/report/weight.h"

#include <stdbool.h>
#include <string.h>

#include "conformance/report/foreign.h"
#include "conformance/report/report_file.h"

const char *weight_words(enum weight w)
{
	static const char *const words[WEIGHT_COUNT] = {
#define WEIGHT(name, words, means) words,
#include "conformance/report/weight.def"
	};

	return words[w];
}

const char *weight_means(enum weight w)
{
	static const char *const means[WEIGHT_COUNT] = {
#define WEIGHT(name, words, means) means,
#include "conformance/report/weight.def"
	};

	return means[w];
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Words of what came that say that the product took nothing. */
static bool is_turned_down(const char *seen)
{
	static const char *const words[] = {"the Refusal ", "the status 3", "the status 4",
	    "the status 5", "an answer that is none", "no octet of HTTP"};

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (begins(seen, words[i]))
			return true;
	return false;
}

enum weight weight_of(const struct report_file *f, size_t i)
{
	static const struct {
		const char *begin;
		enum weight weight;
	} rows[] = {
#define SIGNED(begin, name) {begin, WEIGHT_##name},
#include "conformance/report/weight.def"
	};
	const struct case_facts facts = {.id = report_case_text(f, i, "id")};
	const char *why = report_case_text(f, i, "why");

	for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
		if (begins(why, rows[k].begin))
			return rows[k].weight;
	if (!facts_negative(&facts))
		return WEIGHT_UNDONE;
	return report_case_verdict(f, i) == VERDICT_FAIL &&
		       !is_turned_down(report_case_text(f, i, "seen")) && !foreign_page(f, i)
		   ? WEIGHT_TAKEN
		   : WEIGHT_ANSWER;
}
