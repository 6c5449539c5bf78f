/*
 * refresh - keeps what is known of peers fresh, by asking them for their descriptors (RXP-DSC-020 to 022, 045).
 *
 * A peer is asked while its newest key is older than a week, or none in force lasts three days more: at the
 * start and then hourly; one that gave none, again after a time that doubles from one second to five minutes. A message that finds no key in force has it asked at once; if that was in vain, again
 * after a time that doubles from one second to five minutes. The gateway asks, a sealer verifies, renew.c
 * stores. At most one question to a peer is open. A peer that pulls is not asked: it posts its descriptor.
 *
 * A key of the peer that is not known, in TLS or in a seal, has it asked at once, and what bears the key waits for the
 * outcome (RXP-DSC-036). Where a server at its address shows such a key and nothing newer comes, that stands as an alarm until the
 * peer is reached there again, or something newer comes by whatever way: where both States changed their keys neither lets the other in.
 * That the peer calls says nothing of who answers at its address. Of a peer that pulls it stands where somebody with a key of nobody
 * goes on connecting with that for some minutes, as it would itself, and the peer has not for as long, until it does. Who looks by once, with
 * this key or that, is nobody of whom people are told, unless so many do that nobody can say who goes on (knocks.h).
 */
#ifndef REGISTRY_REFRESH_H
#define REGISTRY_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/peers/renew.h"

struct knocks;
struct peer;
struct refresh;

enum refresh_outcome {
	REFRESH_ASKED, /* it gave its descriptor; what is newer in it is in force, if that was right */
	REFRESH_PEER, /* the line or the peer's node failed */
	REFRESH_OWN, /* something of this machine failed */
};

/* why: words for REFRESH_PEER, else "". */
typedef void refresh_done(void *arg, enum refresh_outcome outcome, const char *why);

/* What was stored of the peer has changed: it may be reached again, and be understood. */
typedef void refresh_changed(void *arg, struct peer *peer);

/* knocks: kept as long as it. RXP_ERR_NOMEM */
int refresh_new(struct refresh **out, const struct renew_config *config, struct knocks *knocks,
    refresh_changed *changed, void *arg);
void refresh_free(struct refresh *r); /* calls no done function; NULL is allowed */

/* Look which peers are to be asked. */
void refresh_tick(struct refresh *r);

/* At once. 1: it is asked, and done will be called, not from here. 0: it was asked in vain a moment ago.
 * RXP_ERR_FULL, RXP_ERR_NOMEM. */
int refresh_ask(struct refresh *r, struct peer *peer, refresh_done *done, void *arg);

/* The same, since something bears a key that is not known of the peer: 0 also if it was asked for such a reason in vain
 * less than REGISTRY_SUSPECT_MS ago (REGISTRY_SUSPECT_OFF_MS if it gave no descriptor), or pulls. done: NULL if nobody
 * waits. */
int refresh_suspect(struct refresh *r, struct peer *peer, refresh_done *done, void *arg);

/* When the peer, of which that gave 0, may be asked: wall time. */
int64_t refresh_again_ms(const struct peer *peer);

/* The same before anything of the peer is judged, if what was known of it at the start was old, and it has not been asked yet
 * (RXP-DSC-040). 0: there is no need to wait. RXP_ERR_FULL, RXP_ERR_NOMEM: it cannot be asked now, so that nothing of it may be
 * judged. */
int refresh_first(struct refresh *r, struct peer *peer, refresh_done *done, void *arg);

/* It was authenticated on a connection, by a key that it lists; reached: at its own address. */
void refresh_met(struct peer *peer, bool reached);
/* It goes on with one. */
void refresh_heard(struct peer *peer);

/* The gateway's notice `pin_unknown`: of a server at the address of a party, or of whoever connected. */
void refresh_pin_unknown(struct refresh *r, const struct msg_pin_unknown *m);

/* How long refresh_ask() of this peer would give 0, in ms. mono: monotonic time. */
int64_t refresh_waits_ms(const struct peer *peer, int64_t mono);

/* A descriptor of the peer came by itself: posted, or in a bundle. done hears once, perhaps inside: 0 if it is in force
 * now or was before, RXP_ERR_MISMATCH if it may not be taken; else it is to be brought again. */
typedef void refresh_taken(void *arg, int result);
void refresh_take(
    struct refresh *r, const char *party, struct bytes octets, refresh_taken *done, void *arg);

/* A peer posted it, since nobody can ask for it (RXP-PUL-008): answers `descriptor_taken`. */
void refresh_posted(struct refresh *r, uint64_t request, const struct msg_descriptor_posted *m);

/* The gateway's answer to a request `fetch_descriptor`. */
void refresh_fetched(struct refresh *r, uint64_t request, const struct msg_descriptor_fetched *m);

#endif
