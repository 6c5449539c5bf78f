#include "protocol/safeguard/warning.h"

#include <stddef.h>
#include <string.h>

/* As they are searched for: a space is where a word begins or ends. */
#define FORM_WHOLE(word) " " word " "
#define FORM_BEGINS(word) " " word
#define FORM_ANYWHERE(word) word

static const char *const words[] = {
#define WARNING(language, where, word) FORM_##where(word),
#include "protocol/safeguard/warning.def"
};
static const char *const claims[] = {
#define CLAIM(language, where, word) FORM_##where(word),
#include "protocol/safeguard/warning.def"
};

static bool has_one(const char *folded, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(folded, list[i]) != NULL)
			return true;
	return false;
}

bool rxp_warning_in(const char *folded)
{
	return has_one(folded, words, sizeof words / sizeof words[0]);
}

bool rxp_warning_in_name(const char *folded)
{
	return has_one(folded, claims, sizeof claims / sizeof claims[0]);
}
