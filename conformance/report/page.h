/*
 * page - the frame of a page of HTML: head, style, end; and octets as a person can look at them.
 */
#ifndef CONFORM_PAGE_H
#define CONFORM_PAGE_H

#include "conformance/run/outcome.h"

struct rxp_buf;

/* Everything before the heading. The page loads nothing and runs nothing: its own policy says so. */
void page_begin(struct rxp_buf *out, const char *title);
void page_end(struct rxp_buf *out);

/* What is marked in octets: the first element of that name, in text; or, if element is NULL, what stands there. */
struct page_marked {
	const char *element;
	size_t at, len; /* len 0: between two octets */
};

/* Append what base64 text stands for: as text if it is text, otherwise in hexadecimal; 16 KiB of it, with what is marked, and how many there
 * are. marked NULL: nothing is. */
void page_octets(struct rxp_buf *out, const char *base64, const struct page_marked *marked);

/* A sign for a verdict, so that nobody needs its colour. */
const char *page_mark(enum verdict v);

/* Append text of the specification; what stands between ` is code, between * stressed. */
void page_markup(struct rxp_buf *out, const char *text);

#endif
