/*
 * heard_history - HistoryRequest and HistoryCopy of a peer when they come (spec/rxp-1.md section 33). What follows from
 * them is done afterwards, by history/.
 */
#ifndef REGISTRY_HEARD_HISTORY_H
#define REGISTRY_HEARD_HISTORY_H

#include "daemon/registry/in/heard.h"

/* As heard_judge(), with *out without an objection. */
int heard_history_judge_request(
    struct heard_objection *out, struct db *db, const char *party, int64_t received_ms);
int heard_history_judge_copy(struct heard_objection *out, struct db *db, const char *party,
    const struct rec_node_history_copy *copy, int64_t received_ms);

/* As heard_act(): note what is to be given; keep what came until it is looked at. */
int heard_history_request(struct db *db, const char *party, const struct heard *m,
    const struct rec_node_history_request *request);
int heard_history_copy(struct db *db, const char *party, const struct heard *m,
    const struct rec_node_history_copy *copy);

void heard_history_tell(const char *party, const struct rec_node_history_request *request);

#endif
