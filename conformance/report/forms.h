/*
 * forms - a report in the forms in which others read it, each made of the JSON alone.
 */
#ifndef CONFORM_FORMS_H
#define CONFORM_FORMS_H

struct rxp_buf;

/* A report that report_write() wrote. */
struct report_file;

/* RXP_ERR_NOT_FOUND, RXP_ERR_IO, RXP_ERR_SYNTAX: not a report. On success the caller owns *out. */
int report_file_open(struct report_file **out, const char *path);
void report_file_free(struct report_file *f);

/* Append the whole file in that form: JUnit's XML, TAP 13, one page of HTML without anything outside of it. The buffer's
 * errors. */
typedef int form_fn(struct rxp_buf *out, const struct report_file *f);
form_fn form_junit, form_tap, form_html;

#endif
