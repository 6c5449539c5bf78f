#include "daemon/base/fingerprint.h"

#include <stddef.h>
#include <string.h>

#include "protocol/base/err.h"

/* The digit in lower case; NUL if it is none. */
static char digit(char c)
{
	static const char LOWER[] = "0123456789abcdef", UPPER[] = "0123456789ABCDEF";

	for (size_t i = 0; i < sizeof(LOWER) - 1; i++)
		if (c == LOWER[i] || c == UPPER[i])
			return LOWER[i];
	return '\0';
}

int fingerprint_parse(char out[RXP_DIGEST_HEX], const char *text)
{
	char hex[RXP_DIGEST_HEX];
	size_t n = 0;

	for (; *text != '\0'; text++) {
		if (strchr(" \t:-", *text) != NULL)
			continue;
		if (n == RXP_DIGEST_HEX - 1 || digit(*text) == '\0')
			return RXP_ERR_SYNTAX;
		hex[n++] = digit(*text);
	}
	if (n != RXP_DIGEST_HEX - 1)
		return RXP_ERR_SYNTAX;
	hex[n] = '\0';
	memcpy(out, hex, sizeof(hex));
	return 0;
}

void fingerprint_group(char out[FINGERPRINT_GROUPED], const char *hex)
{
	for (size_t i = 0; i < RXP_DIGEST_HEX - 1; i++) {
		if (i > 0 && i % 4 == 0)
			*out++ = ' ';
		*out++ = hex[i];
	}
	*out = '\0';
}
