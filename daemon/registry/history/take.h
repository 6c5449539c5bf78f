/*
 * take - what this node asked a peer for comes back, and is taken: documents of its own (RXP-HIS-004, RXP-HIS-012 and
 * 013).
 *
 * A copy was receipted and stored by in/; here a sealer opens it under our own seal, and one transaction takes the
 * document or says why not, and drops the copy. One copy is in work at a time. A document whose predecessor in the
 * case is still in doubt waits for that one's answer, since a case has one in flight (RXP-CHN-005).
 */
#ifndef REGISTRY_TAKE_H
#define REGISTRY_TAKE_H

#include "daemon/registry/history/history.h"

struct take;

int take_new(struct take **out, const struct history_config *config); /* borrowed. RXP_ERR_NOMEM */
void take_free(struct take *t); /* NULL is allowed */

/* Something may have come, or be in doubt no more. */
void take_round(struct take *t);

#endif
