/*
 * stopping - emergency stops: one officer proposes, another confirms; one asks to lift it, another lifts it
 * (RXP-HLD-008 to 010).
 *
 * A stop that is in force is one row, which every document that asks for a transfer meets (cases/halt.h): nothing
 * is looked for and nothing is sent when it begins.
 */
#ifndef REGISTRY_STOPPING_H
#define REGISTRY_STOPPING_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peers;

/* What it works on; borrowed. It stays where it is. */
struct stopping {
	struct node *node;
	struct peers *peers;
};

/*
 * Answers `stop_ordered`. RXP_ERR_SYNTAX: no such act, kind, reason, or nothing that this kind can be of;
 * RXP_ERR_NOT_FOUND: no such stop, or no such peer; RXP_ERR_STATE: the same officer, or the stop is further on
 * already; RXP_ERR_FULL: there are REGISTRY_STOPS_MAX; RXP_ERR_IO. `problem` says which.
 */
void stopping_order(const struct stopping *by, uint64_t request, const struct msg_stop_order *m);

/* Answers `stop_listed`: all there are. */
void stopping_list(const struct stopping *by, uint64_t request, const struct msg_stop_list *m);

/* Answers `transfers_listed`: whom the stop concerns, of at most REGISTRY_FOLDED_CASES cases behind `after`, so
 * that no request holds the others up. */
void stopping_transfers(
    const struct stopping *by, uint64_t request, const struct msg_transfers_list *m);

#endif
