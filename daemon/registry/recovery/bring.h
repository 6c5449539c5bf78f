/*
 * bring - a peer that has lost answers of its own gets back those that this node holds, and then the messages that they
 * answer (RXP-NOT-006, RXP-RCV-007 to 009).
 *
 * What is under way for a peer stands in one row, and one answer of it at a time is at the gateway. A peer that cannot be
 * reached is tried again, and keeps no other waiting. A peer that pulls fetches them (RXP-PUL-013), and gets no message before
 * the last. All of them are in each bundle for it as well (desk/bundle.h). What comes of each answer:
 *
 *                            posted to the peer          fetched by it                     in a bundle (shown.h)
 *   it has it               201, 204                    it posts it back                  its log has it
 *   it does not take it     another one below 500       it says so when it asks next      its log has another
 *   nobody knows            any other end               anything else: it is given again  anything else: it is in the next one
 *
 * Where the log has what came after and not it, what follows goes on in bundles, and this one stays owed: it is in each bundle, and its
 * message in none, until the log has it (RXP-BND-013), or it is brought on a line that there is by then.
 * Only the first two end it, in one transaction with what follows; what is under way is not stored, so that after a start the
 * same answer goes once more.
 */
#ifndef REGISTRY_RECOVERY_BRING_H
#define REGISTRY_RECOVERY_BRING_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct bring;
struct rxp_log_page;
struct node;
struct pace;
struct peer;
struct peers;
struct pickup;

/* All are borrowed. RXP_ERR_NOMEM. */
int bring_new(struct bring **out, struct node *n, struct peers *peers, struct pace *pace,
    struct pickup *pickup);
void bring_free(struct bring *b); /* NULL is allowed */

/* Something may be to be brought. */
void bring_round(struct bring *b);

/* A party posted an answer to the message of this id, as it does of one that it fetched. */
void bring_returned(struct bring *b, const char *party, const uint8_t message_id[16]);

/* A party asks, and may say that it does not take what it was given. */
void bring_left(struct bring *b, const struct msg_pickup *m);

/* A page of the log of the peer, as a sealer found it in a bundle (RXP-BND-010). RXP_ERR_NOMEM, errors as in db.h. */
int bring_shown(struct bring *b, struct peer *peer, const struct rxp_log_page *page);

/* The gateway's answer to a request `post`; false if it is nobody's here. */
bool bring_posted(struct bring *b, uint64_t request, const struct msg_posted *m);

#endif
