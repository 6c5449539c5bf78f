/*
 * text - what the forms of a report have in common: escaped and formatted text, appended.
 */
#ifndef CONFORM_TEXT_H
#define CONFORM_TEXT_H

struct rxp_buf;

/* Append text for an element or a quoted attribute of XML or HTML; what XML cannot have becomes "?". */
void text_escaped(struct rxp_buf *out, const char *text);
/* Append what printf(3) would print, up to 1023 characters, as it is. */
__attribute__((format(printf, 2, 3))) void text_put(struct rxp_buf *out, const char *format, ...);

#endif
