/*
 * outbox - journey out: what is done with one message to a peer, from the desk to its final answer.
 *
 * A message in work is a flight. Its row says what is known for sure; each step is committed before
 * the next begins:
 *
 *   waiting          a sealer closes it under a new MessageId → commit `closed`
 *   closed, in-doubt commit `sending` with the attempt counted → only then the octets leave
 *   sending          the answer is verified by a sealer and compared with what was sent → commit of
 *                    the final answer, or of the next try
 */
#ifndef REGISTRY_OUTBOX_H
#define REGISTRY_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct flight;
struct node;
struct outbox;
struct peer;

/* Attempts by their results since the start. */
struct outbox_counts {
	uint64_t receipt, refusal, later, transport, no_answer, false_answer;
};

int outbox_new(struct outbox **out, struct node *n); /* RXP_ERR_NOMEM */
void outbox_free(struct outbox *o); /* NULL is allowed */

/* Is this message in work? */
bool outbox_in_work(const struct outbox *o, const uint8_t local_id[16]);

/* Take it into work; the end is told by schedule_ended(). RXP_ERR_NOMEM, RXP_ERR_FULL (no room
 * towards sealers or gateway now), errors as in db.h; nothing is in work then. */
int outbox_start(struct outbox *o, struct peer *peer, const uint8_t local_id[16]);

/* The gateway's answer to a request `deliver`. */
void outbox_delivery(struct outbox *o, uint64_t request, const struct msg_delivery *m);

/* It is no more in work, and freed: it goes on from its row, when that is due. */
void outbox_left(struct flight *f);

struct outbox_counts outbox_counted(const struct outbox *o);

#endif
