/*
 * preflight_pair - do two products find the way to each other through the suite? Where nothing makes one send, what needs that
 * is left out, and the cases will say that they could not be tried.
 */
#ifndef CONFORM_PREFLIGHT_PAIR_H
#define CONFORM_PREFLIGHT_PAIR_H

#include "conformance/run/preflight.h"

struct pair;

/* Do all hold? Told of each until the first that does not. */
bool preflight_pair(struct pair *p, preflight_told *told, void *arg);

#endif
