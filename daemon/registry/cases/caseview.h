/*
 * caseview - a case as people look at it: its row, its persons, its documents in their order.
 *
 * The timeline holds the documents in the chain in the order of the fold, which is the same at both
 * States; refused ones and drafts are messages, but no part of the case. `effect` says what the
 * fold makes of each (RXP-CAS-007): effective, overtaken, overtaken-in-part (for some of its persons),
 * or in-doubt as long as nothing says that the other side has it.
 */
#ifndef REGISTRY_CASEVIEW_H
#define REGISTRY_CASEVIEW_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct clocks;
struct node;

/* Answers `case_shown`. RXP_ERR_NOT_FOUND; RXP_ERR_STATE, what is stored is not one case. */
void caseview_show(
    struct node *n, struct clocks *clocks, uint64_t request, const struct msg_case_show *m);

#endif
