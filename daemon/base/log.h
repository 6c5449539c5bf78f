/*
 * log - JSON lines on standard error, from one catalogue of events (log.def).
 *
 * A line has time, level, event, process, and the event's fields: ids, digests, party codes, counts,
 * fixed texts. No event has a field for content, so no person's data can come into a log. Logged
 * once, where the handling is decided. What others can cause without end has a bound of lines in a minute
 * for each of them (log_limit.def), so that nobody fills the log or hides in it.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

enum log_event {
#define LOG(name, level, fields, meaning, side, action) LOG_##name,
#include "daemon/base/log.def"
#undef LOG
	LOG_EVENTS
};

/* Values by the field list of the event, in its order; see LOG_S and the others. */
struct log_value {
	enum { LOG_TEXT, LOG_NUMBER, LOG_OCTETS } kind;
	const char *text; /* printable ASCII; anything else is replaced by '?' */
	int64_t number;
	const uint8_t *octets; /* printed in hexadecimal */
	uint32_t len;
};

#define LOG_S(t) ((struct log_value){.kind = LOG_TEXT, .text = (t)})
#define LOG_N(n) ((struct log_value){.kind = LOG_NUMBER, .number = (int64_t)(n)})
#define LOG_X(o, l) ((struct log_value){.kind = LOG_OCTETS, .octets = (o), .len = (l)})

#define LOG_NAME_MAX 32 /* of an event, with its NUL */

/* Its name as it stands in a line. */
void log_name(char out[LOG_NAME_MAX], enum log_event event);

/* How many lines this process wrote of an event of level ERROR; of any other none. Those that a bound left out count. */
uint64_t log_errors(enum log_event event);

/* Name of this process in its lines; a fixed string. */
void log_process(const char *name);

/* Say what the bounds left out since the last time; a process calls it each minute, and at its end. */
void log_left_out(void);

/* Write one line. The number of values must be that of the event's fields, or the call aborts. */
#define log_event(event, ...) \
	log_write((event), (const struct log_value[]){__VA_ARGS__}, \
	    sizeof((const struct log_value[]){__VA_ARGS__}) / sizeof(struct log_value))
void log_write(enum log_event event, const struct log_value *values, unsigned n);

#endif
