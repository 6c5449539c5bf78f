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
#include "protocol/evidence/dossier_doubt.h"

/* Both parties are known, and every document is good. Keeps the pages in w until they are closed. */
void rxp_dossier_read_logs(struct rxp_dossier_work *w);
void rxp_dossier_close_logs(struct rxp_dossier_work *w);

/* Which entry each document has, and whether its answer stands by that (RXP-EVI-024, RXP-EVI-029). */
void rxp_dossier_log_entries(struct rxp_dossier_work *w, enum rxp_dossier_trust trust);
/* What is told of changed logs (RXP-EVI-025): once, after the seals were judged. */
void rxp_dossier_log_contradictions(struct rxp_dossier_work *w);

/* Is it a page of the log that the owner keeps for the peer, under a seal of its? *cert: its place among those. Errors of
 * rxp_log_page_open(); RXP_ERR_MISMATCH: of another log. */
int rxp_dossier_log_verify(size_t *cert, const struct rxp_evidence_party *owner, const char *peer,
    const uint8_t *octets, size_t len);

#endif
