/*
 * journal - pages of the journal for the desk: who did what, and read what, of which peer and case (RXP-JRN). Process: registry.
 *
 * A page has at most REGISTRY_PAGE_MAX entries, in the order in which they were written; to ask for a page is no entry.
 */
#ifndef REGISTRY_JOURNAL_H
#define REGISTRY_JOURNAL_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;

/* Answers `journal_listed` at once: the entries behind m->after that are of the user, peer and case named, each of them any if it is
 * empty, and since then. Its result: 0, errors as in db.h. */
void journal_list(struct node *n, uint64_t request, const struct msg_journal_list *m);

#endif
