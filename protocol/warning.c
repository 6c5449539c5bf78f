#include "protocol/warning.h"

#include <stddef.h>
#include <string.h>

/* As they are searched for: a space is where a word begins or ends. */
#define FORM_WHOLE(word) " " word " "
#define FORM_BEGINS(word) " " word
#define FORM_ANYWHERE(word) word

static const char *const words[] = {
#define WARNING(language, where, word) FORM_##where(word),
#include "protocol/warning.def"
#undef WARNING
};

bool rxp_warning_in(const char *folded)
{
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strstr(folded, words[i]) != NULL)
			return true;
	return false;
}
