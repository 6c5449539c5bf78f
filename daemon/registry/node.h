/*
 * node - what every module of the registry stands on: who this node is, its loop, its links to the
 * other processes, its store, randomness; and the one way to say that it cannot go on.
 *
 * It knows none of the modules above it. What one of those needs of another is given to it when it
 * is made (assembly.c).
 */
#ifndef REGISTRY_NODE_H
#define REGISTRY_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "daemon/base/token_state.h"
#include "daemon/base/unfit.h"
#include "protocol/base/random.h"

struct link;
struct loop;
struct store;
struct work;

typedef void node_end_fn(void *arg, int status);

#define NODE_STATUS_QUIET 0 /* another process has gone: the parent says which, and why */
#define NODE_STATUS_FAILED 111 /* the process cannot go on; the parent starts a new set */

#define NODE_TIME_DISPUTED "time-disputed" /* our flag of a Receipt (RXP-ANS-015) */
#define NODE_REVOKED_MAX 4096 /* octets of records own_revoked */
#define NODE_STORAGE_MAX (8 * 32) /* octets that tell the storage keys from others */

struct node {
	struct msg_registry_config config; /* its BYTES point into this node */
	uint8_t storage_checks[NODE_STORAGE_MAX], table_keys[NODE_STORAGE_MAX],
	    revoked[NODE_REVOKED_MAX];
	char own[4]; /* our party, as config says */
	struct loop *loop; /* borrowed */
	struct link *gateway, *desk; /* owned, as the rest; NULL until they are joined */
	struct work *work;
	struct store *store;
	struct rxp_random random;
	uint64_t distrusts; /* ordered by people since the start */
	uint64_t sealers_lost;
	int64_t started_mono;
	int64_t tables_checked_ms; /* kept by the room watch; wall time; 0: not since the start */
	struct node_proved {
		bool sends; /* all tables were without whose proof nothing leaves */
		bool all; /* all were */
		bool unkept; /* not all that was found to differ has a row */
	} proved; /* kept by the room watch: what of the tables was looked at since the start (RXP-LOG-032) */
	bool seal_in_token; /* and how it stands there; READY if it is none */
	enum token_state seal;
	node_end_fn *end; /* called once when the process must end */
	void *end_arg;
	bool ended;
};

/* Fill it without links and store. */
void node_init(struct node *n, const struct msg_registry_config *config, struct loop *loop,
    node_end_fn *end, void *arg);
/* Close store and links. */
void node_clear(struct node *n);

/*
 * Open the store in the working directory, which has the directories of file.h, and hold it against
 * our party and storage keys. RXP_ERR_CONFIG and *why if another start would not help (another daemon
 * has the data; they are of another party or key, or of a newer version); else RXP_ERR_IO, _NOMEM,
 * with a log line.
 */
int node_open_data(struct node *n, enum unfit *why);

/* The process cannot go on: log it, unless another process has just gone, and end; once. */
void node_fail(struct node *n, const char *what, int why);

/* May something leave for this peer, and may anything be destroyed, on the word of the database (RXP-LOG-032)? */
bool node_may_send(const struct node *n, const char *peer);
bool node_may_destroy(const struct node *n);

/* A wall time that another process of this node tells of something that cannot have happened before
 * since_ms, as far as it is believed: one outside that and now, by our own clock, is now (RXP-TIM-006). */
int64_t node_time_told(int64_t told_ms, int64_t since_ms);

/* SHA-256. RXP_ERR_CRYPTO. */
int node_digest(uint8_t out[32], const void *octets, size_t len);

#endif
