#include "protocol/document/mrz.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "protocol/base/date.h"
#include "protocol/base/err.h"

#define MAX_RANGES 4
#define MAX_DIGITS 5

/* Characters from (counted from 0) up to, not including, end of a line. */
struct range {
	uint8_t line, from, end;
};

struct digit {
	uint8_t line, at;
	bool filler; /* `<` may stand there: no value, or one that goes on elsewhere */
	struct range over[MAX_RANGES];
};

/* The forms of Doc 9303; a digit over nothing ends the list. */
static const struct form {
	uint8_t lines, width;
	bool visa;
	uint8_t birth_at, sex_at, expiry_at; /* in the second line */
	struct digit digits[MAX_DIGITS];
} forms[] = {
    /* part 5, TD1 */
    {3, 30, false, 0, 7, 8,
	{{0, 14, true, {{0, 5, 14}}}, {1, 6, false, {{1, 0, 6}}}, {1, 14, false, {{1, 8, 14}}},
	    {1, 29, false, {{0, 5, 30}, {1, 0, 7}, {1, 8, 15}, {1, 18, 29}}}}},
    /* part 6, TD2 */
    {2, 36, false, 13, 20, 21,
	{{1, 9, true, {{1, 0, 9}}}, {1, 19, false, {{1, 13, 19}}}, {1, 27, false, {{1, 21, 27}}},
	    {1, 35, false, {{1, 0, 10}, {1, 13, 20}, {1, 21, 35}}}}},
    /* part 4, TD3 */
    {2, 44, false, 13, 20, 21,
	{{1, 9, false, {{1, 0, 9}}}, {1, 19, false, {{1, 13, 19}}}, {1, 27, false, {{1, 21, 27}}},
	    {1, 42, true, {{1, 28, 42}}}, {1, 43, false, {{1, 0, 10}, {1, 13, 20}, {1, 21, 43}}}}},
    /* part 7, visas of both sizes: no digit over all */
    {2, 36, true, 13, 20, 21,
	{{1, 9, false, {{1, 0, 9}}}, {1, 19, false, {{1, 13, 19}}}, {1, 27, false, {{1, 21, 27}}}}},
    {2, 44, true, 13, 20, 21,
	{{1, 9, false, {{1, 0, 9}}}, {1, 19, false, {{1, 13, 19}}}, {1, 27, false, {{1, 21, 27}}}}},
};

static const struct form *form_of(const char *const *lines, size_t n)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789<";
	size_t width = n == 0 ? 0 : strlen(lines[0]);
	bool visa = n == 2 && lines[0][0] == 'V';

	for (size_t i = 0; i < n; i++)
		if (strlen(lines[i]) != width || strspn(lines[i], allowed) != width)
			return NULL;
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (forms[i].lines == n && forms[i].width == width && forms[i].visa == visa)
			return &forms[i];
	return NULL;
}

const char *rxp_mrz_birth(const char *second_line)
{
	size_t width = strlen(second_line);

	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
		if (forms[i].width == width)
			return second_line + forms[i].birth_at;
	return NULL;
}

static unsigned value_of(char c)
{
	if (c == '<')
		return 0;
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A') + 10;
}

static bool digit_is_right(const struct digit *d, const char *const *lines)
{
	static const unsigned weights[] = {7, 3, 1};
	char found = lines[d->line][d->at];
	unsigned sum = 0;
	unsigned k = 0;

	if (d->filler && found == '<')
		return true;
	for (size_t i = 0; i < MAX_RANGES; i++)
		for (size_t at = d->over[i].from; at < d->over[i].end; at++)
			sum += value_of(lines[d->over[i].line][at]) * weights[k++ % 3];
	return found >= '0' && found <= '9' && value_of(found) == sum % 10;
}

static bool is_unknown(const char *part)
{
	return memcmp(part, "<<", 2) == 0;
}

/* YYMMDD, with `<<` for a part that is unknown; of the centuries any may be meant. */
static bool is_date(const char *date)
{
	/* of no month first */
	static const int longest[] = {31, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year = rxp_date_digits(date, 2);
	int month = is_unknown(date + 2) ? 0 : rxp_date_digits(date + 2, 2);
	int day = is_unknown(date + 4) ? 1 : rxp_date_digits(date + 4, 2);

	if (year < 0 && !is_unknown(date))
		return false;
	if (month < 0 || month > 12 || (month == 0 && !is_unknown(date + 2)))
		return false;
	if (day < 1 || day > longest[month])
		return false;
	return month != 2 || day < 29 || year < 0 || year % 4 == 0;
}

int rxp_mrz_check(const char *const *lines, size_t n)
{
	const struct form *form = form_of(lines, n);

	if (form == NULL)
		return RXP_ERR_SYNTAX;
	for (size_t i = 0; i < MAX_DIGITS && form->digits[i].over[0].end != 0; i++)
		if (!digit_is_right(&form->digits[i], lines))
			return RXP_ERR_MISMATCH;
	return is_date(lines[1] + form->birth_at) && is_date(lines[1] + form->expiry_at) &&
		       strchr("MFX<", lines[1][form->sex_at]) != NULL
		   ? 0
		   : RXP_ERR_SYNTAX;
}
