/*
 * calendar - which days a State works, and which instants belong to which of its days.
 *
 * Nothing here asks the machine for time zones: the offsets are part of the sealed calendar, so that
 * two nodes count the same days (RXP-CAL-004). A calendar is a plain structure without pointers;
 * copy it as you like.
 */
#ifndef RXP_CALENDAR_H
#define RXP_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/base/date.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

#define RXP_LABEL_TEXT 61 /* a line for people, with its NUL */

struct rxp_cert;
struct rxp_reason;

struct rxp_calendar {
	char owner[RXP_PARTY_TEXT];
	uint32_t version; /* from 1 */
	int64_t created_ms; /* when it was sealed; 0 for a draft */
	int64_t effective_ms; /* applies to clocks that start at or after it */
	int32_t first_day, last_day; /* the span of which it speaks */
	char zone[RXP_LABEL_TEXT]; /* for people */
	uint8_t weekend; /* bit 1 << enum rxp_weekday */
	size_t n_offsets; /* from 1 */
	struct {
		int64_t from_ms;
		int32_t minutes; /* east of Greenwich */
	} offsets[RXP_MAX_CALENDAR_OFFSETS]; /* in order of time */
	size_t n_holidays;
	int32_t holidays[RXP_MAX_HOLIDAYS]; /* in order */
	uint8_t digest[RXP_DIGEST_OCTETS]; /* of the sealed Body; zeros for a draft */
};

/*
 * Read a sealed calendar of its owner, whose n seal certificates are certs; the seal is verified. A
 * node takes no other. reason (may be NULL) tells on failure what is wrong. Errors of
 * rxp_terms_read.
 */
int rxp_calendar_open(struct rxp_calendar *out, const uint8_t *octets, size_t len,
    const char *owner, const struct rxp_cert *const *certs, size_t n, struct rxp_reason *reason);

/* Read a draft. Errors of rxp_terms_read. */
int rxp_calendar_draft(
    struct rxp_calendar *out, const uint8_t *octets, size_t len, struct rxp_reason *reason);

/* May next follow held (RXP-CAL-007, RXP-PRF-016)? RXP_ERR_MISMATCH with the reason. */
int rxp_calendar_succeeds(
    const struct rxp_calendar *held, const struct rxp_calendar *next, struct rxp_reason *reason);

/* The local day of an instant; before the first offset the first one holds. May be negative by one
 * near 1970-01-01. */
int32_t rxp_calendar_day(const struct rxp_calendar *c, int64_t ms);
/* The last millisecond of a local day: the last instant whose local day is not a later one. */
int64_t rxp_calendar_day_end(const struct rxp_calendar *c, int32_t day);
/* Minutes since local midnight, 0 to 1439. */
int rxp_calendar_minute(const struct rxp_calendar *c, int64_t ms);

enum rxp_day_kind { RXP_DAY_WORKING, RXP_DAY_WEEKEND, RXP_DAY_HOLIDAY };

bool rxp_calendar_covers(const struct rxp_calendar *c, int32_t day);
/* A weekend day that is a holiday too is a weekend day. Outside the span no holiday is known. */
enum rxp_day_kind rxp_calendar_kind(const struct rxp_calendar *c, int32_t day);

/* All versions of one owner that a node holds, lowest first, each following the one before. */
struct rxp_calendars {
	const struct rxp_calendar *const *versions; /* borrowed */
	size_t n;
};

/* Index of the version that applies to a clock which starts then; RXP_ERR_NOT_FOUND if none does. */
int rxp_calendars_at(size_t *out, const struct rxp_calendars *all, int64_t start_ms);
/*
 * The version that speaks for a day of a clock to which version at applies (RXP-CAL-008): that one,
 * or the first later one that covers the day. *covered: is there any? If there is none, the last
 * version stands in, and the result is provisional.
 */
const struct rxp_calendar *rxp_calendars_for(
    const struct rxp_calendars *all, size_t at, int32_t day, bool *covered);

#endif
