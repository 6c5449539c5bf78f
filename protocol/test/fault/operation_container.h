/*
 * operation_container - what the library does for a container of evidence, as operations (operation.h).
 */
#ifndef OPERATION_CONTAINER_H
#define OPERATION_CONTAINER_H

#include "protocol/document/document.h"
#include "protocol/evidence/evidence.h"
#include "protocol/test/fixture.h"

/* The container of one document of QRA that QRB received, both with this key for root and seal; all borrowed
 * until operation_container_stop(). */
void operation_container_start(const struct fixture_key *key, const struct rxp_document *document,
    const struct rxp_evidence *evidence);
void operation_container_stop(void);

int operation_container_make(void); /* from rows to what is signed */
int operation_container_seal(void);
/* RXP_ERR_SEAL: a problem was told. */
int operation_container_judge(void);

#endif
