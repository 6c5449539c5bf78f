#include "protocol/xml/place.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <libxml/tree.h>

#include "protocol/base/buf.h"
#include "protocol/base/limits.h"
#include "protocol/xml/schema_data.h"

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

/* Its number among those of its name under the same parent; 0 if it is the only one. */
static unsigned number_of(const xmlNode *element)
{
	const xmlNode *other = element->parent != NULL ? element->parent->children : NULL;
	unsigned number = 0;
	unsigned all = 0;

	for (; other != NULL; other = other->next) {
		if (other->type != XML_ELEMENT_NODE ||
		    strcmp((const char *)other->name, (const char *)element->name) != 0)
			continue;
		all++;
		if (other == element)
			number = all;
	}
	return all > 1 ? number : 0;
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
		unsigned number = chain[n] == root ? 0 : number_of(chain[n]);
		char step[MAX_NAME_LENGTH + 16];
		size_t len;

		if (!rxp_place_declared(name, strlen(name)))
			name = "*";
		len = number == 0 ? (size_t)snprintf(step, sizeof step, "%s", name)
				  : (size_t)snprintf(step, sizeof step, "%s[%u]", name, number);
		if (used + len + 2 > RXP_PLACE_TEXT)
			break;
		if (used > 0)
			out[used++] = '/';
		memcpy(out + used, step, len);
		used += len;
	}
	out[used] = '\0';
}

int rxp_place_names(struct rxp_buf *out, const char *place)
{
	int rc = 0;

	while (rc == 0 && *place != '\0') {
		size_t names = strcspn(place, "[");

		rc = rxp_buf_put(out, place, names);
		place += names;
		place += strcspn(place, "]");
		place += *place == ']';
	}
	return rc;
}
