/*
 * store_journal - the journal: only ever added to, each entry bound to the one before (RXP-JRN-005).
 *
 * Errors as in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_JOURNAL_H
#define REGISTRY_STORE_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/journal.h"

struct db;
struct rxp_buf;

/* What somebody did at the desk. Pointers are borrowed for the call. */
struct store_journal_entry {
	int64_t at_ms;
	const char *user; /* NULL: the node itself, by its own rules */
	enum journal_action action;
	const char *reason; /* NULL or "": none */
	const char *peer; /* NULL or "": none */
	const uint8_t *local_id; /* of a message or a file; NULL: none */
	const uint8_t *case_id; /* NULL: that of the message, if it is one of a case */
	uint32_t number; /* of an attachment; 0: none */
};

/* From a store_apply, in the transaction of what it records (RXP-JRN-001). RXP_ERR_CRYPTO. */
int store_journal(struct db *db, const struct store_journal_entry *e);

/* Who gave a document to the node, as the reason: the officers by their pseudonyms, "" if they were not named,
 * and whether the second one confirmed names. */
struct store_officers {
	const char *first, *second;
	bool names_confirmed;
};
void store_journal_officers(char out[RECORD_NAME_MAX], const struct store_officers *officers);

/* Which entries a page is of. */
struct store_journal_of {
	uint64_t after; /* number of the last entry before the page; 0: from the first */
	int64_t since_ms;
	const char *user; /* "": of everybody */
	const uint8_t *case_id; /* NULL: of all */
	const char *peer; /* with case_id: of this peer's case; "": of whose ever */
	uint32_t limit;
};

/* Append records journal_row in the order of their numbers. *more: there are others behind the last. The
 * buffer's errors too. */
int store_journal_page(
    struct db *db, struct rxp_buf *rows, bool *more, const struct store_journal_of *of);

#endif
