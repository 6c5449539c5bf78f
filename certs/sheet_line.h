/*
 * sheet_line - a line of an escrow sheet: fifteen octets in six groups of four characters, and one group that proves them.
 */
#ifndef CERTS_SHEET_LINE_H
#define CERTS_SHEET_LINE_H

#include <stdint.h>

#include "certs/sheet.h"

/* Append the line of this number, from 1. first: the octets of the sheet's line 1. The buffer's errors. */
int sheet_line_put(struct rxp_buf *out, unsigned number, const uint8_t octets[SHEET_LINE_OCTETS],
    const uint8_t first[SHEET_LINE_OCTETS]);

/* The octets of a line. A number may stand before it, and has to be this one then. first: NULL for line 1.
 * RXP_ERR_SYNTAX and why; out is untouched then. */
int sheet_line_get(uint8_t out[SHEET_LINE_OCTETS], unsigned number, const char *line,
    const uint8_t *first, char why[SHEET_WHY]);

/* Does a line of a text begin with a number, as those of the share do? */
bool sheet_line_is_numbered(const char *line);

#endif
