/*
 * progress - how far a file has come, on a terminal, if it takes longer than a second.
 */
#ifndef CTL_PROGRESS_H
#define CTL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define PROGRESS_AFTER_MS 1000
#define PROGRESS_EVERY_MS 200

struct ctl;

struct progress {
	FILE *err; /* NULL: show nothing */
	const char *name; /* borrowed */
	uint64_t total; /* octets; 0 if it is not known */
	int64_t begun_ms, shown_ms; /* monotonic; shown_ms 0: not yet */
};

struct progress progress_begin(const struct ctl *c, const char *name, uint64_t total);
void progress_step(void *progress, uint64_t octets); /* a call_progress_fn */
void progress_end(struct progress *p);

/* The line for so many octets after so many milliseconds, without its return. */
#define PROGRESS_TEXT 128
void progress_line(
    char out[PROGRESS_TEXT], const struct progress *p, uint64_t octets, int64_t after_ms);

#endif
