#include "protocol/base/date.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/err.h"

/* Counted in eras of 400 years, each of which has 146,097 days; the year begins in March, so that
 * the leap day is its last. */
int64_t rxp_day_number(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = y / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

void rxp_day_split(int64_t number, int *year, int *month, int *day)
{
	int64_t z = number + 719468;
	int64_t era = z / 146097;
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	*day = (int)(doy - (153 * mp + 2) / 5 + 1);
	*month = (int)(mp < 10 ? mp + 3 : mp - 9);
	*year = (int)(yoe + era * 400 + (*month <= 2));
}

void rxp_day_text(char out[RXP_DAY_TEXT], int32_t day)
{
	char text[64];
	int year, month, in_month;

	if (day < 0 || day > RXP_MAX_DAY)
		abort();
	rxp_day_split(day, &year, &month, &in_month);
	snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, in_month);
	memcpy(out, text, RXP_DAY_TEXT);
}

int rxp_date_digits(const char *text, int count)
{
	int value = 0;

	for (int i = 0; i < count; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		value = value * 10 + (text[i] - '0');
	}
	return value;
}

int rxp_day_parse(int32_t *out, const char *text)
{
	char again[RXP_DAY_TEXT];
	int year, month, day;
	int64_t number;

	if (strlen(text) != RXP_DAY_TEXT - 1)
		return RXP_ERR_SYNTAX;
	year = rxp_date_digits(text, 4);
	month = rxp_date_digits(text + 5, 2);
	day = rxp_date_digits(text + 8, 2);
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31)
		return RXP_ERR_SYNTAX;
	number = rxp_day_number(year, month, day);
	if (number > RXP_MAX_DAY)
		return RXP_ERR_SYNTAX;
	/* Writing it again catches wrong separators and days that the month does not have. */
	rxp_day_text(again, (int32_t)number);
	if (memcmp(again, text, RXP_DAY_TEXT) != 0)
		return RXP_ERR_SYNTAX;
	*out = (int32_t)number;
	return 0;
}

static const char *const weekdays[RXP_WEEKDAY_COUNT] = {
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

enum rxp_weekday rxp_day_weekday(int32_t day)
{
	return (enum rxp_weekday)((day + RXP_THURSDAY) % RXP_WEEKDAY_COUNT); /* 1970-01-01 */
}

const char *rxp_weekday_name(enum rxp_weekday weekday)
{
	if ((unsigned)weekday >= RXP_WEEKDAY_COUNT)
		abort();
	return weekdays[weekday];
}

int rxp_weekday_parse(enum rxp_weekday *out, const char *name)
{
	for (int i = 0; i < RXP_WEEKDAY_COUNT; i++) {
		if (strcmp(weekdays[i], name) == 0) {
			*out = (enum rxp_weekday)i;
			return 0;
		}
	}
	return RXP_ERR_NOT_FOUND;
}

int32_t rxp_day_add_months(int32_t day, uint32_t months)
{
	int year, month, in_month;
	int64_t first, number, next;
	int64_t total;

	rxp_day_split(day, &year, &month, &in_month);
	total = year * 12LL + month - 1 + months;
	first = rxp_day_number((int)(total / 12), (int)(total % 12) + 1, 1);
	total++;
	next = rxp_day_number((int)(total / 12), (int)(total % 12) + 1, 1);
	number = first + in_month - 1;
	return (int32_t)(number < next ? number : next - 1);
}

int rxp_day_compare(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a;
	int32_t y = *(const int32_t *)b;

	return (x > y) - (x < y);
}
