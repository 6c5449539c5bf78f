/*
 * html_group - the cases of a verdict on the page of a report, by the way in which they came to it.
 */
#ifndef CONFORM_HTML_GROUP_H
#define CONFORM_HTML_GROUP_H

#include "conformance/run/outcome.h"

struct report_file;
struct rxp_buf;

/* A list of the ways, with links to them. */
void html_ways(struct rxp_buf *out, const struct report_file *f, enum verdict v);
/* Of each way its first case in full, then the others under the requirement that each is of. Of verdicts that are not on top of
 * the page, the list too. */
void html_by_way(struct rxp_buf *out, const struct report_file *f, enum verdict v);

#endif
