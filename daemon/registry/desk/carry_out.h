/*
 * carry_out - all that a DataCorrection of a case asks for, carried out on what this node holds (RXP-COR-008, RXP-COR-011 to 015).
 *
 * A sealer reads what it asks for; then one transaction does all of it.
 */
#ifndef REGISTRY_CARRY_OUT_H
#define REGISTRY_CARRY_OUT_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct correct;

/* Answers `content_corrected`: what the content of the document has become. RXP_ERR_NOT_FOUND, no such document of a case, or
 * nothing is held of what it is about; RXP_ERR_STATE, it is no DataCorrection, has no receipt, was erased, or there is nothing
 * left to do; RXP_ERR_FULL: too much of the document is corrected. */
void carry_out(const struct correct *by, uint64_t request, const struct msg_content_correct *m);

#endif
