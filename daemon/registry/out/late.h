/*
 * late - brings the attachments of documents that went before them, as soon as these are receipted (RXP-ATT-019).
 *
 * Which they are stands in the database, and what the peer holds it is asked each time; so a crash costs questions
 * only. It goes on until the peer says that it has all.
 */
#ifndef REGISTRY_LATE_H
#define REGISTRY_LATE_H

struct ferry;
struct late;
struct node;
struct peers;

/* All are borrowed. RXP_ERR_NOMEM. */
int late_new(struct late **out, struct node *n, struct peers *peers, struct ferry *ferry);
void late_free(struct late *l); /* NULL is allowed; behind ferry_free() */

/* A message has changed: it may be one whose files are to follow. */
void late_kick(struct late *l);
/* Begin with what waits, if there is room and late_kick() was called since. */
void late_round(struct late *l);
/* Begin with what waits, if there is room: also what could not be brought before. */
void late_tick(struct late *l);

#endif
