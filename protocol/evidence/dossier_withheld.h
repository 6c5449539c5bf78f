/*
 * dossier_withheld - documents of which a container says that they are not in it (RXP-EVI-032). A part of
 * dossier.c; what is wrong with one is a problem of its entry in the work, and no error here.
 */
#ifndef RXP_DOSSIER_WITHHELD_H
#define RXP_DOSSIER_WITHHELD_H

#include "protocol/evidence/dossier_document.h"

/* Read each withheld/NN-TYPE-FROM.txt, and note it; behind the parties, whose documents they are. */
void rxp_dossier_read_withheld(struct rxp_dossier_work *w);

/* How many of each State, of the entries that were read. */
void rxp_dossier_count_withheld(struct rxp_evidence_withheld *out, const struct rxp_dossier *e);

#endif
