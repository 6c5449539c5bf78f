/*
 * dossier_withheld - documents of which a container says that they are not in it (RXP-EVI-032).
 */
#ifndef RXP_DOSSIER_WITHHELD_H
#define RXP_DOSSIER_WITHHELD_H

#include "protocol/evidence/dossier_document.h"

/* The parties were read. */
void rxp_dossier_read_withheld(struct rxp_dossier_work *w);

/* How many of each State. */
void rxp_dossier_count_withheld(struct rxp_evidence_withheld *out, const struct rxp_dossier *e);

#endif
