/*
 * dossier_moment - what happened in a dossier, in the order of the times that the States name: each document was sealed,
 * and answered.
 */
#ifndef RXP_DOSSIER_MOMENT_H
#define RXP_DOSSIER_MOMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rxp_dossier;

struct rxp_dossier_moment {
	int64_t ms;
	size_t at; /* document */
	bool answered; /* else sealed */
};

/* By time, then by number, the seal before the answer: 2 for each document. The caller frees *out. RXP_ERR_NOMEM. */
int rxp_dossier_moments(struct rxp_dossier_moment **out, size_t *n, const struct rxp_dossier *d);

#endif
