#include "daemon/base/log.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log_limit.h"
#include "protocol/base/timestamp.h"

#define LINE_MAX_OCTETS 1024 /* one line, its newline included; one write() */
#define VALUE_MAX_OCTETS 128 /* one value as it stands in the line; longer ones are cut */

struct line {
	char text[LINE_MAX_OCTETS];
	size_t len;
};

struct event {
	const char *name, *level, *fields;
};

static const struct event events[LOG_EVENTS] = {
#define LOG(event_name, event_level, event_fields, meaning, side, action) \
	[LOG_##event_name] = {#event_name, #event_level, event_fields},
#include "daemon/base/log.def"
#undef LOG
};

static const char *process = "unknown";
static uint64_t errors[LOG_EVENTS]; /* of level ERROR, since the start of the process */

void log_name(char out[LOG_NAME_MAX], enum log_event event)
{
	size_t i = 0;

	for (; i + 1 < LOG_NAME_MAX && events[event].name[i] != '\0'; i++)
		out[i] = (char)tolower((unsigned char)events[event].name[i]);
	out[i] = '\0';
}

uint64_t log_errors(enum log_event event)
{
	return errors[event];
}

void log_process(const char *name)
{
	process = name;
}

/* The catalogue's longest event with its longest values fits; the unit test walks all of them. */
static void put(struct line *line, const char *text, size_t len)
{
	if (len > sizeof line->text - line->len)
		abort();
	memcpy(line->text + line->len, text, len);
	line->len += len;
}

static void put_lower(struct line *line, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (c >= 'A' && c <= 'Z')
			c ^= 'A' ^ 'a';
		put(line, &c, 1);
	}
}

static void put_text(struct line *line, const char *text)
{
	size_t left = VALUE_MAX_OCTETS;

	put(line, "\"", 1);
	for (; text != NULL && *text != '\0' && left >= 2; text++) {
		char c = *text;

		if (c < ' ' || c > '~')
			c = '?';
		if (c == '"' || c == '\\') {
			put(line, "\\", 1);
			left--;
		}
		put(line, &c, 1);
		left--;
	}
	put(line, "\"", 1);
}

static void put_octets(struct line *line, const uint8_t *octets, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	put(line, "\"", 1);
	for (size_t i = 0; i < len && i < VALUE_MAX_OCTETS / 2; i++) {
		put(line, &digits[octets[i] >> 4], 1);
		put(line, &digits[octets[i] & 15], 1);
	}
	put(line, "\"", 1);
}

static void put_value(struct line *line, const struct log_value *value)
{
	char number[24];
	int n;

	switch (value->kind) {
	case LOG_TEXT:
		put_text(line, value->text);
		break;
	case LOG_NUMBER:
		n = snprintf(number, sizeof number, "%" PRId64, value->number);
		put(line, number, n > 0 ? (size_t)n : 0);
		break;
	case LOG_OCTETS:
		put_octets(line, value->octets, value->len);
		break;
	}
}

static void put_key(struct line *line, const char *key, size_t len)
{
	put(line, ",\"", 2);
	put_lower(line, key, len);
	put(line, "\":", 2);
}

static void put_head(struct line *line, const struct event *event)
{
	char time[RXP_TIME_TEXT];

	rxp_time_text(time, clock_wall_ms());
	put(line, "{\"time\":\"", 9);
	put(line, time, strlen(time));
	put(line, "\"", 1);
	put_key(line, "level", 5);
	put(line, "\"", 1);
	put_lower(line, event->level, strlen(event->level));
	put(line, "\"", 1);
	put_key(line, "event", 5);
	put(line, "\"", 1);
	put_lower(line, event->name, strlen(event->name));
	put(line, "\"", 1);
	put_key(line, "process", 7);
	put_text(line, process);
}

static void write_line(enum log_event event, const struct log_value *values, unsigned n)
{
	struct line line = {.len = 0};
	const char *field;

	put_head(&line, &events[event]);
	field = events[event].fields;
	for (unsigned i = 0; i < n; i++) {
		size_t len = strcspn(field, " ");

		if (len == 0)
			abort(); /* more values than fields */
		put_key(&line, field, len);
		put_value(&line, &values[i]);
		field += len + (field[len] == ' ' ? 1 : 0);
	}
	if (*field != '\0')
		abort(); /* fewer values than fields */
	put(&line, "}\n", 2);
	/* A log that cannot be written must not stop the service. */
	if (write(STDERR_FILENO, line.text, line.len) < 0)
		return;
}

void log_left_out(void)
{
	int64_t now = clock_mono_ms();
	struct log_left_out left;

	while (log_limit_next(&left, now)) {
		char name[LOG_NAME_MAX];

		log_name(name, left.event);
		write_line(LOG_LINES_LEFT_OUT,
		    (const struct log_value[]){LOG_S(name), LOG_S(left.key), LOG_N(left.lines)}, 3);
	}
}

void log_write(enum log_event event, const struct log_value *values, unsigned n)
{
	if ((unsigned)event >= LOG_EVENTS)
		abort();
	if (strcmp(events[event].level, "ERROR") == 0)
		errors[event]++;
	if (log_limit_over(clock_mono_ms()))
		log_left_out();
	if (log_limit_take(event, n > 0 && values[0].kind == LOG_TEXT ? values[0].text : NULL))
		write_line(event, values, n);
}
