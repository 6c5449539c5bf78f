/*
 * exact - which Refusal may stand in the place of which (exact.def).
 */
#ifndef CONFORM_EXACT_H
#define CONFORM_EXACT_H

#include <stdbool.h>

#include "protocol/message/answer.h"

/* Does another State do the same upon both, and learn no more by the one that was seen? Of one and the same: yes. */
bool exact_may_stand(enum rxp_refusal wanted, enum rxp_refusal seen);

#endif
