#include <string.h>

#include "protocol/base/err.h"
#include "protocol/case/correction.h"

static const char *const asked_words[RXP_ASKED_COUNT] = {
#define ASKED(name, element, word) [RXP_ASKED_##name] = (word),
#include "protocol/case/correction_asked.def"
#undef ASKED
};

static const char *const answered_words[RXP_ANSWERED_COUNT] = {
#define ANSWERED(name, element, word) [RXP_ANSWERED_##name] = (word),
#include "protocol/case/correction_answered.def"
#undef ANSWERED
};

const char *rxp_asked_word(enum rxp_asked asked)
{
	return asked_words[asked];
}

const char *rxp_answered_word(enum rxp_answered answered)
{
	return answered_words[answered];
}

int rxp_asked_parse(enum rxp_asked *out, const char *word)
{
	for (unsigned i = 0; i < RXP_ASKED_COUNT; i++)
		if (strcmp(asked_words[i], word) == 0) {
			*out = (enum rxp_asked)i;
			return 0;
		}
	return RXP_ERR_NOT_FOUND;
}

int rxp_answered_parse(enum rxp_answered *out, const char *word)
{
	for (unsigned i = 0; i < RXP_ANSWERED_COUNT; i++)
		if (strcmp(answered_words[i], word) == 0) {
			*out = (enum rxp_answered)i;
			return 0;
		}
	return RXP_ERR_NOT_FOUND;
}
