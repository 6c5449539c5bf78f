/*
 * report_file - a report that was read again; for the forms that are made of it.
 */
#ifndef CONFORM_REPORT_FILE_H
#define CONFORM_REPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "conformance/run/outcome.h"

struct report_file;

/* The text of a member of the report or of a case; "" if there is none. Borrowed. */
const char *report_text(const struct report_file *f, const char *name);
/* Does it say of which format it is? The one before did not, and nothing of what was selected. */
bool report_has_format(const struct report_file *f);
/* Of a member of its product. */
const char *report_product(const struct report_file *f, const char *name);

size_t report_file_cases(const struct report_file *f);
const char *report_case_text(const struct report_file *f, size_t i, const char *name);
int report_case_status(const struct report_file *f, size_t i); /* 0: it has none */
int report_case_ms(const struct report_file *f, size_t i);
enum verdict report_case_verdict(const struct report_file *f, size_t i);

/* What was changed in what a case sent. */
struct report_change {
	const char *was, *is; /* base64; "" of nothing */
	const char *in; /* the member of the case in which it stands; "": it stands in none */
	size_t at, len; /* there */
};
/* false: it is not said. Borrowed. */
bool report_case_change(struct report_change *out, const struct report_file *f, size_t i);

size_t report_file_count(const struct report_file *f, enum verdict v);

#endif
