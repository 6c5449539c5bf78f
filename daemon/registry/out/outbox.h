/*
 * outbox - journey out: what is done with one message to a peer, from the desk to its final answer.
 *
 * A message in work is a flight. Its row says what is known for sure; each step is committed before
 * the next begins:
 *
 *   waiting          a sealer closes it under a new MessageId → commit `closed`; if no key of the peer is
 *                    in force, the peer is asked for one before
 *   closed, in-doubt commit `sending` with the attempt counted → only then the octets leave
 *                    to the gateway, or to who fetches them; the flight ends then
 *   sending          the answer is verified by a sealer and compared with what was sent → commit of
 *                    the final answer, or of the next try; after `rekey` commit of another envelope
 *                    (`in-doubt`), and an attempt at once
 */
#ifndef REGISTRY_OUTBOX_H
#define REGISTRY_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/out/flight.h"

struct clocks;
struct ferry;
struct outbox;
struct peer;
struct peers;
struct publish;
struct refresh;

/* Attempts by their results since the start. */
struct outbox_counts {
	uint64_t receipt, refusal, later, transport, no_answer, false_answer;
};

/* All are borrowed. */
struct outbox_config {
	struct node *node;
	struct peers *peers;
	struct publish *publish;
	struct refresh *refresh;
	const struct terms *terms;
	struct clocks *clocks;
	struct pace *pace;
	struct ferry *ferry;
	flight_changed *changed;
	void *changed_arg;
};

int outbox_new(struct outbox **out, const struct outbox_config *config); /* RXP_ERR_NOMEM */
void outbox_free(struct outbox *o); /* NULL is allowed */

/* Is this message in work? */
bool outbox_in_work(const struct outbox *o, const uint8_t local_id[16]);

/* It was changed without being in work: whoever listens hears of it. */
void outbox_tell(const struct outbox *o, const uint8_t local_id[16]);

/* Take it into work; the end is told by pace_ended(). RXP_ERR_NOMEM, RXP_ERR_FULL (no room
 * towards sealers or gateway now), errors as in db.h; nothing is in work then. */
int outbox_start(struct outbox *o, struct peer *peer, const uint8_t local_id[16]);

/* The same for whoever fetches it now: what is said of its end there is told after that. Its attachments are
 * fetched too (handout.h). */
int outbox_fetch(struct outbox *o, struct peer *peer, const uint8_t local_id[16],
    const struct flight_caller *caller);

/*
 * An answer of the peer to that message, which came by another way than a push; m: what a sealer found in it, octets:
 * it. 0: it is in work, and caller->left will be called. RXP_ERR_EXISTS: it changes nothing. RXP_ERR_MISMATCH: the
 * message was never given to anybody. RXP_ERR_NOMEM, RXP_ERR_FULL (the message is in work), errors as in db.h.
 */
int outbox_answer(struct outbox *o, struct peer *peer, const uint8_t local_id[16],
    struct bytes octets, const struct msg_answer_checked *m, const struct flight_caller *caller);

/* The gateway's answer to a request `deliver`. */
void outbox_delivery(struct outbox *o, uint64_t request, const struct msg_delivery *m);

/* The gateway's answer to a request `post`; false if it is nobody's here. */
bool outbox_posted(struct outbox *o, uint64_t request, const struct msg_posted *m);

struct outbox_counts outbox_counted(const struct outbox *o);

#endif
