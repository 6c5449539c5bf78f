/*
 * calendars - the calendars that the due dates of the package are counted by, as JSON.
 */
#ifndef CONFORM_CALENDARS_H
#define CONFORM_CALENDARS_H

#define CALENDARS_MAX_OCTETS (1024UL * 1024)

struct json_t;
struct rxp_calendar;

/* Of each draft that is embedded (text.h), its name → {effective, span, weekend, holidays, offsets}. NULL: no memory. */
struct json_t *calendars_json(void);
/* One of them back. RXP_ERR_SYNTAX. */
int calendars_read(struct rxp_calendar *out, const struct json_t *calendar);

#endif
