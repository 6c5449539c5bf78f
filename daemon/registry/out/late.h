/*
 * late - brings the attachments of documents that went before them, as soon as these are receipted (RXP-ATT-019).
 *
 * Which they are stands in the database, and what the peer holds it is asked each time; so a crash costs questions
 * only. It goes on until the peer says that it has all.
 */
#ifndef REGISTRY_LATE_H
#define REGISTRY_LATE_H

#include <stdint.h>

#include "protocol/base/ident.h"

struct ferry;
struct late;
struct node;
struct peers;

/* All are borrowed. RXP_ERR_NOMEM. */
int late_new(struct late **out, struct node *n, struct peers *peers, struct ferry *ferry);
void late_free(struct late *l); /* NULL is allowed; behind ferry_free() */

/* A message has changed and is stored so: if its files are to follow now, begin with them. */
void late_changed(struct late *l, const uint8_t local_id[RXP_ID_OCTETS]);
/* Begin with what waits, in turn, as far as there is room; so what could not be brought is tried again at a tick and no
 * more often, and gives way to the others. */
void late_tick(struct late *l);

#endif
