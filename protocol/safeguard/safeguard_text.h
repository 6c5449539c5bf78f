/*
 * safeguard_text - rules about what could carry a claim in words or pictures (section 38.5).
 */
#ifndef RXP_SAFEGUARD_TEXT_H
#define RXP_SAFEGUARD_TEXT_H

#include "protocol/safeguard/safeguard_run.h"

safeguard_check
    safeguard_check_words; /* any element, by its row of free_text.def; its attributes too */
safeguard_check safeguard_check_reference; /* OwnReference */
safeguard_check safeguard_check_centre; /* LastAddress */
/* The same of a part of an element's text, by itself. */
void safeguard_check_hint(
    struct safeguard_run *r, const struct _xmlNode *element, const char *text);
void safeguard_check_statements(struct safeguard_run *r); /* of the manifest */

#endif
