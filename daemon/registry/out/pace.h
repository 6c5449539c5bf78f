/*
 * pace - how much may be in work now, for each peer and in all, and who is left alone for a while.
 *
 * A peer whose transport or node fails is left alone for a time that doubles from one second to five minutes, jittered; the
 * back-off is the peer's and not the message's, and is not stored. While a peer fails, one message probes it, beside which
 * those with attachments that are in work do not count, or REGISTRY_PEER_FOUND where its line alone failed and it was heard since: a
 * line may be there for seconds. Else a window of REGISTRY_PEER_WINDOW. Only a verified answer ends
 * that, and opens the window by REGISTRY_PEER_MORE: of what goes at once on a line that is there for seconds, most would be cut
 * off, and on its way back the answers would wait behind it; those with attachments do not count meanwhile. An upload that failed, but got further, begins the back-off anew. An authenticated contact, which costs the peer little, brings the
 * next probe forward, at most once in REGISTRY_CONTACT_PROBE_MS. At most REGISTRY_ACTIVE_MAX messages are in memory, whatever the backlog.
 *
 * Who changes something of this says so here; the schedule looks at the end of the round.
 */
#ifndef REGISTRY_PACE_H
#define REGISTRY_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace;
struct peer;
struct rxp_random;

int pace_new(struct pace **out, struct rxp_random *random); /* borrowed. RXP_ERR_NOMEM */
void pace_free(struct pace *p); /* NULL is allowed */

/* Something may be due: look at the end of this round. */
void pace_kick(struct pace *p);
/* Was there a kick since the last time? */
bool pace_kicked(struct pace *p);

/* A message of the peer is in work, or no longer. */
void pace_started(struct pace *p, struct peer *peer);
void pace_ended(struct pace *p, struct peer *peer);

/* What was due of it has been started, as far as there was room: a probe before its time has been made. */
void pace_probed(struct peer *peer);

/* The peer failed an attempt that began at that monotonic time; attempts that were under way
 * together count once. */
void pace_failed(struct pace *p, struct peer *peer, int64_t began_mono);

/* What was under way to the peer goes on another connection. */
void pace_moved(struct peer *peer);

/* What failed was not the line alone: something reached the peer. */
void pace_node_failed(struct peer *peer);

/* What failed just now was an upload of which the peer holds more than it held: the back-off begins anew, and those with
 * attachments go in their order. */
void pace_went_further(struct pace *p, struct peer *peer);

/* Which of those that are due take their turns next while the peer fails: such as were due then, in wall time. Whichever
 * failed since is due since, and waits until the others have been tried. files: those with attachments. */
int64_t pace_turn_ms(const struct peer *peer, bool files, int64_t now_ms);
/* All of them have: they take turns again. */
void pace_turns_over(struct peer *peer, bool files, int64_t now_ms);

/* The peer gave a signed answer that was verified, and not `busy` without a time for the next try (RXP-ANS-024). */
void pace_answered(struct pace *p, struct peer *peer);

/* The peer was authenticated on a connection. */
void pace_contact(struct pace *p, struct peer *peer);

/* A person asks for the peer: the next probe goes now. What is known of its failures stays. */
void pace_ask_now(struct pace *p, struct peer *peer);

/* Our own store fails: start nothing for a second. */
void pace_rest(struct pace *p);

/* How many messages of the peer may be started. mono: monotonic time. */
unsigned pace_room(const struct pace *p, const struct peer *peer, int64_t mono);

/* When a rest ends, or the time for which the peer is left alone: ms from now, 0 if there is none. */
int64_t pace_rests_ms(const struct pace *p, int64_t mono);
int64_t pace_waits_ms(const struct peer *peer, int64_t mono);

/* Delay of the n-th try, n from 1: doubling from the first to the last, between half and whole (RXP-HTTP-009). */
int64_t pace_backoff(struct pace *p, unsigned tries);

#endif
