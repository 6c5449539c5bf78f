/*
 * heard_history - HistoryRequest and HistoryCopy of a peer when they come (spec/rxp-1.md section 33). What follows from
 * them is done afterwards, by history/. A part of heard.c. Process: registry.
 *
 * Errors as in db.h, and what is named; received_ms: of the document, milliseconds UTC.
 */
#ifndef REGISTRY_HEARD_HISTORY_H
#define REGISTRY_HEARD_HISTORY_H

#include "daemon/registry/in/heard.h"

/* As heard_judge(): *out has no objection yet, and stays so if there is none. A request: one of a peer is open at a time, and
 * REGISTRY_HISTORIES_DAY of it a day (RXP-HIS-010). A copy: it is the next of what we asked for (RXP-HIS-011), or
 * gives nothing where one came already (RXP-HIS-016), and fewer than REGISTRY_HISTORY_PIECES_MAX wait to be looked at. */
int heard_history_judge_request(
    struct heard_objection *out, struct db *db, const char *party, int64_t received_ms);
int heard_history_judge_copy(struct heard_objection *out, struct db *db, const char *party,
    const struct rec_node_history_copy *copy, int64_t received_ms);

/* As heard_act(), in the transaction of its receipt: note what is to be given, the cases in their order (RXP-HIS-008); or keep what
 * came until it is looked at. RXP_ERR_DAMAGED: the cases are no ids. RXP_ERR_STATE: nothing is asked for. */
int heard_history_request(struct db *db, const char *party, const struct heard *m,
    const struct rec_node_history_request *request);
int heard_history_copy(struct db *db, const char *party, const struct heard *m,
    const struct rec_node_history_copy *copy);

/* After the commit of a request: the log says for how many cases, 0 for all. */
void heard_history_tell(const char *party, const struct rec_node_history_request *request);

#endif
