/*
 * cases - the chain and the state of a case, folded from what is stored (spec/rxp-1.md sections 10
 * and 11).
 *
 * Nothing of a case is kept in memory: every question loads its documents anew and folds them with
 * rxp_case_replay(), so there is no second truth beside the database. The row in case_ repeats what
 * lists show of the fold; it is written in the transaction of each change (clocks.h).
 */
#ifndef REGISTRY_CASES_H
#define REGISTRY_CASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/store/store_case.h"
#include "protocol/case/case.h"
#include "protocol/case/case_clock.h"

struct db;

/* Words of case_row.state. A person's part has ended in a state that ends the case for the person. */
#define CASES_OPENING "opening" /* no document of it is receipted */
#define CASES_OPEN "open"
#define CASES_ENDED "ended" /* for every person of it */
#define CASES_ERASED "erased" /* nothing is left but what proves its documents */

struct cases_entry {
	uint8_t local_id[16], message_id[16];
	bool own;
	bool unread; /* of the peer: erased before our desk took it over */
	enum state state;
	uint64_t turn;
	int64_t created_ms, received_ms, answered_ms;
};

/* The documents of one case: n that are in the chain, then our drafts in their order. */
struct cases {
	struct store_case row;
	const char *own; /* borrowed: our party */
	size_t n, n_all;
	struct cases_entry *entries; /* n_all, as docs */
	struct rxp_case_document *docs;
};

/* An empty case that is not stored and runs under no profile yet. */
void cases_init(struct cases *c, const char *own, const char *peer, bool requesting);
/* Load it. RXP_ERR_NOT_FOUND, RXP_ERR_NOMEM, RXP_ERR_STATE (what is stored is not one case), errors as
 * in db.h. */
int cases_load(
    struct cases *c, struct db *db, const char *own, const char *peer, const uint8_t case_id[16]);
void cases_clear(struct cases *c);

/* Fold what is in the chain. RXP_ERR_STATE, RXP_ERR_NOMEM. */
int cases_fold(struct rxp_case **out, const struct cases *c);
/* The same with all that is on its way to the peer, as if it had arrived in its order. */
int cases_fold_ahead(struct rxp_case **out, struct cases *c);

/* Fill from, Position, Previous and Seen of our next document behind what docs holds up to n. */
void cases_next(struct rxp_case_document *d, const struct cases *c, size_t n);

/* Between which offices our next document goes, of this type, which belongs to a case (RXP-DOC-012). Fixed
 * strings. */
struct cases_offices {
	const char *from, *to;
};
struct cases_offices cases_offices(const struct cases *c, enum rxp_type type);

/* Which kind of case a document of this type opens: one bit API_CASES_ (RXP-RIN-007). */
unsigned cases_kind(enum rxp_type type);

/* Let the chain end with d, as if it had been received then; drafts behind it are left out.
 * RXP_ERR_NOMEM, RXP_ERR_STATE: there is no room for another. */
int cases_with(struct cases *c, const struct rxp_case_document *d, int64_t received_ms);

/* Does its row show what its documents make of it? RXP_ERR_STATE: not, or they are not one case; RXP_ERR_NOMEM. */
int cases_shown(const struct cases *c);

/* Inside the transaction that changed the case: store what lists show of its fold. Errors as in db.h. */
int cases_summarise(struct cases *c, const struct rxp_case *folded, struct db *db, int64_t now_ms);

#endif
