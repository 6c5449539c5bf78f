/*
 * facts - what the rules of a case need to know of a Document, read from its XML.
 *
 * Facts name persons by their keys within the case, never by anything else.
 */
#ifndef RXP_FACTS_H
#define RXP_FACTS_H

#include "protocol/case/case.h"

struct _xmlNode;
struct rxp_document;

/*
 * Everything of an opened Document that rxp_document_check() has passed.
 * RXP_ERR_UNSUPPORTED (a type of no case), RXP_ERR_SCHEMA (not the content of its type).
 */
int rxp_facts_read(struct rxp_case_document *out, const struct rxp_document *d);

/*
 * The same from typed content alone, before there is a Document: the type, what it says and of whom, and
 * the document that it concerns; all other fields are zero. Errors as above.
 */
int rxp_facts_content(
    struct rxp_case_document *out, enum rxp_type type, const struct _xmlNode *content);

/* The number in a Person's key, 1 for P1; 0 if it has none from P1 to P24. */
unsigned rxp_facts_key(const struct _xmlNode *person);

#endif
