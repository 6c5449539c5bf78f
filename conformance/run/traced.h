/*
 * traced - requirements against the cases of all plans.
 */
#ifndef CONFORM_TRACED_H
#define CONFORM_TRACED_H

#include <stddef.h>

#include "conformance/cases/facts.h"
#include "conformance/requirement/requirement.h"

typedef void traced_case(void *arg, const struct case_facts *c);

/* Tell each case of a requirement that counts for one of the roles that it binds. Returns how many there are. */
size_t traced_each(const struct requirement *r, char role, traced_case *tell, void *arg);

#endif
