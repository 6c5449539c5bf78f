/*
 * cause - what usually lies behind a case that did not pass (cause.def).
 */
#ifndef CONFORM_CAUSE_H
#define CONFORM_CAUSE_H

#include <stdbool.h>

/* By the stage of the change, and whether the product took or did what it must not. NULL: the stage has no row. */
const char *cause_find(const char *stage, bool taken);

/* The same of what was taken, by the area of its requirement too. NULL: that says nothing more. */
const char *cause_within(const char *stage, const char *requirement);

/* What lies behind it by what came; NULL: that says nothing more than the stage. */
const char *cause_seen(const char *seen);

/* The same by the name of the change, of what was taken; and by what is wrong in an answer of the right kind. */
const char *cause_named(const char *name);
const char *cause_fault(const char *why);

/* What lies behind it if a page for people came back. */
const char *cause_page(void);

/* The same by what was wanted with what came instead. */
const char *cause_instead(const char *why);

#endif
