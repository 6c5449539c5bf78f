/*
 * case_facts - what a sealer found that a document of a case says: the records fact_* as the facts of the
 * fold.
 */
#ifndef REGISTRY_CASE_FACTS_H
#define REGISTRY_CASE_FACTS_H

#include "daemon/base/record.h"
#include "protocol/case/case.h"

/* Read them into event, persons and about of d, whose type is set. RXP_ERR_SCHEMA: they are not those of
 * one document of this type. */
int case_facts_read(struct rxp_case_document *d, struct bytes facts);

#endif
