/*
 * store_peer - rows of peers, of their pins and of our own keys.
 *
 * Functions that change something are called from a store_apply; the others at any time. Errors as
 * in db.h, and what is named.
 */
#ifndef REGISTRY_STORE_PEER_H
#define REGISTRY_STORE_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/record.h"

struct db;
struct rxp_buf;

/* --- the node itself --- */

struct store_node {
	char own[4];
	bool test_node;
	uint64_t identity_serial;
	uint8_t identity[32];
	uint8_t root[32];
	int64_t working_created_ms; /* 0: no working part yet */
	struct bytes working, descriptor; /* empty when loaded */
};

/* The two parts are appended to the caller's buffers. RXP_ERR_NOT_FOUND in a new database. */
int store_node_get(
    struct db *db, struct store_node *out, struct rxp_buf *working, struct rxp_buf *descriptor);
int store_node_add(struct db *db, const char *own, bool test_node);
int store_node_working(struct db *db, const struct store_node *node);

/* --- own agreement keys --- */

typedef int store_key_fn(void *arg, const struct rec_own_key *key, int64_t made_ms);

int store_key_add(struct db *db, const struct rec_own_key *key, int64_t made_ms);
int store_key_each(struct db *db, store_key_fn *fn, void *arg);
int store_key_destroy(struct db *db, const uint8_t key_id[32]);

/* --- peers --- */

struct store_peer {
	char party[4];
	bool active;
	uint8_t root[32]; /* as people compared it */
	uint64_t identity_serial;
	uint8_t identity[32];
	int64_t working_created_ms, added_ms, last_contact_ms;
	struct bytes descriptor; /* empty when loaded */
	struct bytes records; /* as descriptor_checked gave them */
	uint8_t log_id[16];
	uint64_t log_count;
	uint8_t log_head[32];
};

/* Of one whose root, identity part or records, or whether it is trusted, a hand has altered since they were written here last there are
 * no records, also if it put the whole row of an earlier time back: their proof is held with the sums of the tables (tally_hold()). */
typedef int store_peer_fn(void *arg, const struct store_peer *peer);

int store_peer_each(struct db *db, store_peer_fn *fn, void *arg);
/* Each with the peer's pins, and only over what it was judged against: with RXP_ERR_EXISTS something else is stored meanwhile,
 * and stands. RXP_ERR_MISMATCH: a pin belongs to another party (RXP-TLS-005). */
int store_peer_add(
    struct db *db, const struct store_peer *peer); /* a new one, its log at head(0) */
/* In the place of an older descriptor of one that is trusted. */
int store_peer_renew(struct db *db, const struct store_peer *peer);
/* Is it, with its descriptor and records, what is stored, and was written here? RXP_ERR_NOT_FOUND. */
int store_peer_is(struct db *db, bool *out, const struct store_peer *peer);
/* What tells the stored descriptor from an older one, as it stands there, whoever wrote it. RXP_ERR_NOT_FOUND, RXP_ERR_DAMAGED. */
#define STORE_PEER_MARK 192
int store_peer_mark(struct db *db, char mark[STORE_PEER_MARK], const char *party);
/* Put the serial number, the identity part and the time of the working part of this one in the place of that mark. RXP_ERR_EXISTS:
 * something else stands there. */
int store_peer_renumber(struct db *db, const struct store_peer *peer, const char *mark);
/* In the place of what a hand made of the same one. */
int store_peer_mend(struct db *db, const struct store_peer *peer);
/* One that was distrusted is trusted again. */
int store_peer_trust_anew(struct db *db, const struct store_peer *peer);
/* The octets of its descriptor, appended. RXP_ERR_NOT_FOUND. */
int store_peer_descriptor(struct db *db, struct rxp_buf *descriptor, const char *party);
/* Octets more, or fewer, that the peer made us store: in the transaction that puts or drops them. */
int store_peer_weigh(struct db *db, const char *party, int64_t octets);
/* What they are in all. RXP_ERR_NOT_FOUND. */
int store_peer_octets(struct db *db, const char *party, uint64_t *octets);
/* Of each peer what its row says, and what the rows of its messages, answers and files add up to. */
typedef int store_sum_fn(void *arg, const char *party, uint64_t counted, uint64_t stored);
int store_peer_sums(struct db *db, store_sum_fn *fn, void *arg);

int store_peer_distrust(struct db *db, const char *party);
int store_peer_contact(struct db *db, const char *party, int64_t at_ms);

#endif
