/*
 * late - brings the attachments of documents that went before them, as soon as these are receipted (RXP-ATT-019).
 *
 * Which they are stands in the database, and what the peer holds it is asked each time; so a crash costs questions
 * only. It goes on until the peer says that it has all.
 *
 * What the line or the peer's node failed is begun again after a time that doubles from one second up to REGISTRY_LATE_LAST_MS, and
 * from one second anew where the peer holds more than before; once the peer is heard, after an eighth of that, a second at
 * least. Until then nothing of that peer is begun. All else is begun again at a tick.
 */
#ifndef REGISTRY_LATE_H
#define REGISTRY_LATE_H

#include <stdint.h>

#include "protocol/base/ident.h"

struct ferry;
struct late;
struct node;
struct pace;
struct peer;
struct peers;

/* All are borrowed. RXP_ERR_NOMEM. */
int late_new(
    struct late **out, struct node *n, struct peers *peers, struct ferry *ferry, struct pace *pace);
void late_free(struct late *l); /* NULL is allowed; behind ferry_free() */

/* A message has changed and is stored so: if its files are to follow now, begin with them. */
void late_changed(struct late *l, const uint8_t local_id[RXP_ID_OCTETS]);
/* The peer was authenticated on a connection: what failed on another may go now. */
void late_heard(struct late *l, struct peer *peer);
/* Begin with what waits, in turn, as far as there is room. */
void late_tick(struct late *l);

#endif
