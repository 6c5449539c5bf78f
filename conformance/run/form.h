/*
 * form - is what the product gave of itself, on request, what it must be?
 */
#ifndef CONFORM_RUN_FORM_H
#define CONFORM_RUN_FORM_H

#include "conformance/cases/exchange.h"
#include "conformance/state/parties.h"
#include "conformance/wire/wire.h"

/* NULL: it is; otherwise what is wrong, in words, a fixed string. */
const char *form_fault(
    enum form form, const struct parties *parties, const struct wire_response *response);

#endif
