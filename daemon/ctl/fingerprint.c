#include "daemon/ctl/fingerprint.h"

#include <stddef.h>
#include <string.h>

#include "protocol/err.h"

int fingerprint_parse(char out[RXP_DIGEST_HEX], const char *text)
{
	static const char DIGITS[] = "0123456789abcdef", UPPER[] = "ABCDEF";
	char hex[RXP_DIGEST_HEX];
	size_t n = 0;

	for (; *text != '\0'; text++) {
		const char *upper = strchr(UPPER, *text);

		if (strchr(" \t:-", *text) != NULL)
			continue;
		if (n == RXP_DIGEST_HEX - 1 || (upper == NULL && strchr(DIGITS, *text) == NULL))
			return RXP_ERR_SYNTAX;
		hex[n++] = upper != NULL ? DIGITS[10 + (upper - UPPER)] : *text;
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
