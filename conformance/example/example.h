/*
 * example - the typed contents of spec/examples, within the program, moved to today.
 *
 * Those of its folder invalid have one fault each; the specification says where, and which requirement it breaks.
 */
#ifndef CONFORM_EXAMPLE_H
#define CONFORM_EXAMPLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rxp_buf;

enum example_kind { EXAMPLE_VALID, EXAMPLE_FORM, EXAMPLE_SAFEGUARD };

struct example {
	const char *file, *stem; /* "withdrawal.xml", "withdrawal" */
	const unsigned char *octets;
	size_t len;
	const char *created; /* when the document was made, in the form of RXP-TIM-001 */
	enum example_kind kind;
	const char *place; /* of the fault, as a Refusal names it; "" of a valid one */
	const char *requirement; /* that it breaks; "schema": the schema finds it */
	bool has_manifest; /* attachments go with it */
};

/* NULL: there is none of this file. */
const struct example *example_find(const char *file, enum example_kind kind);

/* Append the content as it is sealed: without a declaration, in plain markup, and its days moved by as much as now is
 * later than its document was made. Errors of the library's parser. */
int example_content(struct rxp_buf *out, const struct example *e, int64_t now_ms);

#endif
