/*
 * set_state - what a set is made of, for its modules alone: set (its life), set_child (starting one role), set_signer.
 */
#ifndef PARENT_SET_STATE_H
#define PARENT_SET_STATE_H

#include "daemon/base/ipc.h"
#include "daemon/base/link.h"
#include "daemon/parent/epochs.h"
#include "daemon/parent/set.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

struct timer;

#define SET_SEALERS_MAX 16
#define SET_CHILDREN_MAX (SET_SEALERS_MAX + 4)
#define SET_REVOKED_MAX 4096 /* octets of records of the seals of a whole chain */

struct child {
	struct set *set;
	enum ipc_role role;
	uint32_t number; /* of a sealer */
	pid_t pid; /* 0: does not run */
	struct link *link;
	bool ready;
	bool reaped; /* and what it said last has yet to be read */
	int status; /* then */
};

/* A socket pair between two roles; both ends are closed in the parent once they are handed out. */
struct pair {
	int end[2];
};

struct set {
	struct set_config config;
	struct child children[SET_CHILDREN_MAX]; /* sealers first, by number */
	size_t n_sealers, n_children;
	struct epochs epochs; /* whose keys all sealers of the set hold */
	struct pair registry_gateway, registry_desk;
	struct pair registry_work, desk_work; /* end[1], the sealers', stays open for restarts */
	uint8_t set_key[32]; /* shared by the sealers of this set alone */
	struct msg_sealer_ready told; /* by the first sealer that was ready, without its BYTES */
	struct set_identity identity;
	uint8_t pins[RXP_MAX_TLS_PINS][RXP_DIGEST_OCTETS];
	size_t n_pins;
	uint8_t table_keys[SEALER_STORAGE_KEYS][RXP_DIGEST_OCTETS]; /* for the registry alone */
	size_t n_table_keys;
	uint8_t revoked[SET_REVOKED_MAX]; /* as the sealer told it */
	size_t revoked_len;
	bool identified, draining, over, all_ready;
	link_handler *handler; /* of what the roles say … */
	link_closed *closed; /* … and of their ends */
	struct child *signer; /* one of the children; NULL: none */
	struct timer *signer_start; /* the next one */
};

#endif
