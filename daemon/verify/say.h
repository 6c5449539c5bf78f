/*
 * say - what a verified dossier proves and what it does not, in plain words (RXP-EVI-016).
 */
#ifndef VERIFY_SAY_H
#define VERIFY_SAY_H

#include <stdbool.h>
#include <stdio.h>

struct rxp_dossier;

/* Of a dossier without problems. */
void say_dossier(FILE *out, const struct rxp_dossier *d);

/* Were the roots of both States given? */
bool say_compared(const struct rxp_dossier *d);

#endif
