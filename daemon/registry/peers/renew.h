/*
 * renew - what a known peer itself gives takes the place of what is stored of it, if it is newer
 * (RXP-DSC-007): a working part alone, or its descriptor.
 *
 * A sealer verifies a working part against the identity part that is trusted already, so it can change
 * nothing but what a working part holds (RXP-DSC-006); and a descriptor under the root that people compared
 * and with the identity part that is trusted in its chain (RXP-DSC-021). When the chain changes the root, the root that
 * sealed the latest part is the one that counts from then on (RXP-DSC-025).
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

/* 0: it is stored and published. RXP_ERR_EXISTS: it is not newer than what is known, or people brought it and that is stored as it was taken (RXP-EVI-032).
 * Errors of
 * rxp_descriptor_open, RXP_ERR_MISMATCH: it is none of this peer, or may not take the place. RXP_ERR_STATE:
 * the peer is distrusted. RXP_ERR_DATES: a working part of another day than this (RXP-DSC-038). Errors as in
 * db.h, RXP_ERR_NOMEM. problem: in words what is wrong with it, "" if nothing is. */
typedef void renew_done(void *arg, int result, const char *problem);

/* done is called once, later, if one of these returns 0. RXP_ERR_NOMEM, RXP_ERR_FULL, errors as in db.h. */
int renew_working(const struct renew_config *config, const struct peer *peer, struct bytes working,
    renew_done *done, void *arg);
/* user: who brought it, which is journalled; NULL if the peer itself gave it. */
int renew_whole(const struct renew_config *config, const struct peer *peer, struct bytes descriptor,
    const char *user, renew_done *done, void *arg);

#endif
