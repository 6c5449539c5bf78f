/*
 * node - what a sealer holds of its own State: identity, seal key, storage key; the key that the
 * sealers of its set share; and the register of the peers that it was last given.
 */
#ifndef SEALER_NODE_H
#define SEALER_NODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/storage_key.h"
#include "daemon/base/unfit.h"
#include "daemon/sealer/box.h"
#include "protocol/base/buf.h"
#include "protocol/base/ident.h"
#include "protocol/base/random.h"
#include "protocol/seal/signer.h"

struct centres;
struct register_map;
struct rxp_cert;
struct rxp_descriptor;
struct rxp_evidence_party;
struct rxp_key_signer;
struct remote;

#define NODE_MAX_KEY_OCTETS (16 * 1024UL) /* the PEM file of the seal key */
#define NODE_STORAGE_OCTETS STORAGE_KEY_FILE_OCTETS /* a storage key's file */
#define NODE_MAX_ESCROW_OCTETS 2048 /* escrow.pub */
#define NODE_CHECK_OCTETS STORAGE_KEY_CHECK_OCTETS

struct node {
	struct rxp_descriptor *own; /* owned; the identity part in force, no working part */
	struct rxp_buf identity; /* octets of the identity chain's file */
	struct rxp_evidence_party *seals; /* owned; all that the chain ever listed */
	struct rxp_evidence_party
	    *outgrown; /* owned; kept by own_seal.c: also those of former descriptors … */
	uint64_t outgrown_of; /* … of the register of this number */
	struct rxp_cert *cert; /* owned; the seal certificate of our key */
	struct rxp_key_signer *key; /* owned; NULL: in a token … */
	struct remote *remote; /* … and owned: the way to the process that signs with it */
	struct rxp_signer signer; /* over one of the two */
	struct box_ring storage; /* the key of the present epoch first */
	uint8_t table_keys[BOX_RING_MAX][STORAGE_KEY_OCTETS]; /* of each too (storage_key.h) */
	uint8_t storage_checks[BOX_RING_MAX]
			      [NODE_CHECK_OCTETS]; /* of each: tells it from another */
	struct box_ring set; /* one key, zeros until the parent gave it, before any request */
	struct rxp_buf escrow; /* SubjectPublicKeyInfo of the escrow key; empty: there is none */
	struct rxp_random random;
	struct register_map *peers; /* owned */
	struct centres *centres; /* owned; NULL: none */
};

/* The files as the parent gave them. */
struct node_files {
	const struct rxp_buf *seal_key; /* PEM; NULL: the key lies in a token … */
	const struct rxp_buf *seal_cert; /* … and this is its certificate, PEM */
	/* those of the storage keys one behind the other, that of the present epoch first */
	const struct rxp_buf *storage_keys;
	const struct rxp_buf *identity;
};

/* On success the caller owns *out. RXP_ERR_CONFIG: one of the files is wrong; *why says which and how. RXP_ERR_NOMEM,
 * RXP_ERR_CRYPTO. */
int node_new(struct node **out, const struct node_files *files, enum unfit *why);
void node_free(struct node *node); /* wipes the keys; NULL is allowed */

/* May an answer of ours bear a seal that is revoked, or that our chain, grown too long, lists no more (RXP-DSC-035)? */
bool node_reseals(const struct node *node);

/* Our own party code. */
const char *node_party(const struct node *node);

#endif
