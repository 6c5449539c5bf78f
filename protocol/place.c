#include "protocol/place.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/limits.h"
#include "protocol/schema_data.h"

#define MAX_NAME_LENGTH 64

bool rxp_place_declared(const char *name, size_t name_len)
{
	char declaration[sizeof "element name=\"\"" + MAX_NAME_LENGTH];
	size_t len;

	if (name_len > MAX_NAME_LENGTH)
		return false;
	len = (size_t)snprintf(
	    declaration, sizeof declaration, "element name=\"%.*s\"", (int)name_len, name);
	for (const struct rxp_embedded *e = rxp_embedded_schemas; e->name != NULL; e++)
		if (memmem(e->octets, e->len, declaration, len) != NULL)
			return true;
	return false;
}

void rxp_place_write(
    char out[RXP_PLACE_TEXT], const struct _xmlNode *root, const struct _xmlNode *element)
{
	const xmlNode *chain[RXP_MAX_XML_DEPTH];
	size_t n = 0;
	size_t used = 0;

	for (; n < RXP_MAX_XML_DEPTH; element = element->parent) {
		chain[n++] = element;
		if (element == root)
			break;
	}
	while (n-- > 0) {
		const char *name = (const char *)chain[n]->name;
		size_t len;

		if (!rxp_place_declared(name, strlen(name)))
			name = "*";
		len = strlen(name);
		if (used + len + 2 > RXP_PLACE_TEXT)
			break;
		if (used > 0)
			out[used++] = '/';
		memcpy(out + used, name, len);
		used += len;
	}
	out[used] = '\0';
}
