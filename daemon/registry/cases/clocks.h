/*
 * clocks - what follows from the clocks of a case: the flags of a receipt, what must not be sealed, the rows
 * that lists show, and what is told when time has passed (spec/rxp-1.md, "Clocks", spec/storage.md).
 *
 * The truth is the documents: each commit that changes a case computes its clocks anew and writes their
 * rows in the same transaction. Time alone changes them too: when that will be stands beside them, and a
 * tick looks at the cases whose time has come.
 */
#ifndef REGISTRY_CLOCKS_H
#define REGISTRY_CLOCKS_H

#include <stdint.h>

#include "protocol/case/case_judge.h"

struct cases;
struct clock_times;
struct clocks;
struct db;
struct node;
struct terms;

int clocks_new(struct clocks **out, struct node *n, const struct terms *terms); /* RXP_ERR_NOMEM */
void clocks_free(struct clocks *k); /* NULL is allowed */

/*
 * Inside a transaction, after a change of the case: fold it, store what lists show, and its clocks.
 * RXP_ERR_STATE: the change leaves no sound case, and must be undone; RXP_ERR_NOT_FOUND; else errors as in
 * db.h, RXP_ERR_NOMEM.
 */
int clocks_refresh(
    struct clocks *k, struct db *db, const char *peer, const uint8_t case_id[16], int64_t now_ms);

/*
 * What the clocks say of d, which the case takes next, as if received then (protocol/case/case_judge.h): nothing
 * if the node does not hold the profile. c gets d as its last document. RXP_ERR_STATE: it is no document of
 * this case; else errors as in db.h, RXP_ERR_NOMEM.
 */
int clocks_judge(struct clocks *k, struct rxp_case_judgement *out, struct db *db, struct cases *c,
    const struct rxp_case_document *d, int64_t at_ms);

/* All that the clocks of a case come from (clock_times.h), as of a time; until the next call of any function here.
 * RXP_ERR_NOT_FOUND: the node does not hold its profile; errors as in db.h. */
int clocks_times(const struct clock_times **out, struct clocks *k, struct db *db,
    const struct cases *c, const struct rxp_case *folded, int64_t as_of_ms);

/* Why a document is barred, in words for the officer; a requirement of struct rxp_case_judgement. */
const char *clocks_bar_words(const char *requirement);

/* Inside a transaction: profile, calendars or outages have changed, for cases with this peer, or with
 * any if it is "". They are looked at anew soon. */
int clocks_stale(struct db *db, const char *peer);

/* Look at the cases whose time has come: warn of what is due, tell what has passed. */
void clocks_tick(struct clocks *k);

#endif
