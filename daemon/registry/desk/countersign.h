/*
 * countersign - a second officer says that a text was read: an act of its own, of another user than the one who then gives the
 * document (RXP-SAF-038).
 */
#ifndef REGISTRY_COUNTERSIGN_H
#define REGISTRY_COUNTERSIGN_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;

/* Answers `countersigned`. RXP_ERR_SYNTAX: no pseudonym; RXP_ERR_FULL. */
void countersign_take(struct node *n, uint64_t request, const struct msg_countersign *m);

#endif
