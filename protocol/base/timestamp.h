/*
 * timestamp - the one time format of the wire, YYYY-MM-DDThh:mm:ss.sssZ (RXP-TIM-001).
 *
 * In memory and in the database a time is an int64_t of milliseconds since 1970-01-01T00:00Z,
 * years 1970 to 9999. Leap seconds, 24:00 and other offsets are refused.
 */
#ifndef RXP_TIMESTAMP_H
#define RXP_TIMESTAMP_H

#include <stdint.h>

#define RXP_TIME_TEXT 25 /* 24 characters and a NUL */

/* ms must lie in 0..RXP_MAX_TIME_MS; anything else is a programmer's error and aborts. */
void rxp_time_text(char out[RXP_TIME_TEXT], int64_t ms);

/* RXP_ERR_SYNTAX for any other form or an impossible date. */
int rxp_time_parse(int64_t *out, const char *text);

/* The instant of a local time, YYYY-MM-DDThh:mm, and its offset from UTC, +hh:mm or -hh:mm
 * (RXP-TRF-006). RXP_ERR_SYNTAX for any other form, an impossible date or an instant before 1970. */
int rxp_time_local(int64_t *out, const char *local, const char *offset);

#endif
