/*
 * view - JSON of the daemon as text for people: tables and lists of facts.
 *
 * What is printed comes from another process and may hold what came from another State: control
 * characters are replaced, so that no text can act on a terminal.
 */
#ifndef CTL_VIEW_H
#define CTL_VIEW_H

#include <stddef.h>
#include <stdio.h>

#define VIEW_TEXT 512 /* octets of one shown value with its NUL; longer ones are cut */

struct json_t;

struct view_column {
	const char *title, *member;
};

/* A value as text; "-" for null, what is missing, or no value at all. */
void view_text(char out[VIEW_TEXT], const struct json_t *value);

/* Rows of a JSON array of objects under a line of titles. Nothing but the titles if it is empty. */
void view_table(FILE *out, const struct json_t *items, const struct view_column *columns, size_t n);

/* Lines of a text, each indented. */
void view_lines(FILE *out, const char *text);

/* One line for each column of one object: title, value. Members that are null are left out. */
void view_facts(
    FILE *out, const struct json_t *object, const struct view_column *columns, size_t n);

#endif
