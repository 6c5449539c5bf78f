/*
 * peers - the parties that this node knows, in memory as committed.
 *
 * A peer is never removed: its log and its answers stay. A distrusted one is in no register and its
 * pins are withdrawn; messages to it keep their state and are not sent.
 */
#ifndef REGISTRY_PEERS_H
#define REGISTRY_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/registry/store/state.h"
#include "daemon/registry/store/store_inbox.h"
#include "protocol/buf.h"

struct node;
struct peers;

struct peer {
	char party[4];
	bool active;
	uint8_t root[32]; /* as people compared it */
	uint64_t identity_serial;
	uint8_t identity[32];
	int64_t working_created_ms, added_ms, last_contact_ms;
	struct rxp_buf records; /* of its descriptor */
	uint8_t log_id[16];
	struct store_log log; /* committed: what receipts may name (RXP-ANS-007) */
	uint64_t counts[STATE_COUNT]; /* messages to and from it, by state */
	/* kept by pace.c */
	unsigned in_work, failures;
	int64_t failed_mono, not_before_mono;
};

/* Load them. Errors as in db.h. */
int peers_new(struct peers **out, struct node *n);
void peers_free(struct peers *p); /* NULL is allowed */

/* NULL if the party is not known. */
struct peer *peers_find(struct peers *p, const char *party);
/* The same, but NULL also if it is distrusted. */
struct peer *peers_active(struct peers *p, const char *party);
/* In the order of party codes; NULL behind the last. */
struct peer *peers_at(struct peers *p, size_t i);

/* A message of the peer is in another state now; STATE_NONE for one that is new. */
void peers_count(struct peer *peer, enum state from, enum state to);

/* The key to close a message with: of those in use the one whose use began last, else the latest,
 * since the owner keeps private parts for 30 days more. RXP_ERR_NOT_FOUND. */
int peers_agreement_key(const struct peer *peer, int64_t now_ms, uint8_t key_id[32]);

/* The peer was authenticated on a connection: when, is stored. */
void peers_contact(struct peers *p, struct peer *peer);

/* A committed row of a new or a known peer. RXP_ERR_FULL, RXP_ERR_NOMEM. */
struct store_peer;
int peers_take(struct peers *p, const struct store_peer *row);

#endif
