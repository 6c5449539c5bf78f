/*
 * html_case - one case of a report on its page, and the clause that it is of.
 */
#ifndef CONFORM_HTML_CASE_H
#define CONFORM_HTML_CASE_H

#include <stdbool.h>
#include <stddef.h>

struct report_file;
struct rxp_buf;

/* A heading of that element, and the text of a requirement below it. */
void html_clause(struct rxp_buf *out, const char *requirement, const char *heading);
/* What was sent, what must come and what came, the likely cause, the command that tries it again, and the octets. open: unfolded. */
void html_case(struct rxp_buf *out, const struct report_file *f, size_t i, bool open);

#endif
