/*
 * report - what a run came to, as one JSON object; every other form of report is made from it.
 */
#ifndef CONFORM_REPORT_H
#define CONFORM_REPORT_H

#include <stddef.h>
#include <stdint.h>

#include "conformance/run/outcome.h"
#include "conformance/run/target.h"

/* Of the file, as its schema has it: one more with each change. 1 did not say so; 2 did not say what was tried once more; 3 not what was changed in
 * what was sent. */
#define REPORT_FORMAT 4
#define REPORT_FORMAT_OLDEST 2 /* that says which it is, and is read */

struct report;

/* Of the suite. */
const char *report_version(void);

/* An empty one; target NULL: of a plan that speaks to no product; role: the name of the plan; command: what a person types to try it all again. The caller owns *out. RXP_ERR_NOMEM. */
int report_new(struct report **out, const struct target *target, const char *role,
    const char *command, int64_t began_ms);
void report_free(struct report *r);

/* Say that only the cases of these patterns were tried. RXP_ERR_NOMEM. */
int report_select(struct report *r, const char *pattern);

/* Add a case that was tried; what was sent and received is kept unless it passed. RXP_ERR_NOMEM. */
int report_add(struct report *r, const struct outcome *o);
/* The i-th, which was incomplete, for that reason, was tried once more: this takes its place, and says so. RXP_ERR_NOMEM. */
int report_replace(struct report *r, size_t i, const struct outcome *o, const char *why);

size_t report_count(const struct report *r, enum verdict v);
size_t report_cases(const struct report *r);

/* Write it in the place of any file that is there. RXP_ERR_IO, RXP_ERR_NOMEM. */
int report_write(struct report *r, const char *path, int64_t ended_ms);

#endif
