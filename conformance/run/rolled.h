/*
 * rolled - the State that is played rolls its keys over: it gives the product its next descriptor (RXP-PUL-008), and goes on from it.
 *
 * A chain grows by each, so a part that leaves a key out lists the spare ones of the next case too. A descriptor that the product
 * refuses is forgotten; whatever else it answers, the State has that one from then on. All return 0, a negative code if the suite
 * fails, or 1 if the product does not take it, which is ruled to be incomplete, or opens no port, which is not asked; ROLLED_REFUSED if it
 * says that it may not take it, which is ruled to be incomplete too, but to be a failure in a case of RXP-PUL-008 if it takes what
 * the State gave before.
 */
#ifndef CONFORM_ROLLED_H
#define CONFORM_ROLLED_H

#include "conformance/run/line.h"
#include "conformance/run/outcome.h"
#include "conformance/state/keypair.h"
#include "conformance/state/roll.h"

enum rolled_key { ROLLED_seal, ROLLED_pin };

#define ROLLED_REFUSED 2

/* A key that the descriptor lists beside those of the State; the caller clears it. */
int rolled_take(struct keypair *out, enum rolled_key kind, struct line *l, struct outcome *outcome);
/* Leave out what was taken. revoked_ms: RevokedSince of that part; 0: it has none. */
int rolled_leave_out(struct line *l, struct outcome *outcome, int64_t revoked_ms);
/* List a seal again, in the place of the spare one. */
int rolled_list_again(struct line *l, struct outcome *outcome, const struct keypair *seal);

/* Its agreement keys have ended, until it takes a new one (state_renew()). */
int rolled_end_keys(struct line *l, struct outcome *outcome);
/* They go on, and another one is listed that begins later; the same. */
int rolled_list_key_ahead(struct line *l, struct outcome *outcome);
/* The spare keys are listed, if they are not. */
int rolled_list(struct line *l, struct outcome *outcome);

/* Those endpoints are listed before its own, up to a NULL; NULL: its own alone. */
int rolled_list_endpoints(struct line *l, struct outcome *outcome, const char *const *before);

/* Append what the State might give, with that change, and does not; errors of roll_make(). */
int rolled_make(struct rxp_buf *out, const struct target *target, roll_change *change);
/* Go on from a part that lists new spare keys, without giving it: whoever asks gets it. */
int rolled_go_on(const struct target *target);

#endif
