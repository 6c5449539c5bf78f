/*
 * schedule - when: which message to which peer is worked on next. The outbox knows what is done with
 * it, the pace how much may be in work.
 *
 * What a peer fetches goes the same way, in the same order: to the request that waits (pickup.h) before it is
 * pushed, and only so to a peer that pulls.
 *
 * Peers take turns. A message's own next try stands in its row, in wall time.
 */
#ifndef REGISTRY_SCHEDULE_H
#define REGISTRY_SCHEDULE_H

struct node;
struct outbox;
struct pace;
struct peers;
struct pickup;
struct schedule;

/* Makes due what a crash left between two tries. All are borrowed. Errors as in db.h,
 * RXP_ERR_NOMEM. */
int schedule_new(struct schedule **out, struct node *n, struct peers *peers, struct pace *pace,
    struct outbox *outbox, struct pickup *pickup);
void schedule_free(struct schedule *s); /* NULL is allowed */

/* At the end of a round: start what is due and fits the windows. */
void schedule_round(struct schedule *s);

/* The wall clock may have moved: look again; if it went back, what was planned by it becomes due. */
void schedule_tick(struct schedule *s);

#endif
