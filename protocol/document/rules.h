/*
 * rules - what typed content and manifest must satisfy and no XML schema can say: rules between
 * fields, dates that exist, check digits. The list is rule.def.
 */
#ifndef RXP_RULES_H
#define RXP_RULES_H

#include "protocol/xml/schema.h"

struct _xmlNode;

/*
 * attachments is the manifest or NULL. Either may break its schema: what is not of the form that a rule
 * speaks of is passed over, as the schema names it.
 * report (may be NULL) is called for each of the first RXP_MAX_REPORTS faults, with element names
 * and fixed texts only. A path begins at the content or, for the manifest, at Attachments.
 * 0 or RXP_ERR_SCHEMA.
 */
int rxp_rules_check(const struct _xmlNode *content, const struct _xmlNode *attachments,
    rxp_schema_report *report, void *arg);

#endif
