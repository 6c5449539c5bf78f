/*
 * html_case - one case of a report on its page, and the clause that it is of.
 */
#ifndef CONFORM_HTML_CASE_H
#define CONFORM_HTML_CASE_H

#include <stddef.h>

struct report_file;
struct rxp_buf;

/* The text of a requirement, quoted. */
void html_clause_text(struct rxp_buf *out, const char *requirement);
/* What the requirements of its area are for (area.def). NULL: the area has no row. */
const char *html_purpose(const char *requirement);
/* A heading of that element, what it is for, and the same below it. */
void html_clause(struct rxp_buf *out, const char *requirement, const char *heading);
/* Unfolded: the decisive field, what was sent, what must come and what came, the clause that was broken, what perhaps lies behind
 * it, the command that tries it again, and the octets. */
void html_case(struct rxp_buf *out, const struct report_file *f, size_t i);
/* Of one more of a group, two rows of a table of four columns: its number, what was changed, what must come and what came; and, folded, the
 * octets, without the Envelope where the change lies in the Document. */
void html_case_rows(struct rxp_buf *out, const struct report_file *f, size_t i);

#endif
