/*
 * statement - what reports of runs come to, in a few lines that a tester can sign: which product, under which version of the suite
 * and of the specification, how many cases came to what, which did not pass, and which were tried once more. No octet that was sent
 * stands in it.
 *
 * It is made of the reports alone, and always the same of the same reports, so whoever has them can make it again. It says
 * `passes` only of reports of every role that takes no other product, with every case, of which none failed, could not be tried or
 * was the suite's own failure.
 */
#ifndef CONFORM_STATEMENT_H
#define CONFORM_STATEMENT_H

#include <stddef.h>

struct rxp_buf;

#define STATEMENT_WHY 160
#define STATEMENT_RESULT 16

/* Append it: of reports of one product, each of another role, as made at that time (RXP-TIM-001). RXP_ERR_NOT_FOUND, RXP_ERR_IO;
 * RXP_ERR_SYNTAX, RXP_ERR_MISMATCH: not a report of this suite, or not of the same product; why says which and what. */
int statement_make(struct rxp_buf *out, const char *const *reports, size_t n, const char *made,
    char why[STATEMENT_WHY]);

/* Is it one, and does its result follow from its own numbers; and, unless n is 0, is it what these reports come to? On success
 * result is `passes`, `fails` or `incomplete`. Otherwise as statement_make(). */
int statement_check(char result[STATEMENT_RESULT], const struct rxp_buf *statement,
    const char *const *reports, size_t n, char why[STATEMENT_WHY]);

#endif
