/*
 * dossier_erased - an Erased in a dossier: what a State sealed that it erased of a case (RXP-EVI-027).
 */
#ifndef RXP_DOSSIER_ERASED_H
#define RXP_DOSSIER_ERASED_H

#include "protocol/evidence/dossier_document.h"

/* Is this one, which is good, such a document? Looks into its body.xml alone. */
void rxp_dossier_read_erased_of(struct rxp_dossier_work *w, struct rxp_dossier_document *d);

/* Every document is good: which of them say so, and of which case? One whose body.xml says anything else is not looked into. */
void rxp_dossier_read_erased(struct rxp_dossier_work *w);

/* All that say so are of the case of the other documents, one of a State at most. */
void rxp_dossier_check_erased(struct rxp_dossier_work *w);

#endif
