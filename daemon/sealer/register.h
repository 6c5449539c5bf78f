/*
 * register - the registry's numbered register of peers and of our own agreement keys, mapped.
 *
 * The latest number stays mapped; a request that names an older one is worked on with the latest,
 * so that distrust reaches also what was queued before it. Certificates and keys are parsed once
 * for each number. All pointers given live until the next register_use(). Of a party one of whose certificates is none, since a
 * hand wrote in the database, nothing is given; of the others all is.
 */
#ifndef SEALER_REGISTER_H
#define SEALER_REGISTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/record.h"
#include "daemon/sealer/box.h"

struct register_map;
struct rxp_agreement_key;
struct rxp_cert;

#define REGISTER_MAX_OCTETS (24 * 1024UL * 1024)
#define REGISTER_MAX_PARTY_CERTS 16 /* of one party, retired ones included */

/* An empty register of the party `own`, whose private keys are wrapped under a storage key of the ring; both are
 * borrowed. RXP_ERR_NOMEM. */
int register_new(struct register_map **out, const char *own, const struct box_ring *storage);
void register_free(struct register_map *map); /* NULL is allowed */

/* Use the register behind fd, which stays the caller's, unless a later one is mapped.
 * RXP_ERR_STATE: not a fully sealed memory file, not a register of this number, or another party's.
 * RXP_ERR_BOUND, RXP_ERR_NOMEM, RXP_ERR_IO. On failure the one before stays. */
int register_use(struct register_map *map, int fd, uint64_t number);

/* Certificates that may have sealed for a party, borrowed, retired and revoked ones too. */
struct register_seals {
	size_t n;
	const struct rxp_cert *certs[REGISTER_MAX_PARTY_CERTS];
	int64_t retired_ms[REGISTER_MAX_PARTY_CERTS]; /* 0: in force */
	int64_t revoked_ms[REGISTER_MAX_PARTY_CERTS]; /* 0: not revoked */
};

/* Those of the party, without those revoked by that time (RXP-DSC-028); at_ms REGISTER_ALL: all of them. */
#define REGISTER_ALL 0
void register_seals(
    const struct register_map *map, const char *party, int64_t at_ms, struct register_seals *out);

/* May what was made at created_ms, and is verified under cert, one of these, be taken (RXP-DSC-027, 028)? received_ms: of a
 * Document; 0 for what may come at any time, of those that are not revoked. */
bool register_seals_good(const struct register_seals *seals, const struct rxp_cert *cert,
    int64_t created_ms, int64_t received_ms);

/* Our private agreement key of this id; borrowed. RXP_ERR_NOT_FOUND; RXP_ERR_DAMAGED: it does not
 * unwrap; RXP_ERR_NOMEM. */
int register_own_key(
    struct register_map *map, const uint8_t key_id[32], const struct rxp_agreement_key **out);

/* The public agreement key of a peer. RXP_ERR_NOT_FOUND. */
int register_peer_key(const struct register_map *map, const char *party, const uint8_t key_id[32],
    struct bytes *spki);

/* Former descriptors of our own, as the register has them, which live as long, and how many; and its number. */
struct rxp_evidence_descriptor;
const struct rxp_evidence_descriptor *register_former(
    const struct register_map *map, size_t *n, uint64_t *number);

/* The keys of a peer's offices, in the order of its identity part; none is no failure. On success
 * rxp_office_keys_clear() what out holds. RXP_ERR_STATE (one is of no such office, or no key), RXP_ERR_NOMEM. */
struct rxp_office_keys;
int register_office_keys(
    const struct register_map *map, const char *party, struct rxp_office_keys *out);

#endif
