#include "daemon/base/log_limit.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* Of so many pairs of event and party in a minute; those behind them share the last. */
#define COUNTERS 256

enum by { BY_NONE, BY_ALL, BY_PARTY };

static const struct limit {
	enum by by;
	unsigned lines;
} limits[LOG_EVENTS] = {
#define LIMIT(event, by, lines) [LOG_##event] = {BY_##by, lines},
#include "daemon/base/log_limit.def"
#undef LIMIT
};

static struct counter {
	enum log_event event;
	char key[LOG_KEY_TEXT];
	unsigned lines;
} counters[COUNTERS];

static size_t n_counters;
static int64_t since_ms;

static struct counter *find(enum log_event event, const char *key)
{
	struct counter *c = counters;

	while (c < counters + n_counters && (c->event != event || strcmp(c->key, key) != 0))
		c++;
	if (c < counters + n_counters)
		return c;
	if (n_counters == COUNTERS)
		return &counters[COUNTERS - 1];
	*c = (struct counter){.event = event};
	memcpy(c->key, key, sizeof c->key);
	n_counters++;
	return c;
}

bool log_limit_take(enum log_event event, const char *first)
{
	const struct limit *limit = &limits[event];
	char key[LOG_KEY_TEXT] = "";

	if (limit->by == BY_NONE)
		return true;
	if (limit->by == BY_PARTY && first != NULL)
		snprintf(key, sizeof key, "%.7s", first);
	return ++find(event, key)->lines <= limit->lines;
}

bool log_limit_over(int64_t now_ms)
{
	return now_ms - since_ms >= LOG_MINUTE_MS;
}

bool log_limit_next(struct log_left_out *out, int64_t now_ms)
{
	while (n_counters > 0) {
		const struct counter *c = &counters[--n_counters];

		if (c->lines <= limits[c->event].lines)
			continue;
		*out = (struct log_left_out){
		    .event = c->event, .lines = c->lines - limits[c->event].lines};
		memcpy(out->key, c->key, sizeof out->key);
		return true;
	}
	since_ms = now_ms;
	return false;
}
