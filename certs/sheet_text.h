/*
 * sheet_text - an escrow sheet that was typed into a file: its numbered lines, with or without the words above them.
 */
#ifndef CERTS_SHEET_TEXT_H
#define CERTS_SHEET_TEXT_H

#include "certs/sheet.h"

/* RXP_ERR_SYNTAX and why, which names the line of the share, or else the line of the text. Words that stand in the text are
 * those of this sheet: one that was edited is told, though it counts for nothing. The buffer's errors. */
int sheet_text_read(struct sheet *out, const struct rxp_buf *text, char why[SHEET_WHY]);

/* Does the text begin as a page does? */
bool sheet_text_is(const struct rxp_buf *text);

/* Print what the sheet says but its share, so that a holder knows that it can be read. As sheet_text_read(); the line is said
 * on standard error. */
int sheet_text_show(const char *path, const struct rxp_buf *text);

#endif
