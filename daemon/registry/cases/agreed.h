/*
 * agreed - does a document name an office, a crossing point or a fallback that the profile of its case does not list
 * (RXP-PRF-027)?
 *
 * The receiver flags it (RXP-FLG-010), the sender keeps it from leaving (RXP-PRF-028).
 */
#ifndef REGISTRY_AGREED_H
#define REGISTRY_AGREED_H

#include <stdbool.h>

#include "daemon/base/record.h"

struct rxp_buf;
struct store_case;
struct terms;

/*
 * facts: of a document of case c, which names the profile. *off: does it name one that is not listed? violations (may
 * be NULL) gets a record `violation` for each of them but those that tell what happened.
 * Nothing is off a profile that this node does not hold. RXP_ERR_SCHEMA: no facts of a sealer; the buffer's errors.
 */
int agreed_check(bool *off, struct rxp_buf *violations, const struct terms *t,
    const struct store_case *c, struct bytes facts);

#endif
