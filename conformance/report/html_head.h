/*
 * html_head - the top of the page of a report: passed or not, the verdicts as a picture, what to do now and who does it.
 */
#ifndef CONFORM_HTML_HEAD_H
#define CONFORM_HTML_HEAD_H

struct report_file;
struct rxp_buf;

/* For who reads nothing else. */
void html_head(struct rxp_buf *out, const struct report_file *f);
/* What was tried, by what, as which side, and when; for who has never seen any of it. */
void html_what(struct rxp_buf *out, const struct report_file *f);

#endif
