/*
 * only - that an element has nothing beside what its reader takes from it; for readers without a
 * schema.
 */
#ifndef RXP_ONLY_H
#define RXP_ONLY_H

#include <stdbool.h>
#include <stddef.h>

struct _xmlNode;

/* Are its children elements only, no text between them? */
bool rxp_only_elements(const struct _xmlNode *element);
/* Has it exactly n attributes? */
bool rxp_only_attributes(const struct _xmlNode *element, size_t n);

#endif
