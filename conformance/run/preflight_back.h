/*
 * preflight_back - does the product find the way to the suite? A message that comes for it is left to the first case.
 */
#ifndef CONFORM_PREFLIGHT_BACK_H
#define CONFORM_PREFLIGHT_BACK_H

#include "conformance/run/preflight.h"

struct sender;

/* Do all hold? Told of each until the first that does not. Where nothing makes the product send, there is nothing to see: true,
 * and the cases will say that they could not be tried. */
bool preflight_back(struct sender *s, preflight_told *told, void *arg);

#endif
