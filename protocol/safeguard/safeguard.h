/*
 * safeguard - what protects the person, as far as a document alone shows it (spec/rxp-1.md section 38).
 *
 * Two ask: the sender's desk, before a document is queued, for every rule, with what to do; and whoever opens a
 * Document or has sealed one, for the rules that both States judge, and then only whether one is broken.
 * Pure: it knows no time but the Created that it is given.
 */
#ifndef RXP_SAFEGUARD_H
#define RXP_SAFEGUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/safeguard/safeguard_table.h"

struct _xmlNode;

/* What the rules need to know beside the document. Borrowed for the call. */
struct rxp_safeguard_context {
	enum rxp_safeguard_judged judged; /* which rows */
	int64_t created_ms; /* the document's own, or what it would be now */
	bool test_node;
	/* For the rows of the sender alone; NULL or "" if nobody is named. */
	const char *officer; /* pseudonym of who gives the document to the node */
	const char *second_officer; /* who read its prose */
	bool names_confirmed; /* by the second officer (RXP-SAF-022) */
	const char *const
	    *centres; /* addresses, or parts of them, that are centres (RXP-SAF-026) */
	size_t n_centres;
};

/* A rule that is broken: line in the octets parsed, and a path as of rxp_schema_report, which begins at the
 * content or at Attachments and ends with the element that is missing, if one is. */
typedef void rxp_safeguard_report(
    void *arg, enum rxp_safeguard rule, unsigned long line, const char *path);

/*
 * Content and manifest (or NULL); either may break its schema, and then also what is missing breaks the rule that
 * asks for it. report (may be NULL) is called for each of the first RXP_MAX_REPORTS faults at elements that are
 * there. 0 or RXP_ERR_NOT_ACCEPTABLE.
 */
int rxp_safeguards_check(const struct rxp_safeguard_context *context,
    const struct _xmlNode *content, const struct _xmlNode *attachments,
    rxp_safeguard_report *report, void *arg);

#endif
