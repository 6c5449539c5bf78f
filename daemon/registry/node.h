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
#include "protocol/random.h"

struct link;
struct loop;
struct store;
struct work;

typedef void node_end_fn(void *arg, int status);

#define NODE_STATUS_QUIET 0 /* another process has gone: the parent says which, and why */
#define NODE_STATUS_FAILED 111 /* the process cannot go on; the parent starts a new set */
#define NODE_STATUS_CONFIG 78 /* it could not go on in a new process either */

struct node {
	struct msg_registry_config config;
	char own[4]; /* our party, as config says */
	struct loop *loop; /* borrowed */
	struct link *gateway, *desk; /* owned, as the rest; NULL until they are joined */
	struct work *work;
	struct store *store;
	struct rxp_random random;
	uint64_t sealers_lost;
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
 * our party. Says in the log what is wrong and returns RXP_ERR_CONFIG if another start would not help
 * (another daemon has the data; they are of another party or of a newer version); else RXP_ERR_IO,
 * _NOMEM.
 */
int node_open_data(struct node *n);

/* The process cannot go on: log it, unless another process has just gone, and end; once. */
void node_fail(struct node *n, const char *what, int why);

/* SHA-256. RXP_ERR_CRYPTO. */
int node_digest(uint8_t out[32], const void *octets, size_t len);

#endif
