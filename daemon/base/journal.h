/*
 * journal - the words of the journal and its chain (spec/rxp-1.md section 39).
 *
 * Whoever reads the journal can compute the heads anew from what the rows say: an entry that was changed,
 * left out or put in between shows in every head behind it.
 */
#ifndef BASE_JOURNAL_H
#define BASE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/api_role.h"
#include "daemon/base/record.h"

enum journal_action {
#define ACTION(NAME, word, role, meaning) JOURNAL_##NAME,
#include "daemon/base/journal.def"
#undef ACTION
	JOURNAL_ACTIONS
};

const char *journal_action_word(enum journal_action action);
enum api_role journal_action_role(enum journal_action action); /* that its caller needed */

/* Is it a word of the closed list of reasons? */
bool journal_reason_is(const char *word);
/* The words one after the other, NULL behind the last. */
const char *journal_reason(unsigned number);

/* The head behind `before` and the row, whose own head does not count (RXP-JRN-005). RXP_ERR_CRYPTO. */
int journal_head(uint8_t out[32], const uint8_t before[32], const struct rec_journal_row *row);

#endif
