/*
 * pickup - gives a peer that asks for them the messages to it, one at each request (RXP-PUL-002 to 004).
 *
 * One request of a peer waits; a later one takes its place. Which message it gets the schedule says, in the order in
 * which it would push them; a message that lies ready is closed and put on the line only when somebody is there
 * to take it, so that a peer which is away for long costs nothing but rows.
 */
#ifndef REGISTRY_PICKUP_H
#define REGISTRY_PICKUP_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct outbox;
struct pace;
struct peer;
struct peers;
struct pickup;

/* All are borrowed. RXP_ERR_NOMEM. */
int pickup_new(struct pickup **out, struct node *n, struct peers *peers, struct pace *pace,
    struct outbox *outbox);
void pickup_free(struct pickup *p); /* NULL is allowed */

/* Request `pickup` of the gateway; it is answered on its link. */
void pickup_take(struct pickup *p, uint64_t request, const struct msg_pickup *m);

/* Does the peer wait for a message that nobody is getting ready for it, and may it have one? */
bool pickup_waits(const struct pickup *p, const struct peer *peer);

/* Give it these octets, an answer of its own to the message of this id. false: it does not wait, or has it in work. */
bool pickup_give(
    struct pickup *p, const struct peer *peer, const uint8_t message_id[16], struct bytes answer);

/* Give it this one. RXP_ERR_EXISTS: it has it in work. Errors of outbox_fetch(). */
int pickup_start(struct pickup *p, struct peer *peer, const uint8_t local_id[16]);

/* It posted an answer to the message of this id: it has that in work no more, until it is given again (RXP-PUL-014). */
void pickup_answered(struct pickup *p, const char *party, const uint8_t message_id[16]);

/* All that is due was looked through: who does not wait longer is told that there is nothing. */
void pickup_looked(struct pickup *p);

#endif
