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

/* What the product was given. */
struct sender_seed {
	uint8_t case_id[RXP_ID_OCTETS], message_id[RXP_ID_OCTETS];
	uint8_t envelope[32], document[32]; /* SHA-256 */
};

struct sender {
	struct target *target;
	struct state *own; /* that of the target */
	const char *dir; /* its folder */
	struct ear *ear;
	const char *trigger; /* a command of the shell; NULL: none */
	bool manual; /* a person is asked */
	/* the reaction */
	bool seeded, refuses; /* the product refuses to give history */
	size_t n_seeds;
	struct sender_seed seeds[SENDER_SEEDS]; /* in the order of their cases */
	bool asked; /* history was asked for … */
	unsigned before; /* … when so many messages had come */
	char refused[OUTCOME_WORDS]; /* why there is no reaction, in words */
	pid_t running; /* the trigger; 0: none runs */
	unsigned
	    ended; /* triggers that ended by themselves: what they were told can come from then on */
	int gave; /* the exit status of the one that ended last; 0: none did, or it did what it was told */
	int64_t pulled_ms; /* when the last began, by the monotonic clock */
	bool is_given_up; /* it is pulled no more */
};

/* Listen at `at`, or where the endpoint of the State's descriptor says if that is NULL, and be the sender of the target from
 * now on. A caller has set target, own and dir of s, and what may make the product send. After any end the caller closes it. */
enum wire_end sender_open(struct sender *s, const char *at);
/* Take what still comes, so that nothing is left with the product; then listen no more. */
void sender_close(struct sender *s);

/* What shall come: a Ping, a valid message of a case, or what takes back the last of a case that may be here. */
struct sender_wish {
	enum base base;
	const uint8_t *case_id; /* NULL: it opens a case */
	bool takes_back;
	size_t
	    picture; /* octets of the JPEG that is its attachment 1, a photograph; 0: it has none */
	size_t
	    scan; /* of the one that is its attachment 2 then, what a document looks like; 0: it has none */
};

/* Have a message come, if none is on its way. wish NULL: any will do, and then a reaction does; else the trigger is told what
 * it is, with its content as a file. false: nothing does, and why says so. */
bool sender_prompt(
    struct sender *s, const char *case_id, const struct sender_wish *wish, char why[OUTCOME_WHY]);
/* Did the trigger that was pulled last end with a status other than 0? */
bool sender_misfired(struct sender *s);
/* Did it end by itself? What a person does nobody can see. */
bool sender_has_done(struct sender *s);
/* Wait no longer for it, if it runs: what it was told need not come to an end. */
void sender_let_go(struct sender *s);
/* Until when to wait before that is asked again: the deadline if no trigger runs. */
int64_t sender_next_look(const struct sender *s, int64_t deadline_ms);
/* Until when to wait for what the trigger has sent, of which nothing came: the deadline or, as long as one runs and has not had its
 * time (trigger.h), as long as a step may take from now on. */
int64_t sender_until(const struct sender *s, int64_t deadline_ms);
/* Ask for the history of a case that there is not, as long as the product is busy. false: that is not receipted, and s->refused says what came. */
bool sender_ask_unknown(struct sender *s);
/* Ask for the history of one case of this run. NULL: that is not receipted, as above. */
const struct sender_seed *sender_ask_one(struct sender *s);
/* Have an application of more octets than one piece may have receipted, and ask for the history of its case. false: one of them is not
 * receipted, as above. */
bool sender_ask_large(struct sender *s, struct sender_seed *of, struct rxp_buf *document);
/* Ask once more while history is being given. true: the answer is another than `busy`; s->refused says which. */
bool sender_ask_again(struct sender *s);
/* Does the product begin to give history anew, although what it was asked for before is not given? It gives that no more then
 * (RXP-HIS-010). */
bool sender_has_dropped(struct sender *s);
/* Is one on its way that nobody has to ask for? */
bool sender_expects(const struct sender *s);
#endif
