/*
 * judge_case - what attachments, chain, procedure and profile say of a peer's document that is not known
 * (RXP-CHN-007 to RXP-CHN-010): the last part of the order of RXP-ANS-011, and the only one that asks the store.
 */
#ifndef REGISTRY_JUDGE_CASE_H
#define REGISTRY_JUDGE_CASE_H

#include "daemon/base/ipc.h"

struct db;
struct terms;
struct verdict;

/*
 * facts: of a document that was opened. *v, a receipt, stays as it is or becomes a refusal.
 * RXP_ERR_STATE: a sealer contradicts the type table, or what is stored is not one case; RXP_ERR_BOUND:
 * a sealer's facts contradict themselves; else errors of cases_load.
 */
int judge_case(struct verdict *v, struct db *db, const struct terms *terms, const char *own,
    const char *party, const struct msg_opened *facts);

#endif
