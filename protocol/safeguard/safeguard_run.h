/*
 * safeguard_run - one judgement of one document by its safeguards, for the modules that hold the rules.
 */
#ifndef RXP_SAFEGUARD_RUN_H
#define RXP_SAFEGUARD_RUN_H

#include <stdint.h>

#include "protocol/document/document.h"
#include "protocol/safeguard/safeguard.h"

#define SAFEGUARD_NS "urn:rxp:1:body"
#define SAFEGUARD_DAY_TEXT 11 /* YYYY-MM-DD with its NUL */

/* Everything is borrowed. */
struct safeguard_run {
	const struct rxp_safeguard_context *context;
	enum rxp_type type;
	const struct _xmlNode *content;
	const struct _xmlNode *manifest; /* NULL if there is none */
	rxp_safeguard_report *report;
	void *arg;
	unsigned faults;
};

/* A rule of safeguard.def that judges one element. */
typedef void safeguard_check(struct safeguard_run *r, const struct _xmlNode *element);

/* The rule is broken at an element of the content or the manifest; missing is NULL or the name of what the
 * element lacks. If element is NULL, what the rule speaks of is not there: that counts, and the report is left to
 * the schema, which names it. Nothing happens if the rule is not judged in this run. */
void safeguard_fault(struct safeguard_run *r, enum rxp_safeguard rule,
    const struct _xmlNode *element, const char *missing);

/* The child of this name; NULL if there is none, or no element. */
const struct _xmlNode *safeguard_child(const struct _xmlNode *element, const char *name);

/* The day of Created, and the day so many days later, or earlier if negative. */
void safeguard_day(char out[SAFEGUARD_DAY_TEXT], const struct safeguard_run *r, int days);

#endif
