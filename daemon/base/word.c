#include "daemon/base/word.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/codec.h"
#include "protocol/base/err.h"

#define NUMBER_TEXT 24
#define OCTETS_TEXT 129

int word_take(char *out, size_t size, const char **at)
{
	size_t len = strcspn(*at, " \n");

	if (len == 0 || len >= size || (*at)[len] == '\0')
		return RXP_ERR_SYNTAX;
	memcpy(out, *at, len);
	out[len] = '\0';
	*at += len + 1;
	return 0;
}

int word_number(uint64_t *out, const char **at)
{
	char text[NUMBER_TEXT], again[NUMBER_TEXT];
	unsigned long long n;
	int rc = word_take(text, sizeof text, at);

	if (rc != 0 || strspn(text, "0123456789") != strlen(text))
		return RXP_ERR_SYNTAX;
	n = strtoull(text, NULL, 10);
	snprintf(again, sizeof again, "%llu", n);
	if (strcmp(text, again) != 0)
		return RXP_ERR_SYNTAX;
	*out = n;
	return 0;
}

int word_octets(uint8_t *out, size_t len, const char **at)
{
	char text[OCTETS_TEXT];
	int rc = word_take(text, sizeof text, at);

	return rc == 0 && rxp_hex_get(out, len, text, false) == 0 ? 0 : RXP_ERR_SYNTAX;
}
