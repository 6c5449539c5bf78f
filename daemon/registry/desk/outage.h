/*
 * outage - a person declares an outage of this node to one peer or to all, or its end (RXP-NOT-007, RXP-NOT-008).
 *
 * What is declared stands in the database and waits to be sent in one commit, which also writes the journal.
 */
#ifndef REGISTRY_OUTAGE_H
#define REGISTRY_OUTAGE_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct pace;
struct peers;

/* What it works on; all borrowed. It stays where it is. */
struct outage {
	struct node *node;
	struct peers *peers;
	struct pace *pace;
};

/* Answers `outage_begun`, with the number of peers to which it is declared: those that are asked for, trusted, and
 * have none that lasts. RXP_ERR_STATE: none is; RXP_ERR_NOT_FOUND: no such peer; RXP_ERR_SYNTAX: times of another order. */
void outage_begin(const struct outage *by, uint64_t request, const struct msg_outage_begin *m);

/* Answers `outage_ended`, with the number of peers to which an end is declared. RXP_ERR_STATE: none lasts; the others as
 * above. */
void outage_end(const struct outage *by, uint64_t request, const struct msg_outage_end *m);

/* Answers `outage_listed`: at most REGISTRY_PAGE_MAX of each peer. */
void outage_list(const struct outage *by, uint64_t request, const struct msg_outage_list *m);

#endif
