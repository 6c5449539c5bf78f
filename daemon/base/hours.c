#include "daemon/base/hours.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "protocol/base/err.h"

#define ALWAYS "always"
#define NONE "none"
#define MINUTE_MS INT64_C(60000)
#define DAY_MINUTES 1440
#define HOUR_MINUTES 60
#define DIGITS_MAX 10

static bool two_digits(uint32_t *out, const char *text, uint32_t below)
{
	if (!isdigit((unsigned char)text[0]) || !isdigit((unsigned char)text[1]))
		return false;
	*out = (uint32_t)(text[0] - '0') * 10 + (uint32_t)(text[1] - '0');
	return *out < below;
}

/* "08:00" */
static bool minute_of(uint32_t *out, const char *text)
{
	uint32_t hour, minute;

	if (!two_digits(&hour, text, 24) || text[2] != ':' || !two_digits(&minute, text + 3, 60))
		return false;
	*out = hour * HOUR_MINUTES + minute;
	return true;
}

int hours_parse(struct hours *out, const char *text)
{
	struct hours h = {0};

	if (strcmp(text, ALWAYS) != 0 &&
	    (strlen(text) != HOURS_TEXT - 1 || text[5] != '-' || !minute_of(&h.from, text) ||
		!minute_of(&h.until, text + 6) || h.from == h.until))
		return RXP_ERR_SYNTAX;
	*out = h;
	return 0;
}

void hours_text(char out[HOURS_TEXT], const struct hours *h)
{
	if (h->from == h->until)
		snprintf(out, HOURS_TEXT, ALWAYS);
	else
		snprintf(out, HOURS_TEXT, "%02u:%02u-%02u:%02u", h->from / HOUR_MINUTES % 24,
		    h->from % HOUR_MINUTES, h->until / HOUR_MINUTES % 24, h->until % HOUR_MINUTES);
}

bool hours_open(const struct hours *h, int64_t wall_ms)
{
	uint32_t now = (uint32_t)(wall_ms / MINUTE_MS % DAY_MINUTES);

	if (h->from == h->until)
		return true;
	return h->from < h->until ? now >= h->from && now < h->until
				  : now >= h->from || now < h->until;
}

int hours_rate_parse(uint64_t *out, const char *text)
{
	uint64_t rate = 0;
	size_t n = 0;

	if (strcmp(text, NONE) == 0) {
		*out = 0;
		return 0;
	}
	while (n < DIGITS_MAX && isdigit((unsigned char)text[n]))
		rate = rate * 10 + (uint64_t)(text[n++] - '0');
	if (n > 0 && text[n] == 'k')
		rate *= 1000, n++;
	else if (n > 0 && text[n] == 'M')
		rate *= 1000000, n++;
	if (n == 0 || text[n] != '\0')
		return RXP_ERR_SYNTAX;
	if (rate < HOURS_RATE_MIN || rate > HOURS_RATE_MAX)
		return RXP_ERR_BOUND;
	*out = rate;
	return 0;
}

void hours_rate_text(char out[HOURS_RATE_TEXT], uint64_t rate)
{
	if (rate == 0)
		snprintf(out, HOURS_RATE_TEXT, NONE);
	else if (rate % 1000 == 0)
		snprintf(out, HOURS_RATE_TEXT, "%" PRIu64 "k", rate / 1000);
	else
		snprintf(out, HOURS_RATE_TEXT, "%" PRIu64, rate);
}
