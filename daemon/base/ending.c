#include "daemon/base/ending.h"

#include <stddef.h>
#include <string.h>

#include "protocol/base/err.h"

static const struct {
	const char *word;
	int64_t days[ENDING_MARKS];
} table[ENDING_COUNT] = {
#define ENDING(name, word, first, second, third, meaning, after, own, peer) \
	[ENDING_##name] = {word, {first, second, third, 0}},
#include "daemon/base/ending.def"
#undef ENDING
};

const char *ending_word(enum ending e)
{
	return table[e].word;
}

int ending_find(enum ending *out, const char *word)
{
	for (int i = 0; i < ENDING_COUNT; i++) {
		if (strcmp(table[i].word, word) != 0)
			continue;
		*out = (enum ending)i;
		return 0;
	}
	return RXP_ERR_NOT_FOUND;
}

unsigned ending_passed(enum ending e, int64_t left_ms)
{
	unsigned n = 0;

	while (n < ENDING_MARKS && left_ms <= table[e].days[n] * ENDING_DAY_MS)
		n++;
	return n;
}
