/*
 * desk - what makes the product send documents of a case: the trigger; and what fetches and receipts them (section 42).
 *
 * The trigger is given, behind the case: "document", a file with the typed content, and the CaseId, or "" where it opens a
 * case; or "handed-over", "" and the CaseId, if the product's desk is to take over what it has of the case.
 */
#ifndef CONFORM_DESK_H
#define CONFORM_DESK_H

#include "conformance/hear/heard.h"
#include "conformance/message/draft.h"
#include "conformance/message/history.h"
#include "conformance/run/line.h"
#include "protocol/case/case_table.h"

struct desk;

/* dir: the folder of the State. All is borrowed. On success the caller owns *out. Errors of ledger_open(). */
int desk_open(struct desk **out, const struct target *target, const char *trigger, const char *dir);
void desk_close(struct desk *d); /* NULL is allowed */

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

#endif
