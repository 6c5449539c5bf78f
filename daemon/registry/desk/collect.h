/*
 * collect - how the desk gets at the content of a message, and takes a received one over.
 */
#ifndef REGISTRY_COLLECT_H
#define REGISTRY_COLLECT_H

#include <stdint.h>

#include "daemon/base/ipc.h"

struct collect;
struct node;
struct pace;
struct peers;
struct terms;

/* All are borrowed. RXP_ERR_NOMEM. */
int collect_new(struct collect **out, struct node *n, struct peers *peers,
    const struct terms *terms, struct pace *pace);
void collect_free(struct collect *c); /* NULL is allowed */

/*
 * A permit to read one message of either box, answered as `content_ticket`: first the journal is
 * committed with user, reason, message and time; only then a sealer is asked for the permit (RXP-JRN-002).
 * RXP_ERR_SYNTAX, no user or no reason; RXP_ERR_NOT_FOUND; RXP_ERR_STATE, no content that can be read;
 * RXP_ERR_FULL, RXP_ERR_IO.
 */
void collect_content(struct collect *c, uint64_t request, const struct msg_content_get *m);

/* The message is in the ministry's own system now: `received` becomes `handed-over`. Of a
 * document of a case the other State is told, in the same commit (RXP-HND-004). A repetition changes
 * nothing. Answers `inbox_acked`: RXP_ERR_NOT_FOUND; RXP_ERR_STATE, it was never opened. */
void collect_ack(struct collect *c, uint64_t request, const struct msg_inbox_ack *m);

#endif
