/*
 * date - days of the proleptic Gregorian calendar, as numbers.
 *
 * A day is an int32_t, the number of days since 1970-01-01, from 0 to RXP_MAX_DAY (9999-12-31). It has
 * no zone: which instants belong to it, a calendar says.
 */
#ifndef RXP_DATE_H
#define RXP_DATE_H

#include <stdint.h>

#define RXP_DAY_TEXT 11 /* YYYY-MM-DD and a NUL */
#define RXP_MAX_DAY 2932896
#define RXP_DAY_MS 86400000LL

/* 0 is Monday. */
enum rxp_weekday {
	RXP_MONDAY,
	RXP_TUESDAY,
	RXP_WEDNESDAY,
	RXP_THURSDAY,
	RXP_FRIDAY,
	RXP_SATURDAY,
	RXP_SUNDAY,
	RXP_WEEKDAY_COUNT
};

/* Any year, month 1 to 12, day from 1; a day that the month does not have counts on into the next. */
int64_t rxp_day_number(int year, int month, int day);
void rxp_day_split(int64_t number, int *year, int *month, int *day);

/* The day must lie in 0..RXP_MAX_DAY; anything else is a programmer's error and aborts. */
void rxp_day_text(char out[RXP_DAY_TEXT], int32_t day);
/* RXP_ERR_SYNTAX for any other form, an impossible date, or a year before 1970. */
int rxp_day_parse(int32_t *out, const char *text);

enum rxp_weekday rxp_day_weekday(int32_t day);
const char *rxp_weekday_name(enum rxp_weekday weekday); /* "monday", … */
int rxp_weekday_parse(enum rxp_weekday *out, const char *name); /* RXP_ERR_NOT_FOUND */

/* The day of the same number so many months later, or the last day of that month if it has no such
 * day. May pass RXP_MAX_DAY. */
int32_t rxp_day_add_months(int32_t day, uint32_t months);

/* The number that exactly count decimal digits give, or -1 if there is anything else. */
int rxp_date_digits(const char *text, int count);

/* The order of days, for qsort() and bsearch(). */
int rxp_day_compare(const void *a, const void *b);

#endif
