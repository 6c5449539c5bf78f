/*
 * reported - reports of cases that tests make up, and the forms that come of them.
 */
#ifndef CONFORM_TEST_REPORTED_H
#define CONFORM_TEST_REPORTED_H

#include <stddef.h>

struct report_file;
struct rxp_buf;

#define UNOPENABLE "wanted the Refusal unopenable, got "
#define FINGERPRINT "RXP-ANS-003: it names another Fingerprint than that of the Document"

typedef int form(struct rxp_buf *out, const struct report_file *f);

/* A row for each case; why is NULL of one that passed. */
struct one {
	const char *id, *requirement, *verdict, *expected, *seen, *why;
	const char *name, *received, *inside, *sent; /* NULL: as in most cases */
	int status; /* of HTTP; 0: none */
	const struct difference *changed; /* NULL: it is not said */
};

/* What was changed in the message of a case. */
struct difference {
	const char *was, *is, *in;
	int at;
};

/* Some that are often needed; the product of hung says nothing. */
extern const struct one passed, failed, untried, hung;

/* That form of a report of these n cases, of the whole of a role. The caller frees it. */
char *form_of(form *make, const char *command, const struct one *cases, size_t n);
/* selected: the pattern of the cases that were tried; NULL: all; EARLIER: of a suite that did not say it. */
extern const char EARLIER[];
char *form_of_part(
    form *make, const char *command, const char *selected, const struct one *cases, size_t n);

#endif
