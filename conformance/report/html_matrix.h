/*
 * html_matrix - all requirements that a report has cases of, as a picture: a row for each area, a square for each requirement.
 */
#ifndef CONFORM_HTML_MATRIX_H
#define CONFORM_HTML_MATRIX_H

struct report_file;
struct rxp_buf;

void html_matrix(struct rxp_buf *out, const struct report_file *f);

#endif
