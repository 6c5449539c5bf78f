/*
 * pair - two products, each of which takes the suite between them for the other: the one that a command makes send, and the
 * one that receives.
 */
#ifndef CONFORM_PAIR_H
#define CONFORM_PAIR_H

#include <sys/types.h>

#include "conformance/proxy/through.h"
#include "conformance/run/outcome.h"

enum pair_side { PAIR_SENDER, PAIR_RECEIVER, PAIR_SIDES };

struct pair_product {
	const struct product *product;
	const char *at; /* where the suite listens in its place, "address:port" or a URL */
	const char *behind; /* where it really is, "https://host:port" */
	const struct keypair *tls; /* its key for TLS; NULL: the suite has not got it */
};

/* All but the state of a run is borrowed, and set by the caller. */
struct pair {
	struct pair_product products[PAIR_SIDES];
	const char *trigger; /* a command of the shell that makes the sender send; NULL: none */
	int wait_ms;
	/* what stands between them now; at most one is not NULL */
	struct relay *relay;
	struct through *through;
	pid_t running; /* the trigger; 0: none runs */
	int gave; /* the exit status of the one that ended last */
};

const char *pair_party(const struct pair *p, enum pair_side side);
/* Has the suite the TLS keys of both? */
bool pair_has_keys(const struct pair *p);

/* Stand between them below TLS, or above it. WIRE_NONE: p->relay, or p->through, is not NULL, the other one is. */
enum wire_end pair_below(struct pair *p);
enum wire_end pair_above(struct pair *p);
/* Stand between them no more, and end the trigger. */
void pair_close(struct pair *p);

/* Have the sender send what is wanted, for that case: `ping`; `two`, two documents of a case, one behind the other; `file`, a document with a file of a megabyte or more;
 * or `log`, a question for the log of the receiver. false: nothing does, and why says so. */
bool pair_prompt(struct pair *p, const char *case_id, const char *wanted, char why[OUTCOME_WHY]);
/* Has the trigger ended? Its status is p->gave then. */
bool pair_prompted(struct pair *p);
/* Pass what comes until something came or the deadline of the monotonic clock, which is not far. */
void pair_turn(struct pair *p, int64_t deadline_ms);

#endif
