/*
 * schema - the embedded XML schemas, compiled once, and validation against them.
 */
#ifndef RXP_SCHEMA_H
#define RXP_SCHEMA_H

#include <stddef.h>

struct _xmlNode;
struct rxp_buf;
struct rxp_xml;

/* Compile all schemas of spec/xsd; called by rxp_init(). RXP_ERR_SCHEMA, RXP_ERR_NOMEM. */
int rxp_schema_init(void);
void rxp_schema_cleanup(void);

/* One violation: line in the parsed octets, path of element names without values, fixed text. */
typedef void rxp_schema_report(void *arg, unsigned long line, const char *path, const char *text);

/*
 * Validate a whole document, or one of its elements as a document of its own, against the schema
 * of its root's namespace. report (may be NULL) is called for each of the first RXP_MAX_REPORTS
 * violations; its text never quotes a value. RXP_ERR_SCHEMA, RXP_ERR_UNSUPPORTED (no schema for the
 * namespace), RXP_ERR_NOMEM.
 */
int rxp_schema_validate(const struct rxp_xml *xml, rxp_schema_report *report, void *arg);
int rxp_schema_validate_element(struct _xmlNode *element, rxp_schema_report *report, void *arg);

#endif
