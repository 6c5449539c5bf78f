#include "daemon/base/halt.h"

#include <string.h>

#include "protocol/base/err.h"

static const char *const reasons[] = {
#define HALT_REASON(name, word, meaning) (word),
#include "daemon/base/halt.def"
};

static const char *const kinds[STOP_KINDS] = {
#define STOP_KIND(name, word, meaning) [STOP_##name] = (word),
#include "daemon/base/halt.def"
};

bool halt_reason_known(const char *word)
{
	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
		if (strcmp(reasons[i], word) == 0)
			return true;
	return false;
}

int stop_kind_parse(enum stop_kind *out, const char *word)
{
	for (int i = 0; i < STOP_KINDS; i++)
		if (strcmp(kinds[i], word) == 0) {
			*out = (enum stop_kind)i;
			return 0;
		}
	return RXP_ERR_NOT_FOUND;
}
