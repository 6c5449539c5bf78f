#include "protocol/test/example.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/xml.h"

struct rxp_buf example_read(const char *name)
{
	struct rxp_buf octets;
	char path[256];
	char chunk[4096];
	size_t n;
	FILE *file;

	snprintf(path, sizeof path, "spec/examples/%s", name);
	file = fopen(path, "rb");
	if (file == NULL) {
		perror(path);
		abort();
	}
	rxp_buf_init(&octets, RXP_MAX_DOCUMENT_OCTETS);
	while ((n = fread(chunk, 1, sizeof chunk, file)) > 0)
		rxp_buf_put(&octets, chunk, n);
	fclose(file);
	if (octets.len > 0 && octets.data[octets.len - 1] == '\n')
		octets.len--; /* nothing follows the root element (RXP-XML-002) */
	if (rxp_buf_error(&octets) != 0)
		abort();
	return octets;
}

struct rxp_buf example_change(const char *name, const char *from, const char *to)
{
	struct rxp_buf before = example_read(name);
	struct rxp_buf after;
	const char *text;
	const char *at;

	rxp_buf_putc(&before, '\0');
	text = (const char *)before.data;
	at = strstr(text, from);
	if (at == NULL || strstr(at + 1, from) != NULL)
		abort();
	rxp_buf_init(&after, RXP_MAX_DOCUMENT_OCTETS);
	rxp_buf_put(&after, text, (size_t)(at - text));
	rxp_buf_puts(&after, to);
	rxp_buf_puts(&after, at + strlen(from));
	rxp_buf_free(&before);
	if (rxp_buf_error(&after) != 0)
		abort();
	return after;
}

struct rxp_xml *example_parse(const struct rxp_buf *octets)
{
	struct rxp_xml *xml = NULL;

	if (rxp_xml_parse(&xml, octets->data, octets->len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_BODY) !=
	    0)
		abort();
	return xml;
}
