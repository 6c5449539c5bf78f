/*
 * list - the commands that print what one call of the daemon answers.
 */
#ifndef CTL_LIST_H
#define CTL_LIST_H

#include <stddef.h>

#include "daemon/ctl/ctl.h"
#include "daemon/ctl/view.h"

/* A page as a table; says how to get the next. what: the plural for "no …". */
enum exit_status list_page(
    struct ctl *c, const struct view_column *columns, size_t n, const char *what);

/* All pages as one table. */
enum exit_status list_all(
    struct ctl *c, const struct view_column *columns, size_t n, const char *what);

/* One object as facts. */
enum exit_status list_facts(struct ctl *c, const struct view_column *columns, size_t n);

/* Octets, into the new file that --out names, or to `out`. */
enum exit_status list_octets(struct ctl *c);

/* A call whose answer --json alone shows; else says the argument between two pieces of words. */
enum exit_status list_told(struct ctl *c, const char *before, const char *behind);

/* A call without an answer worth printing; says `done` and the argument. */
enum exit_status list_act(struct ctl *c, const char *done);

#endif
