/*
 * both - cases that both sides tell: the product is made to send its documents, which are fetched and receipted.
 *
 * Steps return as those of a teller do.
 */
#ifndef CONFORM_BOTH_H
#define CONFORM_BOTH_H

#include "conformance/hear/heard.h"
#include "conformance/message/history.h"
#include "conformance/message/restored.h"
#include "conformance/run/teller.h"

/* Beyond the ten seconds for which what was given may rest (RXP-PUL-004). */
#define BOTH_REST_MS 15000

/* Rules that what goes before the case did not come about; returns 1. */
int both_incomplete(struct teller *t, const char *why);
/* Is there something that makes the product send? If not, it rules. */
int both_has_desk(struct teller *t);

/* The product says what this draft, not made, would say behind all of it: it is receipted and of the case then. */
int both_product_says(struct teller *t, struct history *h, struct draft *wanted);
/* The State that is played says it: the same. */
int both_own_says(struct teller *t, struct history *h, struct draft *d);

/*
 * This State says that it lost something; d: a draft, empty. Rules if the product does not act on that, or was told too often today;
 * got: what it answered otherwise.
 */
int both_own_lost(struct teller *t, struct draft *d, const struct restored *r, struct told *got);

/*
 * Ask for messages until one is there that is wanted, or so much time has passed: whatever else is there for the State is
 * receipted. query: as desk_fetch() has it, without waiting; id: of the one that is wanted, NULL: any of this type. *status: of
 * the last response. *out is NULL if none came; the caller frees it.
 */
int both_look_for(struct teller *t, int within_ms, const char *query, const uint8_t *id,
    const char *type, int *status, struct heard **out);

/* The product is made to send what this draft, not made, would say: it is fetched, and has no answer yet. Rules unless one comes that
 * opens. The caller frees *came, which may be there all the same. */
int both_fetch(struct teller *t, const struct draft *wanted, struct heard **came);

#endif
