/*
 * say_withheld - documents that are not in a container, in plain words (RXP-EVI-032).
 */
#ifndef VERIFY_SAY_WITHHELD_H
#define VERIFY_SAY_WITHHELD_H

#include <stdio.h>

struct rxp_dossier;

/* Which they are, and what those that are there prove of them; nothing if there is none. */
void say_withheld(FILE *out, const struct rxp_dossier *d);

#endif
