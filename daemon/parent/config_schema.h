/*
 * config_schema - config.xsd as octets, embedded at build time.
 */
#ifndef PARENT_CONFIG_SCHEMA_H
#define PARENT_CONFIG_SCHEMA_H

#include <stddef.h>

extern const unsigned char config_schema_octets[];
extern const size_t config_schema_len;

#endif
