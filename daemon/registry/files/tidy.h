/*
 * tidy - removes attachments that belong to nothing: at the start files without a row, and each hour
 * those that no document has had for REGISTRY_UNCLAIMED_MS (RXP-ATT-015).
 */
#ifndef REGISTRY_TIDY_H
#define REGISTRY_TIDY_H

#include <stdbool.h>
#include <stdint.h>

struct node;
struct tidy;

/* Is this file of a peer being written or verified now? */
typedef bool tidy_active(void *arg, const char *party, const uint8_t digest[32]);

/* Goes through the directories. RXP_ERR_NOMEM, RXP_ERR_IO, errors as in db.h. */
int tidy_new(struct tidy **out, struct node *n, tidy_active *active, void *arg);
void tidy_free(struct tidy *t); /* NULL is allowed */

/* The wall clock may have moved: is it time to look? */
void tidy_tick(struct tidy *t);

#endif
