/*
 * due_vector - one computation of a due date as a test sees it, and the lines of
 * spec/examples/due-dates.txt that make one.
 *
 * A failure here fails the test.
 */
#ifndef DUE_VECTOR_H
#define DUE_VECTOR_H

#include "protocol/terms/due.h"

#define VECTOR_MAX_VERSIONS 4
#define VECTOR_MAX_EVENTS 8

/* One example. */
struct vector {
	char name[80];
	enum rxp_clock clock;
	struct rxp_limit period; /* goes to the clock when the example is complete */
	struct rxp_profile profile;
	struct rxp_calendar *owned[VECTOR_MAX_VERSIONS];
	const struct rxp_calendar *versions[VECTOR_MAX_VERSIONS];
	struct rxp_calendars calendars;
	struct rxp_due_span outages[VECTOR_MAX_EVENTS];
	int64_t attempts[VECTOR_MAX_EVENTS];
	struct rxp_due_facts facts;
	int64_t due_ms, waits_ms;
	int32_t last_day;
	bool waits, extended, provisional, tendered;
};

/* Nothing has happened; a period that ends on a working day. */
void vector_init(struct vector *v);
void vector_clear(struct vector *v);

/* Take one line of an example apart; the line is written to. */
void vector_read_line(struct vector *v, char *line);
/* The versions of a calendar, by the names of their files. */
void vector_calendars(struct vector *v, char **names, int n);
/* Each disturbance at most once. */
void vector_add_effect(struct vector *v, enum rxp_word of, const char *does);
int64_t vector_instant(const char *text);

/* Set the period and compute. */
struct rxp_due vector_compute(struct vector *v);
int vector_try(struct rxp_due *out, struct vector *v);

#endif
