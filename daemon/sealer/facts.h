/*
 * facts - what a document of a case says of each person, without naming anyone, as records.
 */
#ifndef SEALER_FACTS_H
#define SEALER_FACTS_H

struct rxp_buf;
struct rxp_document;

/* Append one record `fact_person` for each person of a checked document of a case. Errors of
 * rxp_facts_read, the buffer's errors. */
int facts_put(struct rxp_buf *out, const struct rxp_document *document);

#endif
