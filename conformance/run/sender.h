/*
 * sender - how the product is brought to send something. In this order: a request of the suite that obliges it (section 33),
 * the trigger command, a person who is asked.
 */
#ifndef CONFORM_SENDER_H
#define CONFORM_SENDER_H

#include <sys/types.h>

#include "conformance/hear/ear.h"
#include "conformance/message/draft.h"
#include "conformance/run/outcome.h"
#include "conformance/run/target.h"

#define SENDER_SEEDS \
	48 /* documents that the product is given, so that it has something to give back */

struct sender {
	const struct target *target;
	struct ear *ear;
	const char *trigger; /* a command of the shell; NULL: none */
	bool manual; /* a person is asked */
	/* the reaction */
	bool seeded, refuses; /* the product refuses to give history */
	size_t n_seeds;
	uint8_t seeds[SENDER_SEEDS][RXP_ID_OCTETS]; /* cases, in their order */
	bool asked; /* history was asked for … */
	unsigned before; /* … when so many messages had come */
	char refused[OUTCOME_WORDS]; /* why there is no reaction, in words */
	pid_t running; /* the trigger; 0: none runs */
};

/* Listen at `at`, or where the endpoint of the State's descriptor says if that is NULL, and be the sender of the target from
 * now on. dir: the folder of the State. What a caller set of s stays. After any end the caller closes it. */
enum wire_end sender_open(struct sender *s, struct target *target, const char *dir, const char *at);
/* Take what still comes, so that nothing is left with the product; then listen no more. */
void sender_close(struct sender *s);

/* Have a message come, if none is on its way. false: nothing does, and why says so. */
bool sender_prompt(
    struct sender *s, const char *case_id, const char *wanted, char why[OUTCOME_WHY]);
/* Is one on its way that nobody has to ask for? */
bool sender_expects(const struct sender *s);
#endif
