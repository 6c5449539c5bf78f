/*
 * outbox - journey out: what is done with one message to a peer, from the desk to its final answer.
 *
 * A message in work is a flight. Its row says what is known for sure; each step is committed before
 * the next begins:
 *
 *   waiting          a sealer closes it under a new MessageId → commit `closed`; if no key of the peer is
 *                    in force, the peer is asked for one before
 *   closed, in-doubt commit `sending` with the attempt counted → only then the octets leave
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

/* Take it into work; the end is told by pace_ended(). RXP_ERR_NOMEM, RXP_ERR_FULL (no room
 * towards sealers or gateway now), errors as in db.h; nothing is in work then. */
int outbox_start(struct outbox *o, struct peer *peer, const uint8_t local_id[16]);

/* The gateway's answer to a request `deliver`. */
void outbox_delivery(struct outbox *o, uint64_t request, const struct msg_delivery *m);

struct outbox_counts outbox_counted(const struct outbox *o);

#endif
