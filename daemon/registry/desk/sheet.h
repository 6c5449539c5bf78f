/*
 * sheet - what a person is told of the documents of a case that speak of the person (RXP-INF-001).
 */
#ifndef REGISTRY_SHEET_H
#define REGISTRY_SHEET_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct terms;

/* Answers `case_sheet_made` once the journal has it. RXP_ERR_SYNTAX: no reason of the list; RXP_ERR_NOT_FOUND: no
 * such case, or nobody of it has this key; RXP_ERR_STATE: what is stored is not one case. */
void sheet_make(
    struct node *n, const struct terms *terms, uint64_t request, const struct msg_case_sheet *m);

#endif
