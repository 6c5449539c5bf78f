/*
 * statistics - what the cases of this node count in a quarter, a page of cases at a time, so that no request holds
 * the others up (RXP-STA-007).
 */
#ifndef REGISTRY_STATISTICS_H
#define REGISTRY_STATISTICS_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct terms;

/* Answers `statistics_counted`. RXP_ERR_SYNTAX: no quarter. */
void statistics_count(struct node *n, const struct terms *terms, uint64_t request,
    const struct msg_statistics_count *m);

#endif
