/*
 * dossier_stand - which documents and answers of a dossier are proved (RXP-EVI-007, RXP-EVI-029, RXP-EVI-030).
 */
#ifndef RXP_DOSSIER_STAND_H
#define RXP_DOSSIER_STAND_H

#include "protocol/evidence/dossier_document.h"
#include "protocol/evidence/dossier_doubt.h"

/* Judge each document, which is good: its seal, that of its answer, and what the logs say of that. */
void rxp_dossier_settle(struct rxp_dossier_work *w, enum rxp_dossier_trust trust);

#endif
