/*
 * dossier_document - one document of a dossier, by its own files (RXP-EVI-005, RXP-EVI-006, RXP-EVI-019).
 */
#ifndef RXP_DOSSIER_DOCUMENT_H
#define RXP_DOSSIER_DOCUMENT_H

#include <stdbool.h>

#include "protocol/evidence/dossier.h"

/* A check on its way. */
struct rxp_dossier_work {
	struct rxp_dossier *out;
	const struct rxp_container *container;
	struct rxp_identity_known *known; /* parts of its descriptors */
	rxp_dossier_problem_fn *fn;
	void *arg;
	int failed; /* RXP_ERR_NOMEM or RXP_ERR_CRYPTO: what is here could not be judged */
	struct rxp_dossier_leaves *logs; /* NULL: not read */
};

/* Tell a problem. Returns false, so that a caller ends with it. */
bool rxp_dossier_wrong(struct rxp_dossier_work *w, const char *entry, const char *text);
/* The same of an error: of what is here, with this text (NULL: that of the error); or of this process, which is no
 * problem of what is here and is kept. */
bool rxp_dossier_error(struct rxp_dossier_work *w, const char *entry, int rc, const char *text);

/* Both parties are known. */
void rxp_dossier_read(struct rxp_dossier_work *w, struct rxp_dossier_document *d);

#endif
