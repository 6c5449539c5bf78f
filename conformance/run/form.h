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

struct rxp_log_page;
/* The same of a page of the log for this party; the caller frees *out, unless there is a fault. */
const char *form_page(
    const struct parties *parties, const struct rxp_buf *body, struct rxp_log_page **out);

#endif
