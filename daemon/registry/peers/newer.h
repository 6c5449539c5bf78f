/*
 * newer - may a verified descriptor become, or take the place of, what is known of a party (RXP-DSC-007)?
 *
 * The same judgement whether people bring it or the peer itself gives it.
 */
#ifndef REGISTRY_NEWER_H
#define REGISTRY_NEWER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"

struct node;
struct peer;
struct peers;

#define NEWER_OF_ANOTHER "it is the descriptor of another party"
#define NEWER_PIN_OF_ANOTHER "a TLS pin of it belongs to another party"
#define NEWER_BY_NOW "what came just before it is as new"
#define NEWER_SEAL_OF_ANOTHER "a seal certificate of it belongs to another party"

/* known: NULL if the party is not. Of one that is trusted the sealer found the known part in the chain (RXP-DSC-021).
 * RXP_ERR_CONFIG: none of a party that may ever be a peer. RXP_ERR_EXISTS: it contradicts what is known.
 * RXP_ERR_STATE: it is older. RXP_ERR_MISMATCH: it names what is another peer's (RXP-DSC-037). RXP_ERR_DATES: it is of
 * another day than this (RXP-DSC-038). *problem says in words what is wrong; untouched otherwise. */
int newer_judge(const struct node *n, struct peers *peers, const struct peer *known,
    const struct msg_descriptor_checked *m, const char **problem);

/* In words what is wrong with a descriptor that a sealer did not verify, or whose pins are another party's; for codes of
 * rxp_descriptor_open. "" for what is no fault of the descriptor. */
const char *newer_problem(int result);

/* Since when what is known of a party and in force is revoked by it, as far as that is news: the earliest time. 0: it revokes
 * nothing. */
int64_t newer_revokes(const struct peer *known, const struct msg_descriptor_checked *m);

/* Is it what is known and in force already? */
bool newer_is_known(const struct peer *known, const struct msg_descriptor_checked *m);

#endif
