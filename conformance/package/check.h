/*
 * check - a vectors package read back: what librxp and the judges of this suite say of each vector, held against its index.
 */
#ifndef CONFORM_CHECK_H
#define CONFORM_CHECK_H

#include <stdbool.h>
#include <stddef.h>

/* Of each vector that is otherwise: its id, and what was expected and seen, as JSON. */
typedef void check_tell(const char *id, const char *words, const char *expected, const char *seen);

struct check_counts {
	size_t judged, left, otherwise; /* left: of kinds that are data alone */
};

/* Is dir a package? */
bool check_is_package(const char *dir);

/* RXP_ERR_SYNTAX: its index is none; RXP_ERR_IO, RXP_ERR_NOMEM. */
int check_package(struct check_counts *out, const char *dir, check_tell *tell);

#endif
