/*
 * tidy - removes attachments that belong to nothing: at the start files without a row, and each hour
 * those that no document has had for REGISTRY_UNCLAIMED_MS (RXP-ATT-015).
 */
#ifndef REGISTRY_TIDY_H
#define REGISTRY_TIDY_H

struct node;
struct tidy;

/* Goes through the directories. RXP_ERR_NOMEM, RXP_ERR_IO, errors as in db.h. */
int tidy_new(struct tidy **out, struct node *n);
void tidy_free(struct tidy *t); /* NULL is allowed */

/* The wall clock may have moved: is it time to look? */
void tidy_tick(struct tidy *t);

#endif
