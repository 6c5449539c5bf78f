/*
 * dossier_party - the two States of a dossier, by their descriptors, those in force and former ones (RXP-EVI-004, RXP-EVI-028).
 */
#ifndef RXP_DOSSIER_PARTY_H
#define RXP_DOSSIER_PARTY_H

#include "protocol/evidence/dossier_document.h"

/* Into w->out: parties that are NULL were told as wrong. */
void rxp_dossier_read_parties(
    struct rxp_dossier_work *w, const struct rxp_dossier_root *roots, size_t n_roots);

#endif
