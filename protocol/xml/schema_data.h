/*
 * schema_data - the XML schemas of spec/xsd as octets, embedded at build time (protocol/xml/embed.awk).
 */
#ifndef RXP_SCHEMA_DATA_H
#define RXP_SCHEMA_DATA_H

#include <stddef.h>

struct rxp_embedded {
	const char *name; /* file name below spec/xsd; NULL ends the table */
	const unsigned char *octets;
	size_t len;
};

extern const struct rxp_embedded rxp_embedded_schemas[];

#endif
