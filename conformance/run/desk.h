/*
 * desk - what makes the product send documents of a case: the trigger; and what fetches and receipts them (section 42).
 *
 * The trigger is given, behind the case: "document", a file with the typed content, and the CaseId, or "" where it opens a
 * case; "attached" and the same, and a JPEG that is its attachment 1, a photograph; or "handed-over", "" and the CaseId, if the
 * product's desk is to take over what it has of the case.
 */
#ifndef CONFORM_DESK_H
#define CONFORM_DESK_H

#include "conformance/hear/heard.h"
#include "conformance/hear/retort.h"
#include "conformance/message/draft.h"
#include "conformance/message/history.h"
#include "conformance/run/line.h"
#include "conformance/state/ledger.h"
#include "protocol/case/case_table.h"

struct desk;

/* dir: the folder of the State. All is borrowed. On success the caller owns *out. Errors of ledger_open(). */
int desk_open(struct desk **out, const struct target *target, const char *trigger, const char *dir);
/* Takes what the product still has for the State. NULL is allowed. */
void desk_close(struct desk *d);

/* The trigger is pulled no more. */
void desk_give_up(struct desk *d);

/* The log of the State that is played, with the answers that were posted. */
const struct ledger *desk_ledger(const struct desk *d);
/* The State loses what it answered behind the first n entries of it. Errors of ledger_lose(). */
int desk_lose(struct desk *d, size_t n);
/* It gets an answer of its own back. Errors of ledger_bring(). */
int desk_bring(struct desk *d, const struct rxp_buf *answer, enum ledger_back *out);

/* A case that was brought into a state, and stands there for the next that needs one. */
struct standing {
	bool stands;
	enum rxp_case_state state;
	enum rxp_case_side side; /* of the State that is played */
	struct history history;
};

struct standing *desk_standing(struct desk *d);

/*
 * Have the product send this, in the case of h or, if h has no document, in a new one. The document is receipted; the caller
 * frees *out with heard_free(). 1: nothing of the type came, and why says so; errors of the suite.
 */
int desk_send(struct desk *d, struct line *l, const char *case_id, const struct draft *wanted,
    const struct history *h, struct heard **out, char why[OUTCOME_WHY]);

/* The parts of desk_send(), for whoever looks between them. */

/* Have the product make it: 0, 1 or an error as above; nothing is fetched. */
int desk_ask(struct desk *d, const char *case_id, const struct draft *wanted,
    const struct history *h, char why[OUTCOME_WHY]);
/* Ask once for a message, with this query behind the path ("" for none). *status: of the response. *out is NULL unless one came;
 * the caller frees it. */
int desk_fetch(struct desk *d, struct line *l, const char *query, int *status, struct heard **out);
/* Append to out an answer to it, which is not noted, with a change. */
int desk_make_answer(
    const struct desk *d, const struct heard *of, const struct retort *retort, struct rxp_buf *out);
/* Post an answer to it, with a change or, if retort is NULL, the right Receipt, which is an entry of the log then; final: so is
 * the changed one. *status: of the response. */
int desk_answer(struct desk *d, struct line *l, struct heard *of, const struct retort *retort,
    bool final, int *status);

#endif
