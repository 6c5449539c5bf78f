#include "protocol/base/timestamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/base/date.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define LOCAL_LENGTH 16
#define OFFSET_LENGTH 6
#define MINUTE_MS INT64_C(60000)

void rxp_time_text(char out[RXP_TIME_TEXT], int64_t ms)
{
	char text[64];
	int year, month, day, in_day;

	if (ms < 0 || ms > RXP_MAX_TIME_MS)
		abort();
	rxp_day_split(ms / RXP_DAY_MS, &year, &month, &day);
	in_day = (int)(ms % RXP_DAY_MS);
	snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", year, month, day,
	    in_day / 3600000, in_day / 60000 % 60, in_day / 1000 % 60, in_day % 1000);
	memcpy(out, text, RXP_TIME_TEXT);
}

int rxp_time_parse(int64_t *out, const char *text)
{
	char date[RXP_DAY_TEXT] = "";
	char again[RXP_TIME_TEXT];
	int f[4];
	int32_t day;
	int64_t ms;

	if (strlen(text) != RXP_TIME_TEXT - 1)
		return RXP_ERR_SYNTAX;
	memcpy(date, text, RXP_DAY_TEXT - 1);
	f[0] = rxp_date_digits(text + 11, 2);
	f[1] = rxp_date_digits(text + 14, 2);
	f[2] = rxp_date_digits(text + 17, 2);
	f[3] = rxp_date_digits(text + 20, 3);
	if (rxp_day_parse(&day, date) != 0 || f[0] < 0 || f[0] > 23 || f[1] < 0 || f[1] > 59 ||
	    f[2] < 0 || f[2] > 59 || f[3] < 0)
		return RXP_ERR_SYNTAX;
	ms = day * RXP_DAY_MS + ((f[0] * 60LL + f[1]) * 60 + f[2]) * 1000 + f[3];
	/* Writing it again catches wrong separators. */
	rxp_time_text(again, ms);
	if (memcmp(again, text, RXP_TIME_TEXT) != 0)
		return RXP_ERR_SYNTAX;
	*out = ms;
	return 0;
}

int rxp_time_local(int64_t *out, const char *local, const char *offset)
{
	char text[RXP_TIME_TEXT];
	int hours, minutes;
	int64_t ms;

	if (strlen(local) != LOCAL_LENGTH || strlen(offset) != OFFSET_LENGTH ||
	    (offset[0] != '+' && offset[0] != '-') || offset[3] != ':')
		return RXP_ERR_SYNTAX;
	snprintf(text, sizeof text, "%s:00.000Z", local);
	hours = rxp_date_digits(offset + 1, 2);
	minutes = rxp_date_digits(offset + 4, 2);
	if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 ||
	    rxp_time_parse(&ms, text) != 0)
		return RXP_ERR_SYNTAX;
	ms -= (offset[0] == '-' ? -1 : 1) * (hours * INT64_C(60) + minutes) * MINUTE_MS;
	if (ms < 0 || ms > RXP_MAX_TIME_MS)
		return RXP_ERR_SYNTAX;
	*out = ms;
	return 0;
}
