/*
 * html_words - what the words mean that are on a page.
 */
#ifndef CONFORM_HTML_WORDS_H
#define CONFORM_HTML_WORDS_H

struct rxp_buf;

/* Append a list of those that are in what was written until now. */
void html_words(struct rxp_buf *out);

#endif
