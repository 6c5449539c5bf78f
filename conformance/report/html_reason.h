/*
 * html_reason - the cases that say nothing of the product on the page of a report: why, and which.
 */
#ifndef CONFORM_HTML_REASON_H
#define CONFORM_HTML_REASON_H

#include <stdbool.h>
#include <stddef.h>

#include "conformance/run/outcome.h"

struct report_file;
struct rxp_buf;

/* How many are incomplete because something went wrong before it came to the case. */
size_t html_blocked(const struct report_file *f);
/* Why most of the others are incomplete, and how many; NULL: there are none. Borrowed. */
const char *html_reason(const struct report_file *f, size_t *n);

/* Of each reason: what to do, and the cases, by area. blocked: only what waits for the failures of other cases, with
 * links to those; otherwise only the rest. */
void html_by_reason(struct rxp_buf *out, const struct report_file *f, enum verdict v, bool blocked);

#endif
