/*
 * sheet_text - an escrow sheet that was typed into a file: its numbered lines, with or without the words above them.
 */
#ifndef CERTS_SHEET_TEXT_H
#define CERTS_SHEET_TEXT_H

#include "certs/sheet.h"

/* RXP_ERR_SYNTAX and why, which names the line of the share, or else the line of the text. Words that stand in the text are
 * those of this sheet: one that was edited is told, though it counts for nothing. The buffer's errors. */
int sheet_text_read(struct sheet *out, const struct rxp_buf *text, char why[SHEET_WHY]);

#endif
