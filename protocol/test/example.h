/*
 * example - the files of spec/examples for tests; tests run from the top of the source tree.
 *
 * A failure here aborts: it is a fault of the test, not of what is tested.
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

#include <stdint.h>

#include <stdbool.h>

#include "protocol/base/buf.h"
#include "protocol/safeguard/safeguard.h"

struct _xmlNode;
struct rxp_xml;

/* The octets of spec/examples/NAME; rxp_buf_free() them. */
struct rxp_buf example_read(const char *name);

/* The octets with the one occurrence of a text replaced by another. */
struct rxp_buf example_change(const char *name, const char *from, const char *to);

/* The example in canonical form, as a sealer has it. */
struct rxp_buf example_canonical(const char *name);

/* The octets with every occurrence of a text, of which there is one at least, replaced by another. */
struct rxp_buf example_replaced(const struct rxp_buf *octets, const char *from, const char *to);

/* Parsed as typed content; rxp_xml_free() it. */
struct rxp_xml *example_parse(const struct rxp_buf *octets);

/* The manifest of the example NAME.xml is the file NAME.attachments.xml beside it. */
struct example {
	struct rxp_xml *content;
	struct rxp_xml *manifest; /* NULL if there is none */
};
struct example example_load(const char *name);
void example_free(struct example *e);

/* The first fault that was reported, and how many were. */
struct example_fault {
	unsigned n;
	unsigned long line;
	char path[512], text[128];
};

/* Schemas, then rules, as a receiver applies them: 0 or RXP_ERR_SCHEMA. */
int example_check(struct example_fault *first, const struct example *e);

/* When the document that has this example as its content was made: spec/examples/created.txt. */
int64_t example_created_ms(const char *name);

/* The safeguards of an example that has no fault of form, as its own desk and a test node judge them, with the
 * officers and the centre of spec/examples/README.md: 0 or RXP_ERR_NOT_ACCEPTABLE. */
int example_safeguards(struct example_fault *first, const char *name, const struct example *e);
struct rxp_safeguard_context example_context(const char *name);

/* Is a place this one, the numbers in it left out? */
bool example_place_is(const char *place, const char *names);

/*
 * The names of the typed contents in spec/examples, or in a folder of it, in the order of the alphabet:
 * folder is "" or ends with a slash, and the names begin with it. Manifests and Envelopes are left out.
 */
struct example_list {
	char (*names)[128];
	size_t n;
};
struct example_list example_list(const char *folder);
void example_list_free(struct example_list *list);

/*
 * In how many places two trees differ, counted up to 2: an attribute, the text of a leaf, an element that is
 * another, one that is only in one of them. White space between elements is no difference.
 */
unsigned example_differences(const struct _xmlNode *a, const struct _xmlNode *b);

#endif
