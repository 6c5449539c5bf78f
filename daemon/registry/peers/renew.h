/*
 * renew - a newer working part of a known peer takes the place of the one that is stored (RXP-DSC-007).
 *
 * A sealer verifies it against the identity part that is trusted already, so it can change nothing but
 * what a working part holds (RXP-DSC-006).
 */
#ifndef REGISTRY_RENEW_H
#define REGISTRY_RENEW_H

#include "daemon/base/record.h"

struct node;
struct peer;
struct peers;
struct publish;

struct renew_config {
	struct node *node; /* borrowed, as the rest */
	struct peers *peers;
	struct publish *publish;
};

/* 0: it is stored and published. RXP_ERR_EXISTS: it is not newer than what is known. Errors of
 * rxp_descriptor_open: it is none of this peer. RXP_ERR_STATE: the peer is distrusted. Errors as in
 * db.h, RXP_ERR_NOMEM. */
typedef void renew_done(void *arg, int result);

/* done is called once, later, if this returns 0. RXP_ERR_NOMEM, RXP_ERR_FULL, errors as in db.h. */
int renew_begin(const struct renew_config *config, const struct peer *peer, struct bytes working,
    renew_done *done, void *arg);

#endif
