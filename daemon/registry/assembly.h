/*
 * assembly - how the modules of the registry are put together: each is made with what it uses of the
 * others, in an order in which that is there, and freed in the opposite one. What moves between them
 * then is switchboard.h.
 *
 *   desk → history → in, out, retention → cases → terms, peers, files → store; desk → watch → peers
 */
#ifndef REGISTRY_ASSEMBLY_H
#define REGISTRY_ASSEMBLY_H

#include <stdbool.h>
#include <stdint.h>

#include "daemon/registry/node.h"
#include "daemon/registry/peers/dates.h"
#include "daemon/registry/peers/knocks.h"
#include "daemon/registry/recovery/came_back.h"

struct admit;
struct backup;
struct clocks;
struct desk;
struct ferry;
struct late;
struct history;
struct keys;
struct logpages;
struct logwatch;
struct outbox;
struct own;
struct own_tables;
struct pace;
struct peer_files;
struct peers;
struct pickup;
struct post;
struct publish;
struct pull;
struct refresh;
struct recovery;
struct retention;
struct returned;
struct rewrap;
struct schedule;
struct share;
struct terms;
struct tidy;
struct timer;

struct assembly_config {
	struct msg_registry_config own;
	struct loop *loop; /* borrowed */
	int gateway_fd, desk_fd, sealers_fd; /* taken over, also on failure */
	bool test_clock; /* somebody may move the wall clock */
	node_end_fn *end; /* called once when the process must end */
	/* The data are of no use: called in assembly_new() before it fails with RXP_ERR_CONFIG and closes the links, or later in
	 * the place of end. */
	void (*unfit)(void *arg, enum unfit why);
	/* Nothing needs the storage key of this check any more. */
	void (*epoch_over)(void *arg, const uint8_t check[32]);
	void *arg;
};

struct assembly {
	struct node node;
	struct terms *terms;
	struct retention *retention;
	struct history *history;
	struct recovery *recovery;
	struct came_back came_back;
	struct clocks *clocks;
	struct peers *peers;
	struct keys *keys;
	struct publish *publish;
	struct share *share;
	struct knocks knocks;
	struct refresh *refresh;
	struct peer_files *peer_files;
	struct admit *admit;
	struct pace *pace;
	struct ferry *ferry;
	struct late *late;
	struct outbox *outbox;
	struct pickup *pickup;
	struct returned *returned;
	struct rewrap *rewrap;
	struct backup *backup;
	struct pull *pull;
	struct schedule *schedule;
	struct tidy *tidy;
	struct logpages *logpages;
	struct logwatch *logwatch;
	struct own_tables *tables;
	struct own *own;
	struct post *post;
	struct desk *desk;
	struct timer *tick; /* wall-clock duties */
	int64_t tick_ms;
	void (*unfit)(void *arg, enum unfit why); /* of assembly_config, with its arg */
	void *unfit_arg;
	struct dates dates;
};

/* Open the data, load what they know and join the links. Errors of node_open_data; RXP_ERR_DAMAGED. */
int assembly_new(struct assembly **out, const struct assembly_config *config);
void assembly_free(struct assembly *a); /* NULL is allowed */

/* The parent says until when the certificate lasts that the gateway shows. */
void assembly_tls_until(struct assembly *a, int64_t until_ms);

/* The parent says how the seal key in the token stands: an enum token_state. */
void assembly_seal_state(struct assembly *a, uint32_t state);

/* The parent says that a sealer died. */
void assembly_sealer_died(struct assembly *a, uint32_t number);

#endif
