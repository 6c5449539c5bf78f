/*
 * html_case - the cases of a report on its page: those that did not pass, under the requirement that each is of; those that could
 * not be tried, under what was missing.
 */
#ifndef CONFORM_HTML_CASE_H
#define CONFORM_HTML_CASE_H

#include <stddef.h>

#include "conformance/run/outcome.h"

struct report_file;
struct rxp_buf;

/* Of one verdict: for each requirement its text, the usual cause, the cases, and the command that tries them again. */
void html_by_requirement(struct rxp_buf *out, const struct report_file *f, enum verdict v);
/* The same with why they came to it in the place of the requirement: it says nothing of one. */
void html_by_reason(struct rxp_buf *out, const struct report_file *f, enum verdict v);
/* How many requirements have a case of that verdict. */
size_t html_requirements(const struct report_file *f, enum verdict v);
/* What the words for answers mean that the page uses. */
void html_words(struct rxp_buf *out, const struct report_file *f);

#endif
