/*
 * dossier_log - the pages of logs in a dossier (RXP-EVI-023 to RXP-EVI-025): each verified, their heads computed, and
 * held against each other and against the answers.
 *
 * A page that its owner sealed and that does not fit what it sealed elsewhere is evidence against it: a contradiction,
 * and no problem of the container.
 */
#ifndef RXP_DOSSIER_LOG_H
#define RXP_DOSSIER_LOG_H

#include "protocol/evidence/dossier_document.h"

/* Both parties are known, and every document is good. */
void rxp_dossier_read_logs(struct rxp_dossier_work *w);

/* Is it a page of the log that the owner keeps for the peer, under a seal that was not revoked? Errors of
 * rxp_log_page_open(); RXP_ERR_SIGNER: revoked; RXP_ERR_MISMATCH: of another log. */
int rxp_dossier_log_verify(
    const struct rxp_evidence_party *owner, const char *peer, const uint8_t *octets, size_t len);

#endif
