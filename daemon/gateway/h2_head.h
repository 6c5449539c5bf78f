/*
 * h2_head - what the gateway reads of a field section; everything else in it is counted and
 * forgotten.
 */
#ifndef GATEWAY_H2_HEAD_H
#define GATEWAY_H2_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define H2_METHOD_TEXT 16
#define H2_PATH_TEXT 1408 /* a query of 32 MessageIds and a digest (RXP-PUL-002) */
#define H2_TYPE_TEXT 64
#define H2_RANGE_TEXT 72
#define H2_WANTED_TEXT 40

/* A value that does not fit its place, or is given twice, is left empty and so matches nothing. */
struct h2_head {
	char method[H2_METHOD_TEXT];
	char path[H2_PATH_TEXT];
	char type[H2_TYPE_TEXT]; /* content-type, in lower case */
	char range[H2_RANGE_TEXT]; /* content-range */
	char wanted[H2_WANTED_TEXT]; /* range */
	unsigned status; /* of a response */
	int64_t length; /* content-length, -1 if absent */
	int64_t offset; /* rxp-offset, -1 if absent; INT64_MAX if it is not one number */
	size_t octets; /* of the whole section, as RFC 9113 counts them */
	bool typed; /* has content-type */
	bool ranged; /* has content-range */
	bool wants; /* has range */
	bool encoded; /* has content-encoding */
	bool expects; /* has expect */
	bool too_large; /* more than GATEWAY_HEADER_LIST_OCTETS; the rest was not looked at */
};

void h2_head_init(struct h2_head *head);

/* Take one field. The HTTP/2 library has checked its syntax, and content-length's value. */
void h2_head_field(struct h2_head *head, const uint8_t *name, size_t name_len, const uint8_t *value,
    size_t value_len);

#endif
