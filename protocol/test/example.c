#include "protocol/test/example.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libxml/tree.h>

#include "protocol/base/limits.h"
#include "protocol/base/timestamp.h"
#include "protocol/document/rules.h"
#include "protocol/safeguard/safeguard.h"
#include "protocol/xml/place.h"
#include "protocol/xml/schema.h"
#include "protocol/xml/xml.h"

struct rxp_buf example_read(const char *name)
{
	struct rxp_buf octets;
	char path[512];
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

struct rxp_buf example_canonical(const char *name)
{
	struct rxp_buf octets = example_read(name);
	struct rxp_xml *xml = example_parse(&octets);
	struct rxp_buf out;

	rxp_buf_init(&out, RXP_MAX_DOCUMENT_OCTETS);
	if (rxp_xml_c14n(&out, xml, rxp_xml_root(xml)) != 0)
		abort();
	rxp_xml_free(xml);
	rxp_buf_free(&octets);
	return out;
}

struct rxp_buf example_replaced(const struct rxp_buf *octets, const char *from, const char *to)
{
	struct rxp_buf out;
	size_t at = 0;
	const uint8_t *hit;

	rxp_buf_init(&out, 2UL * RXP_MAX_DOCUMENT_OCTETS);
	while ((hit = memmem(octets->data + at, octets->len - at, from, strlen(from))) != NULL) {
		rxp_buf_put(&out, octets->data + at, (size_t)(hit - octets->data) - at);
		rxp_buf_puts(&out, to);
		at = (size_t)(hit - octets->data) + strlen(from);
	}
	if (at == 0 || rxp_buf_put(&out, octets->data + at, octets->len - at) != 0)
		abort();
	return out;
}

struct rxp_xml *example_parse(const struct rxp_buf *octets)
{
	struct rxp_xml *xml = NULL;

	if (rxp_xml_parse(&xml, octets->data, octets->len, RXP_MAX_DOCUMENT_OCTETS, RXP_XML_BODY) !=
	    0)
		abort();
	return xml;
}

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name);
	size_t end_len = strlen(end);

	return len > end_len && strcmp(name + len - end_len, end) == 0;
}

static struct rxp_xml *parse_file(const char *name)
{
	struct rxp_buf octets = example_read(name);
	struct rxp_xml *xml = example_parse(&octets);

	rxp_buf_free(&octets);
	return xml;
}

struct example example_load(const char *name)
{
	struct example e = {.content = parse_file(name)};
	char manifest[256];
	char path[300];

	if (!ends_with(name, ".xml"))
		abort();
	snprintf(manifest, sizeof manifest, "%.*s.attachments.xml",
	    (int)(strlen(name) - strlen(".xml")), name);
	snprintf(path, sizeof path, "spec/examples/%s", manifest);
	if (access(path, F_OK) == 0)
		e.manifest = parse_file(manifest);
	return e;
}

void example_free(struct example *e)
{
	rxp_xml_free(e->content);
	rxp_xml_free(e->manifest);
	*e = (struct example){0};
}

static void note(void *arg, unsigned long line, const char *path, const char *text)
{
	struct example_fault *first = arg;

	if (first->n++ > 0)
		return;
	first->line = line;
	snprintf(first->path, sizeof first->path, "%s", path);
	snprintf(first->text, sizeof first->text, "%s", text);
}

int example_check(struct example_fault *first, const struct example *e)
{
	int rc;

	*first = (struct example_fault){0};
	rc = rxp_schema_validate(e->content, note, first);
	if (rc == 0 && e->manifest != NULL)
		rc = rxp_schema_validate(e->manifest, note, first);
	if (rc == 0)
		rc = rxp_rules_check(rxp_xml_root(e->content),
		    e->manifest == NULL ? NULL : rxp_xml_root(e->manifest), note, first);
	return rc;
}

/* --- safeguards ---------------------------------------------------------------------------- */

int64_t example_created_ms(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *file = slash == NULL ? name : slash + 1;
	FILE *lines = fopen("spec/examples/created.txt", "r");
	char start[64], time[64];
	size_t longest = 0;
	int64_t ms = -1;

	if (lines == NULL)
		abort();
	while (fscanf(lines, "%63s %63s", start, time) == 2) {
		size_t len = strcmp(start, "*") == 0 ? 0 : strlen(start);

		if (strncmp(file, start, len) == 0 && (ms < 0 || len > longest)) {
			longest = len;
			if (rxp_time_parse(&ms, time) != 0)
				abort();
		}
	}
	fclose(lines);
	if (ms < 0)
		abort();
	return ms;
}

struct rxp_safeguard_context example_context(const char *name)
{
	static const char *const centres[] = {"specimen reception centre"};

	return (struct rxp_safeguard_context){.judged = RXP_SAFEGUARD_SENDER,
	    .created_ms = example_created_ms(name),
	    .test_node = true,
	    .officer = "S-3001",
	    .second_officer = "S-3002",
	    .centres = centres,
	    .n_centres = 1};
}

static void note_rule(void *arg, enum rxp_safeguard rule, unsigned long line, const char *path)
{
	note(arg, line, path, rxp_safeguard_row(rule)->text);
}

int example_safeguards(struct example_fault *first, const char *name, const struct example *e)
{
	struct rxp_safeguard_context context = example_context(name);

	*first = (struct example_fault){0};
	return rxp_safeguards_check(&context, rxp_xml_root(e->content),
	    e->manifest == NULL ? NULL : rxp_xml_root(e->manifest), note_rule, first);
}

/* --- files --------------------------------------------------------------------------------- */

bool example_place_is(const char *place, const char *names)
{
	struct rxp_buf found;
	bool is;

	rxp_buf_init(&found, RXP_PLACE_TEXT);
	is = rxp_place_names(&found, place) == 0 && found.len == strlen(names) &&
	     (found.len == 0 || memcmp(found.data, names, found.len) == 0);
	rxp_buf_free(&found);
	return is;
}

static int is_content(const struct dirent *entry)
{
	const char *name = entry->d_name;

	return ends_with(name, ".xml") && !ends_with(name, ".attachments.xml") &&
	       !ends_with(name, "-envelope.xml");
}

struct example_list example_list(const char *folder)
{
	struct example_list list = {0};
	struct dirent **entries = NULL;
	char path[256];
	int n;

	snprintf(path, sizeof path, "spec/examples/%s", folder);
	n = scandir(path, &entries, is_content, alphasort);
	if (n < 0)
		abort();
	list.names = calloc((size_t)n + 1, sizeof *list.names);
	if (list.names == NULL)
		abort();
	for (; list.n < (size_t)n; list.n++) {
		int len = snprintf(list.names[list.n], sizeof list.names[list.n], "%s%s", folder,
		    entries[list.n]->d_name);

		if (len < 0 || (size_t)len >= sizeof list.names[list.n])
			abort();
		free(entries[list.n]);
	}
	free(entries);
	return list;
}

void example_list_free(struct example_list *list)
{
	free(list->names);
	*list = (struct example_list){0};
}

/* --- differences --------------------------------------------------------------------------- */

static unsigned at_most_2(unsigned n)
{
	return n > 2 ? 2 : n;
}

/* Attributes of a that b lacks or has otherwise. */
static unsigned attributes_of(const xmlNode *a, const xmlNode *b, bool count_changed)
{
	unsigned n = 0;

	for (const xmlAttr *at = a->properties; at != NULL; at = at->next) {
		const char *name = (const char *)at->name;
		const char *other = rxp_xml_attribute(b, name);

		if (other == NULL ||
		    (count_changed && strcmp(other, rxp_xml_attribute(a, name)) != 0))
			n++;
	}
	return n;
}

static size_t children(const xmlNode *element, const xmlNode *out[], size_t max)
{
	size_t n = 0;

	for (const xmlNode *c = rxp_xml_first(element); c != NULL; c = rxp_xml_next(c)) {
		if (n == max)
			abort();
		out[n++] = c;
	}
	return n;
}

/* What is left of two rows of children without what both begin and end with. */
static unsigned children_differ(
    const xmlNode *const *a, size_t n_a, const xmlNode *const *b, size_t n_b)
{
	while (n_a > 0 && n_b > 0 && example_differences(a[0], b[0]) == 0) {
		a++, n_a--;
		b++, n_b--;
	}
	while (n_a > 0 && n_b > 0 && example_differences(a[n_a - 1], b[n_b - 1]) == 0) {
		n_a--;
		n_b--;
	}
	if (n_a == 1 && n_b == 1)
		return example_differences(a[0], b[0]);
	return at_most_2((unsigned)(n_a == 0 || n_b == 0 ? n_a + n_b : 2));
}

unsigned example_differences(const struct _xmlNode *a, const struct _xmlNode *b)
{
	enum { MAX_CHILDREN = 256 };
	const xmlNode *in_a[MAX_CHILDREN];
	const xmlNode *in_b[MAX_CHILDREN];
	size_t n_a = children(a, in_a, MAX_CHILDREN);
	size_t n_b = children(b, in_b, MAX_CHILDREN);
	unsigned n;

	if (!rxp_xml_is(a, rxp_xml_namespace(b), rxp_xml_name(b)))
		return 1;
	n = attributes_of(a, b, true) + attributes_of(b, a, false);
	if (n_a == 0 && n_b == 0)
		n += strcmp(rxp_xml_leaf(a), rxp_xml_leaf(b)) != 0;
	else
		n += children_differ(in_a, n_a, in_b, n_b);
	return at_most_2(n);
}
