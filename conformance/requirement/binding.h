/*
 * binding - which roles of a product a requirement binds, and why a role that it binds has no case.
 *
 * People read each requirement and write rows of the tables in role/:
 *
 *   BINDS("XML-001", "48f1ecc59603", "RSD")   the requirement; the first 12 hexadecimal digits of the SHA-256 of its text, on
 *                                             one line, as it was read; the roles that it binds
 *   NO_CASE("XML-001", "S", LATER, "why")     the roles of these without a case; a class of no_case.def; words
 *
 * The roles: R receives (cases R, and W below the message), S sends, D is what documents must be, whoever made them; P are two
 * products with faults between them; N, alone, is a node within, or people. gate.sh holds the rows against the specification and the cases, in `make spec-check`; of
 * requirements that spec/untested.txt lists the reason stands there.
 */
#ifndef CONFORM_BINDING_H
#define CONFORM_BINDING_H

#include <stdbool.h>

#include "conformance/requirement/requirement.h"

#define BINDING_NODE 'N'

/* The letters, in the order R, S, D, P; or "N". "" of a requirement that has no row yet. */
const char *binding_roles(const struct requirement *r);

struct binding_reason {
	const char *class; /* "later" */
	const char *words;
};

/* Why it has no case in a role; false: no reason is written. */
bool binding_reason(struct binding_reason *out, const struct requirement *r, char role);

/* The role that a case of this letter counts for. */
char binding_role_of(char letter);

const char *binding_role_words(char role); /* "receives", … */

#endif
