#include "protocol/message/answer.h"

#include <stdlib.h>
#include <string.h>

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

bool rxp_flag_among(const char *text, enum rxp_flag flag)
{
	const char *word = rxp_flag_word(flag);
	size_t len = strlen(word);

	while (strncmp(text, word, len) != 0 || (text[len] != ' ' && text[len] != '\0')) {
		text = strchr(text, ' ');
		if (text == NULL)
			return false;
		text++;
	}
	return true;
}
