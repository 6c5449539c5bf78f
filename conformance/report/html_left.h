/*
 * html_left - the requirements of which a report says nothing, and why: for who wants to know what was not tested.
 */
#ifndef CONFORM_HTML_LEFT_H
#define CONFORM_HTML_LEFT_H

struct report_file;
struct rxp_buf;

void html_left(struct rxp_buf *out, const struct report_file *f);

#endif
