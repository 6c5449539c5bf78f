#include "protocol/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/err.h"
#include "protocol/limits.h"

#define MS_PER_DAY 86400000LL

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar, counted in 400-year eras. */
static int64_t days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

static void civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t z = days + 719468;
	int64_t era = z / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

void rxp_time_text(char out[RXP_TIME_TEXT], int64_t ms)
{
	char text[64];
	int year, month, day, in_day;

	if (ms < 0 || ms > RXP_MAX_TIME_MS)
		abort();
	civil_from_days(ms / MS_PER_DAY, &year, &month, &day);
	in_day = (int)(ms % MS_PER_DAY);
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, day,
	    in_day / 3600000, in_day / 60000 % 60, in_day / 1000 % 60, in_day % 1000);
	memcpy(out, text, RXP_TIME_TEXT);
}

static int digits(const char *text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

int rxp_time_parse(int64_t *out, const char *text)
{
	char again[RXP_TIME_TEXT];
	int64_t ms;
	int f[7];

	if (strlen(text) != RXP_TIME_TEXT - 1)
		return RXP_ERR_SYNTAX;
	f[0] = digits(text, 4);
	f[1] = digits(text + 5, 2);
	f[2] = digits(text + 8, 2);
	f[3] = digits(text + 11, 2);
	f[4] = digits(text + 14, 2);
	f[5] = digits(text + 17, 2);
	f[6] = digits(text + 20, 3);
	if (f[0] < 1970 || f[1] < 1 || f[1] > 12 || f[2] < 1 || f[2] > 31 || f[3] < 0 ||
	    f[3] > 23 || f[4] < 0 || f[4] > 59 || f[5] < 0 || f[5] > 59 || f[6] < 0)
		return RXP_ERR_SYNTAX;
	ms = days_from_civil(f[0], f[1], f[2]) * MS_PER_DAY +
	     ((f[3] * 60LL + f[4]) * 60 + f[5]) * 1000 + f[6];
	/* Writing it again catches wrong separators and days that the month does not have. */
	rxp_time_text(again, ms);
	if (memcmp(again, text, RXP_TIME_TEXT) != 0)
		return RXP_ERR_SYNTAX;
	*out = ms;
	return 0;
}
