/*
 * restored - the notice of a State that lost something: where the log that it kept for the product ends (RXP-NOT-005).
 */
#ifndef CONFORM_RESTORED_H
#define CONFORM_RESTORED_H

#include <stdint.h>

#include "conformance/message/draft.h"

struct restored {
	uint8_t log_id[RXP_ID_OCTETS], head[RXP_DIGEST_OCTETS];
	uint64_t n;
};

/* A new draft that says so. Errors of draft_begin_example(). */
int restored_begin(
    struct draft *d, const struct parties *parties, const struct restored *r, int64_t now_ms);

#endif
