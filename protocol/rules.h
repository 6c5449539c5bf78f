/*
 * rules - what typed content and manifest must satisfy and no XML schema can say: rules between
 * fields, dates that exist, check digits. The list is rule.def.
 */
#ifndef RXP_RULES_H
#define RXP_RULES_H

#include "protocol/schema.h"

struct _xmlNode;

/*
 * content satisfies its schema; attachments is the manifest, which satisfies its own, or NULL.
 * report (may be NULL) is called for each of the first RXP_MAX_REPORTS faults, with element names
 * and fixed texts only. A path begins at the content or, for the manifest, at Attachments.
 * 0 or RXP_ERR_SCHEMA.
 */
int rxp_rules_check(const struct _xmlNode *content, const struct _xmlNode *attachments,
    rxp_schema_report *report, void *arg);

#endif
