/*
 * view - what is held of a case and when it goes, for the desk.
 */
#ifndef REGISTRY_RETENTION_VIEW_H
#define REGISTRY_RETENTION_VIEW_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct terms;

/* Answers `case_retained`. RXP_ERR_NOT_FOUND; RXP_ERR_STATE, what is stored is not one case. */
void retention_view(struct node *n, const struct terms *terms, uint64_t request,
    const struct msg_case_retention *m);

#endif
