/*
 * log_limit - how many lines of an event a peer may cause in a minute (log_limit.def); inside of log.
 */
#ifndef BASE_LOG_LIMIT_H
#define BASE_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/log.h"

#define LOG_MINUTE_MS 60000
#define LOG_KEY_TEXT 8 /* of a party, cut, and its NUL */

/* Lines that were not written in the minute that is over. */
struct log_left_out {
	enum log_event event;
	char key[LOG_KEY_TEXT]; /* the party, or "" */
	unsigned lines;
};

/* Count a line of the event whose first field is first, or NULL. false: it is not to be written. */
bool log_limit_take(enum log_event event, const char *first);

/* Has the minute of the lines counted so far ended? */
bool log_limit_over(int64_t now_ms);

/* Another minute begins: what was left out in the last one, one after the other; false: no more, and
 * everything is forgotten. */
bool log_limit_next(struct log_left_out *out, int64_t now_ms);

#endif
