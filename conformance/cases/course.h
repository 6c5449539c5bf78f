/*
 * course - a case that documents of both sides have brought on its course, and what a product must answer to the next one:
 * a person who became a child, a guardian who is not named, a record that lacks something.
 *
 * They are rows of course.def. The side of the last document is that of the suite; what the other side says the product is made
 * to send. What is refused for its content alone is sent again without what was wrong.
 */
#ifndef CONFORM_COURSE_H
#define CONFORM_COURSE_H

#include <stddef.h>

#include "conformance/cases/case.h"
#include "protocol/case/case_table.h"

#define COURSE_MAX_BEFORE 7
#define COURSE_MAX_EDITS 3

struct course_step {
	enum rxp_case_event event;
	enum rxp_case_side side;
	const char *example; /* that its content is; NULL: that of saying.def */
	struct edit
	    edits[COURSE_MAX_EDITS + 1]; /* which make that fit, up to the first without find */
};

struct course {
	struct case_facts facts;
	size_t n_before;
	struct course_step before[COURSE_MAX_BEFORE], said;
	struct edit change; /* of the content that is said; without find: it is said as it is */
	struct expect expected;
	unsigned flags; /* of COURSE_FLAGS, those that its Receipt must have */
};

/* What a Receipt says of the documents of a case without clocks: 1 << enum rxp_flag each. */
#define COURSE_FLAGS (1U << RXP_FLAG_UNPLANNED | 1U << RXP_FLAG_DUE_DIFFERS)

size_t course_total(void);
const struct course *course_at(size_t i);

#endif
