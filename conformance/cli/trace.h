/*
 * trace - requirements against cases: the roles that one binds, the cases in each, and why there are none.
 */
#ifndef CONFORM_TRACE_H
#define CONFORM_TRACE_H

#include <stdio.h>

struct requirement;

/* Print it, role by role: each case on a line of its own, with its name. */
void trace_explain(FILE *to, const struct requirement *r);

#endif
