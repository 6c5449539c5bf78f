/*
 * range - the field values of Content-Range (RFC 9110 section 14.4) in the one form that RXP has, bytes
 * FIRST-LAST/TOTAL, and of Range, bytes=FIRST-: decimal numbers without leading zeros.
 */
#ifndef GATEWAY_RANGE_H
#define GATEWAY_RANGE_H

#include <stdint.h>

#define RANGE_DIGITS 18 /* of one number */
#define RANGE_TEXT 64 /* any value and its NUL */

struct range {
	uint64_t first, last, total; /* octets, the last one included */
};

/* RXP_ERR_SYNTAX: another form. RXP_ERR_BOUND: no octets, or some beyond total. */
int range_parse(struct range *out, const char *text);

/* The value of Range: from which octet on. RXP_ERR_SYNTAX: another form. */
int range_parse_wanted(uint64_t *first, const char *text);
void range_write_wanted(char out[RANGE_TEXT], uint64_t first);

void range_write(char out[RANGE_TEXT], const struct range *range);

#endif
