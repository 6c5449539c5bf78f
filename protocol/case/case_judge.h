/*
 * case_judge - what the clocks say of one document: the flags of its Receipt (spec/rxp-1.md, "What a receiver
 * says of time"), and whether its sender may seal it at all. Receiver and sender ask the same.
 *
 * Pure, like case_clock.h.
 */
#ifndef RXP_CASE_JUDGE_H
#define RXP_CASE_JUDGE_H

#include "protocol/case/case_clock.h"

struct rxp_case_judgement {
	unsigned flags; /* a mask of 1u << enum rxp_flag; with UNPLANNED at most RXP_MAX_FLAGS */
	const char *barred; /* the requirement for which it must not be sealed; NULL: it may be */
};

/*
 * Judge the i-th document of in, which is the last of its side, at its receipt; of one that is not sent yet
 * the moment is now. as_of_ms plays no part. Errors of rxp_case_clock().
 */
int rxp_case_judge(struct rxp_case_judgement *out, const struct rxp_case_times *in, size_t i);

#endif
