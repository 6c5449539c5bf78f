/*
 * html_group - the cases of a verdict on the page of a report, those together that came to it in the same way: one defect
 * often shows in many cases, and this is how it is seen.
 */
#ifndef CONFORM_HTML_GROUP_H
#define CONFORM_HTML_GROUP_H

#include <stddef.h>

#include "conformance/run/outcome.h"

struct report_file;
struct rxp_buf;

/* How many ways there are in which cases came to that verdict. */
size_t html_groups(const struct report_file *f, enum verdict v);

/* A list of the ways, and of each its first case in full, then all cases under the requirement that each is of. */
void html_by_way(struct rxp_buf *out, const struct report_file *f, enum verdict v);
/* The same of what says nothing of a product: why, and which. */
void html_by_reason(struct rxp_buf *out, const struct report_file *f, enum verdict v);

#endif
