/*
 * hours - when and how fast a line is used, as people write it.
 */
#ifndef BASE_HOURS_H
#define BASE_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#define HOURS_TEXT 12 /* "08:00-18:00" and its NUL */
#define HOURS_RATE_TEXT 24
#define HOURS_RATE_MIN \
	16000 /* bit/s: less would end what it slows (GATEWAY_PUT_OCTETS in each minute) */
#define HOURS_RATE_MAX 1000000000

/* A part of each day, in minutes of UTC, over midnight if it ends before it begins; all of it if both are one. */
struct hours {
	uint32_t from, until;
};

/* "08:00-18:00", or "always". RXP_ERR_SYNTAX. */
int hours_parse(struct hours *out, const char *text);
void hours_text(char out[HOURS_TEXT], const struct hours *h);
bool hours_open(const struct hours *h, int64_t wall_ms);

/* "96k", "2M", "64000", or "none", which is 0: bit/s. RXP_ERR_SYNTAX, RXP_ERR_BOUND. */
int hours_rate_parse(uint64_t *out, const char *text);
void hours_rate_text(char out[HOURS_RATE_TEXT], uint64_t rate);

#endif
