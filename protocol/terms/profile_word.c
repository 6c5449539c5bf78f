#include "protocol/terms/profile.h"

#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"

#define HOUR_MS 3600000LL

static const struct {
	enum rxp_word_list list;
	const char *text;
	const char *meaning;
} words[RXP_WORD_COUNT] = {
    [RXP_WORD_ABSENT] = {RXP_LIST_COUNT, "", ""},
#define PROFILE_WORD(list, name, word, meaning) \
	[RXP_##list##_##name] = {RXP_LIST_##list, word, meaning},
#include "protocol/terms/profile.def"
};

static const struct {
	const char *type;
	const char *about;
} lists[RXP_LIST_COUNT] = {
#define PROFILE_LIST(list, type, about) [RXP_LIST_##list] = {type, about},
#include "protocol/terms/profile.def"
};

const char *rxp_word_text(enum rxp_word word)
{
	if ((unsigned)word >= RXP_WORD_COUNT)
		abort();
	return words[word].text;
}

const char *rxp_word_meaning(enum rxp_word word)
{
	if ((unsigned)word >= RXP_WORD_COUNT)
		abort();
	return words[word].meaning;
}

enum rxp_word_list rxp_word_list(enum rxp_word word)
{
	if ((unsigned)word >= RXP_WORD_COUNT || word == RXP_WORD_ABSENT)
		abort();
	return words[word].list;
}

int rxp_word_parse(enum rxp_word *out, enum rxp_word_list list, const char *text)
{
	for (int i = 0; i < RXP_WORD_COUNT; i++) {
		if (words[i].list == list && strcmp(words[i].text, text) == 0) {
			*out = (enum rxp_word)i;
			return 0;
		}
	}
	return RXP_ERR_NOT_FOUND;
}

const char *rxp_list_type(enum rxp_word_list list)
{
	if ((unsigned)list >= RXP_LIST_COUNT)
		abort();
	return lists[list].type;
}

const char *rxp_list_about(enum rxp_word_list list)
{
	if ((unsigned)list >= RXP_LIST_COUNT)
		abort();
	return lists[list].about;
}

#define H (1U << (RXP_UNIT_HOURS - RXP_UNIT_HOURS))
#define CD (1U << (RXP_UNIT_CALENDAR_DAYS - RXP_UNIT_HOURS))
#define WD (1U << (RXP_UNIT_WORKING_DAYS - RXP_UNIT_HOURS))
#define MO (1U << (RXP_UNIT_MONTHS - RXP_UNIT_HOURS))
#define STARTS_PROFILE true
#define STARTS_FIXED false

static const struct rxp_clock_row clocks[RXP_CLOCK_COUNT] = {
#define CLOCK(name, word_, kind_, starts_, units_, warn_, begins_, requirement_, meaning_) \
	[RXP_CLOCK_##name] = {.word = (word_), \
	    .kind = RXP_CLOCK_KIND_##kind_, \
	    .profile_starts = STARTS_##starts_, \
	    .units = (units_), \
	    .warn_ms = (warn_)*HOUR_MS, \
	    .begins = (begins_), \
	    .requirement = (requirement_), \
	    .meaning = (meaning_)},
#include "protocol/terms/clock.def"
#undef CLOCK
};

const struct rxp_clock_row *rxp_clock_row(enum rxp_clock clock)
{
	if ((unsigned)clock >= RXP_CLOCK_COUNT)
		abort();
	return &clocks[clock];
}

int rxp_clock_parse(enum rxp_clock *out, const char *word)
{
	for (int i = 0; i < RXP_CLOCK_COUNT; i++) {
		if (strcmp(clocks[i].word, word) == 0) {
			*out = (enum rxp_clock)i;
			return 0;
		}
	}
	return RXP_ERR_NOT_FOUND;
}

bool rxp_unit_counts(enum rxp_word unit)
{
	return unit >= RXP_UNIT_HOURS && unit <= RXP_UNIT_MONTHS;
}

bool rxp_clock_counts_in(enum rxp_clock clock, enum rxp_word unit)
{
	return rxp_unit_counts(unit) &&
	       (rxp_clock_row(clock)->units >> (unit - RXP_UNIT_HOURS) & 1) != 0;
}
