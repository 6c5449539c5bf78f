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

#endif
