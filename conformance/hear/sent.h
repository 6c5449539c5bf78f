/*
 * sent - the cases of what a product sends: each a look at the messages that were heard, whatever they were answered.
 *
 * Rows of sent.def: SENT(requirement, number, least, look, name), or ADVISED. least: how many messages it takes at least.
 */
#ifndef CONFORM_SENT_H
#define CONFORM_SENT_H

#include <stddef.h>

#include "conformance/cases/facts.h"
#include "conformance/hear/heard.h"

#define SENT_WHY 128

/* What a look may use. */
struct sent_look {
	const struct parties *parties;
	const struct heard *first; /* of all messages; those that do not open are among them */
	char why[SENT_WHY]; /* what is wrong, in words */
	const struct heard *at; /* the message that shows it */
};

struct sent_case {
	struct case_facts facts;
	unsigned least;
	bool advised; /* a product may do otherwise: that is a warning */
	bool (*look)(struct sent_look *l); /* false: it is not so, and l->why says what was seen */
};

size_t sent_total(void);
const struct sent_case *sent_at(size_t i);

#endif
