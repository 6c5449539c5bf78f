#include "protocol/message/answer.h"

#include <stdlib.h>

static const char *const words[] = {
#define FLAG(name, word, requirement, meaning) [RXP_FLAG_##name] = (word),
#include "protocol/message/flag.def"
#undef FLAG
};

const char *rxp_flag_word(enum rxp_flag flag)
{
	if ((unsigned)flag >= RXP_FLAG_COUNT)
		abort();
	return words[flag];
}
