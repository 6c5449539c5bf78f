/*
 * evidence - what proves a case or a message, given to the desk after the request is journalled.
 */
#ifndef REGISTRY_EVIDENCE_H
#define REGISTRY_EVIDENCE_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct keys;
struct node;

/* Answers evidence_got after the commit of the journal's entry. RXP_ERR_NOT_FOUND in the answer: no such
 * case or message. */
void evidence_get(
    struct node *n, const struct keys *keys, uint64_t request, const struct msg_evidence_get *q);

/* Answers evidence_sealed likewise. RXP_ERR_NOT_FOUND also if nothing has an answer yet; RXP_ERR_BOUND: more than
 * goes into one container; RXP_ERR_MISMATCH: it does not verify; RXP_ERR_STATE: it came back and is not proved (RXP-RCV-018). */
void evidence_seal(
    struct node *n, const struct keys *keys, uint64_t request, const struct msg_evidence_seal *q);

#endif
