/*
 * share - may a peer bring something new? How much one peer may make this node store (RXP-ANS-021), and how
 * much of the disk all of them leave to this State (spec/storage.md).
 *
 * What is turned away here costs no sealer and leaves no trace but an alarm in the log, each hour while it
 * lasts.
 */
#ifndef REGISTRY_SHARE_H
#define REGISTRY_SHARE_H

#include <stdbool.h>
#include <stdint.h>

struct db;
struct node;
struct peer;
struct share;

/* Adds up what each peer occupies and sets right what differs. peer_octets: of each. Errors as in db.h. */
int share_new(struct share **out, struct node *n, uint64_t peer_octets);
void share_free(struct share *s); /* NULL is allowed */

/* May the peer bring so many octets more? */
bool share_open(struct share *s, struct peer *peer, uint64_t octets);

/* Has the disk room for so many octets more, behind which the reserve is left? */
bool share_room(struct share *s, uint64_t octets);

/* In a transaction, when all is put: RXP_ERR_FULL if the peer has more than its share now. */
int share_check(const struct share *s, struct db *db, const char *party);
/* That was the result. */
void share_overrun(struct share *s, struct peer *peer);

/* Has the peer filled it, so that the largest message may find no room any more? */
bool share_full(const struct share *s, const struct peer *peer);

/* Words if the disk keeps the node from taking anything of any peer, else "". A full share is no matter of
 * the node's health: else a peer could end it. */
const char *share_health(void);
uint64_t share_octets(const struct share *s); /* of each peer */

#endif
