/*
 * saying - valid drafts of a case, one for each thing that a document can say of P1 (saying.def).
 */
#ifndef CONFORM_SAYING_H
#define CONFORM_SAYING_H

#include <stdint.h>

#include "conformance/message/draft.h"
#include "protocol/case/case_table.h"

/*
 * A new draft that says so: between the offices that the table of types names, from the one at this side of the case; it opens
 * a case of its own until draft_follow() puts it into another. The document that it concerns (RXP-CAS-010) is one that nobody
 * sent, until saying_about() names another. Errors of draft_begin().
 */
int saying_begin(struct draft *d, const struct parties *parties, enum rxp_case_event event,
    enum rxp_case_side side, int64_t now_ms);

/* The same with the content of another example, of the same type, and edits of that, up to the first without find. */
int saying_begin_by(struct draft *d, const struct parties *parties, enum rxp_case_event event,
    enum rxp_case_side side, const char *example, const struct edit *edits, int64_t now_ms);

/* Let it concern the document of this fingerprint; nothing if its type concerns none. */
int saying_about(struct draft *d, const uint8_t fingerprint[32]);

#endif
