/*
 * journal - pages of the journal for the desk.
 */
#ifndef REGISTRY_JOURNAL_H
#define REGISTRY_JOURNAL_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;

/* Answers `journal_listed`. */
void journal_list(struct node *n, uint64_t request, const struct msg_journal_list *m);

#endif
