/*
 * statistics - what a StatisticsReport counts (spec/rxp-1.md, "Statistics"; protocol/case/statistics.def).
 *
 * Pure: the counts of one case from its fold, their sum, and what of it may be told. A hold is nowhere in it
 * (RXP-STA-004).
 */
#ifndef RXP_STATISTICS_H
#define RXP_STATISTICS_H

#include <stdbool.h>
#include <stdint.h>

#include "protocol/case/case_clock.h"

struct rxp_buf;

enum rxp_statistic {
#define STATISTIC(NAME, code, meaning) RXP_STATISTIC_##NAME,
#include "protocol/case/statistics.def"
#undef STATISTIC
	RXP_STATISTIC_COUNT
};

#define RXP_PERIOD_TEXT 8 /* "2026-Q4" and its NUL */
#define RXP_STATISTICS_LEAST 5 /* a smaller figure is not told (RXP-STA-002) */

/* A quarter; its end is the first instant after it. */
struct rxp_period {
	int64_t from_ms, until_ms;
};
int rxp_period_parse(struct rxp_period *out, const char *text); /* RXP_ERR_SYNTAX */

struct rxp_statistics {
	uint64_t counts[RXP_STATISTIC_COUNT];
};

const char *rxp_statistic_code(enum rxp_statistic s);
int rxp_statistic_parse(enum rxp_statistic *out, const char *code); /* RXP_ERR_NOT_FOUND */

/* Add what one case counts in the period, of the side of requesting, which folded it. in->profile may be NULL: then
 * nothing is late and nothing missed. Errors of rxp_case_clock() and rxp_case_replay(). */
int rxp_statistics_add(struct rxp_statistics *s, const struct rxp_case_times *in,
    const struct rxp_period *period, const char *requesting);

/* What of the figure may be told: itself, that it is small, or nothing, because a small one could be computed
 * from it (RXP-STA-002). */
enum rxp_told { RXP_TOLD_COUNT, RXP_TOLD_FEW, RXP_TOLD_NOTHING };
enum rxp_told rxp_statistics_told(const struct rxp_statistics *s, enum rxp_statistic which);

/* Append the content of a StatisticsReport: period as text, both sides. The buffer's errors. */
int rxp_statistics_put(struct rxp_buf *out, const char *period,
    const struct rxp_statistics *requesting, const struct rxp_statistics *requested);

#endif
