/*
 * node - what the modules of the registry share, and how they are put together.
 *
 * One struct node for the process. Each module keeps its own state behind its own pointer here and
 * is called through its own header; the links to the other processes are here.
 */
#ifndef REGISTRY_NODE_H
#define REGISTRY_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/base/ipc.h"
#include "protocol/random.h"

struct admit;
struct collect;
struct desk;
struct desk_files;
struct ferry;
struct file_reads;
struct keys;
struct link;
struct link_message;
struct loop;
struct outbox;
struct peer_files;
struct peers;
struct schedule;
struct store;
struct tidy;
struct timer;
struct work;

typedef void node_end_fn(void *arg, int status);

#define NODE_STATUS_QUIET 0 /* another process has gone: the parent says which, and why */
#define NODE_STATUS_FAILED 111 /* the process cannot go on; the parent starts a new set */
#define NODE_STATUS_CONFIG 78 /* it could not go on in a new process either */

struct node_config {
	struct msg_registry_config own;
	struct loop *loop; /* borrowed */
	int gateway_fd, desk_fd, sealers_fd; /* taken over, also on failure */
	bool test_clock; /* somebody may move the wall clock */
	node_end_fn *end; /* called once when the process must end */
	void *arg;
};

struct node {
	struct node_config config;
	char own[4];
	struct loop *loop;
	struct link *gateway, *desk_link;
	struct work *work;
	struct store *store;
	struct peers *peers;
	struct keys *keys;
	struct admit *admit;
	struct outbox *outbox;
	struct schedule *schedule;
	struct collect *collect;
	struct desk *desk;
	struct desk_files *desk_files;
	struct file_reads *file_reads;
	struct peer_files *peer_files;
	struct ferry *ferry;
	struct tidy *tidy;
	struct rxp_random random;
	struct timer *tick; /* wall-clock duties */
	uint64_t sealers_lost;
	bool ended;
};

/*
 * Open the store in the working directory, which has the directories of file.h, load what it knows and
 * join the links. Says in the log what is wrong and returns RXP_ERR_CONFIG if another start would not help (another daemon has the
 * data; they are of another party or of a newer version); else RXP_ERR_IO, _NOMEM, _DAMAGED.
 */
int node_new(struct node **out, const struct node_config *config);
void node_free(struct node *n); /* NULL is allowed */

/* The parent says that a sealer died. */
void node_sealer_died(struct node *n, uint32_t number);

/* The process cannot go on: log it, unless another process has just gone, and end; once. */
void node_fail(struct node *n, const char *what, int why);

/* SHA-256. RXP_ERR_CRYPTO. */
int node_digest(uint8_t out[32], const void *octets, size_t len);

#endif
