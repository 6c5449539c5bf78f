/*
 * facts - what a document of a case says, without naming anyone, as the records fact_* of record.def.
 */
#ifndef SEALER_FACTS_H
#define SEALER_FACTS_H

#include "protocol/document/document.h"

struct rxp_buf;

/* Append the facts of a checked document of a case. Errors of rxp_facts_read, the buffer's errors. */
int facts_put(struct rxp_buf *out, const struct rxp_document *document);

/* The same from checked typed content alone. Errors of rxp_facts_content, the buffer's errors. */
int facts_put_content(struct rxp_buf *out, enum rxp_type type, const struct _xmlNode *content);

#endif
