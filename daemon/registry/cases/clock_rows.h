/*
 * clock_rows - the clocks of a case as rows: those that have begun and count, with what was told of each, which
 * of them is due first, and when time alone changes one.
 */
#ifndef REGISTRY_CLOCK_ROWS_H
#define REGISTRY_CLOCK_ROWS_H

#include <stdint.h>

#include "daemon/registry/store/store_clock.h"

struct clock_times;
struct db;

#define CLOCK_ROWS_MAX (RXP_MAX_PERSONS * RXP_CLOCK_COUNT)

struct clock_rows {
	struct store_clock rows[CLOCK_ROWS_MAX]; /* by person */
	size_t n;
	int64_t changes_ms; /* when the next one changes by itself; RXP_DUE_NEVER: none does */
};

/* Compute them as of times->in.as_of_ms; own: our side. Errors of rxp_case_clock(). */
int clock_rows_compute(
    struct clock_rows *out, const struct clock_times *times, enum rxp_case_side own);

/* Take over what was told of them before: of each due instant once. Errors as in db.h. */
int clock_rows_carry(
    struct clock_rows *rows, struct db *db, const char *peer, const uint8_t case_id[16]);

/* What is now to be told of one: the value of `said` after it. */
enum store_clock_said clock_rows_to_tell(const struct store_clock *c, int64_t now_ms);

/* Let them stand for what is stored of the case, inside a transaction. Errors as in db.h. */
int clock_rows_store(
    const struct clock_rows *rows, struct db *db, const char *peer, const uint8_t case_id[16]);

/* When to look at them again: something changes, or is to be told. RXP_DUE_NEVER: only when something
 * happens. */
int64_t clock_rows_next(const struct clock_rows *rows, int64_t now_ms);

/* Is something to be done by a clock in this status? A MINIMUM asks nobody to act. */
bool clock_rows_is_open(enum rxp_clock clock, enum rxp_clock_status status);

/* A due instant that is set, as the owner of the calendar reads it: "2026-12-04 24:00 QRB". */
void clock_rows_local(
    char out[RECORD_NAME_MAX], const struct clock_times *times, const struct rxp_due *due);

#endif
