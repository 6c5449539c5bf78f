/*
 * flight_case - what is particular to a message of a case on its way out (RXP-CHN-001 to RXP-CHN-006, RXP-CHN-014).
 */
#ifndef REGISTRY_FLIGHT_CASE_H
#define REGISTRY_FLIGHT_CASE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct db;
struct flight;
struct rxp_buf;
struct store_place;

/*
 * Give a document that is to be closed its place: into q and f->changed.place, with its draft and the
 * rows of its attachments in draft and its facts in f->facts. RXP_ERR_STATE: it is not to be closed, and f->end says what becomes of
 * it. RXP_ERR_NOMEM, RXP_ERR_DAMAGED, errors as in db.h.
 */
int flight_case_place(
    struct flight *f, struct msg_close *q, struct rxp_buf *draft, struct db *db, int64_t now_ms);

/* After a refusal `gap` or `fork` that f->end has as no answer: which documents the peer lacks, or that
 * a person must compare the histories (RXP-CHN-014). Errors of cases_load but RXP_ERR_STATE. */
int flight_case_judge(
    struct flight *f, const struct msg_answer_checked *a, struct db *db, const char *own);

/*
 * Inside the transaction that stores the end of a try: fold the case anew and let the next draft come
 * to its head, or make due what the peer lacks. RXP_ERR_STATE: the peer refused finally what it had
 * named in Seen, so that the refusal cannot stand (RXP-CHN-006).
 */
int flight_case_end(struct flight *f, struct db *db, int64_t now_ms);

/* The same for a document of the peer of f that got its final answer, at that place: what it leaves to its case. */
int flight_case_over(
    struct flight *f, struct db *db, const struct store_place *place, bool refused, int64_t now_ms);

#endif
