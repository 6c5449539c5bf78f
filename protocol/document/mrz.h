/*
 * mrz - the check digits of a machine-readable zone, and the dates in it (ICAO Doc 9303 parts 3 to 7).
 */
#ifndef RXP_MRZ_H
#define RXP_MRZ_H

#include <stddef.h>

#define RXP_MRZ_MAX_LINES 3

/*
 * n lines as read: three of 30 characters, two of 36 or two of 44, of A-Z, 0-9 and <.
 * 0; RXP_ERR_SYNTAX for another form, a date that no calendar has or another sex than M, F, X and <; RXP_ERR_MISMATCH if a
 * check digit is wrong.
 */
int rxp_mrz_check(const char *const *lines, size_t n);

/* The six characters of the date of birth in the second line of any form, YYMMDD with `<` for what is unknown; NULL if
 * no second line has this length. Borrowed. */
const char *rxp_mrz_birth(const char *second_line);

#endif
