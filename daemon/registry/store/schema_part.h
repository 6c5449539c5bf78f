/*
 * schema_part - the parts of which the schema is made: the text of each stands with the tables of its subject. A string of C99 holds
 * 4095 characters, so a subject has several.
 *
 * Ids are made by us, times are milliseconds UTC, NULL means "not yet". No triggers, no views.
 */
#ifndef REGISTRY_SCHEMA_PART_H
#define REGISTRY_SCHEMA_PART_H

/* What names a box under a storage key: the name of the key and the IV (daemon/base/box_purpose.h). By it all boxes of an epoch are
 * found, and each of them again. */
#define BOX_NAME(column) "substr(" column ", 2, 20)"

/* When an answer that stands in the log of a peer was given, by the earlier of its clock and ours. */
#define ANSWERED_BY "MIN(COALESCE(received_ms, refused_ms), answered_ms)"

/* NULL behind the last. */
extern const char
    *const schema_parties[]; /* the node, its peers, what is agreed with them and said of them */
extern const char
    *const schema_messages[]; /* what came, what goes, its attachments, and what was done with it */
extern const char *const schema_proofs[]; /* logs, what comes back after a loss, what was erased */

#endif
