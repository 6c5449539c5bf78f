/*
 * set - one generation of the role processes: sealers, registry, gateway and desk with their links.
 *
 * Sealers start first and tell what node this is; the others follow. Only sealers are started anew
 * singly, and the signer, which is there if the seal key lies in a token. If any other process ends, the whole set is over: set_over is called once, and the owner
 * stops the rest and starts a new set.
 *
 * A rehearsal is a set that takes nothing over: one sealer, the gateway without listeners and, if there
 * are data, the registry, which changes nothing in them. It is over or ready; then it is freed.
 */
#ifndef PARENT_SET_H
#define PARENT_SET_H

#include <stdbool.h>
#include <sys/types.h>

#include "daemon/base/unfit.h"
#include "daemon/parent/config.h"
#include "daemon/parent/files.h"
#include "daemon/sealer/role.h"

struct loop;
struct set;
struct signing;

/* Why a set is over. */
enum set_end {
	SET_END_CRASH, /* a process ended that must not */
	SET_END_CONFIG, /* a process ended with status 78: only the administrator can mend it */
	SET_END_DRAINED, /* after set_drain: the gateway has finished */
};

/* What the identity says of this node, and what tells its storage keys from others. */
struct set_identity {
	char own[4];
	bool test_node;
	uint8_t storage_checks[SEALER_STORAGE_KEYS][32]; /* the present epoch's first */
	size_t n_storage;
	uint64_t serial; /* of the identity part … */
	uint8_t identity[32]; /* … and its fingerprint */
	int64_t identity_created_ms;
};

typedef void set_ready(void *arg, const struct set_identity *identity, unsigned processes);
/* A process cannot work with what it was given; SET_END_CONFIG follows. */
typedef void set_unfit(void *arg, enum unfit why);
typedef void set_over(void *arg, enum set_end why);
/* No row names the storage key of this check any more. */
typedef void set_epoch_over(void *arg, const uint8_t check[32]);

struct set_config {
	struct loop *loop;
	const struct config *config; /* borrowed */
	const struct files *files; /* borrowed */
	struct signing *signing; /* borrowed; NULL in a rehearsal, which tries no PIN */
	const char *libexec; /* directory of the role programs; borrowed */
	bool rehearsal;
	set_ready *ready;
	set_unfit *unfit;
	set_over *over;
	set_epoch_over *epoch_over; /* not in a rehearsal */
	void *arg;
};

/* Start. RXP_ERR_IO, RXP_ERR_NOMEM, RXP_ERR_CONFIG. */
int set_start(struct set **out, const struct set_config *config);

/* A process of this id ended with this wait status. Ignored if it is none of the set's. */
void set_reaped(struct set *s, pid_t pid, int status);

/* Ask the gateway to finish within ms; ends with SET_END_DRAINED or SET_END_CRASH. */
void set_drain(struct set *s, unsigned ms);

/* Does the set hold this storage key, and under which number is its file? */
bool set_epoch(const struct set *s, const uint8_t check[32], unsigned *number);

/* NULL until a sealer has told. */
const struct set_identity *set_identity(const struct set *s);

/* Kill what still runs, wait for it, release everything. NULL is allowed. */
void set_free(struct set *s);

#endif
