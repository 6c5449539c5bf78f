#include "daemon/gateway/range.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "protocol/base/err.h"

#define UNIT "bytes "
#define WANTED "bytes="

/* A number and the character that ends it; *text goes behind both. */
static bool number(uint64_t *out, const char **text, char end)
{
	const char *at = *text;
	size_t digits = strspn(at, "0123456789"), i;
	uint64_t n = 0;

	if (digits == 0 || digits > RANGE_DIGITS || (at[0] == '0' && digits > 1) ||
	    at[digits] != end)
		return false;
	for (i = 0; i < digits; i++)
		n = n * 10 + (uint64_t)(at[i] - '0');
	*out = n;
	*text = at + digits + 1;
	return true;
}

int range_parse(struct range *out, const char *text)
{
	struct range r;

	if (strncmp(text, UNIT, sizeof UNIT - 1) != 0)
		return RXP_ERR_SYNTAX;
	text += sizeof UNIT - 1;
	if (!number(&r.first, &text, '-') || !number(&r.last, &text, '/') ||
	    !number(&r.total, &text, '\0'))
		return RXP_ERR_SYNTAX;
	if (r.last < r.first || r.last >= r.total)
		return RXP_ERR_BOUND;
	*out = r;
	return 0;
}

int range_parse_wanted(uint64_t *first, const char *text)
{
	uint64_t n;

	if (strncmp(text, WANTED, sizeof WANTED - 1) != 0)
		return RXP_ERR_SYNTAX;
	text += sizeof WANTED - 1;
	if (!number(&n, &text, '-') || *text != '\0')
		return RXP_ERR_SYNTAX;
	*first = n;
	return 0;
}

void range_write_wanted(char out[RANGE_TEXT], uint64_t first)
{
	snprintf(out, RANGE_TEXT, WANTED "%" PRIu64 "-", first);
}

void range_write(char out[RANGE_TEXT], const struct range *range)
{
	snprintf(out, RANGE_TEXT, UNIT "%" PRIu64 "-%" PRIu64 "/%" PRIu64, range->first,
	    range->last, range->total);
}
