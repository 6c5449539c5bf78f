/*
 * judge_case - what attachments, chain, procedure and profile say of a peer's document that is not known
 * (RXP-CHN-007 to RXP-CHN-010): the last part of the order of RXP-ANS-011, and the only one that asks the store.
 */
#ifndef REGISTRY_JUDGE_CASE_H
#define REGISTRY_JUDGE_CASE_H

#include <stdbool.h>

#include "daemon/base/ipc.h"

struct clocks;
struct db;
struct terms;
struct verdict;

/* Who asks, and when it came; all borrowed. */
struct judge_case {
	struct db *db;
	const struct terms *terms;
	struct clocks *clocks;
	const char *own, *party;
	int64_t received_ms;
	bool brought; /* the peer brings it, and so what it lacks; else we fetch that before */
};

/*
 * facts: of a document that was opened. *v, a receipt, gets the flags of a document of a case (RXP-FLG-001),
 * or becomes a refusal.
 * RXP_ERR_STATE: a sealer contradicts the type table, or what is stored is not one case; RXP_ERR_BOUND:
 * a sealer's facts contradict themselves; else errors of cases_load.
 */
int judge_case(struct verdict *v, const struct judge_case *by, const struct msg_opened *facts);

#endif
