/*
 * sealer - one of the worker processes that hold the seal key and the storage key. It keeps no
 * state between requests but the last register; it has no database, network or file system.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/ending.h"
#include "daemon/base/locked_fd.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/sealer/centres.h"
#include "daemon/sealer/dispatch.h"
#include "daemon/sealer/escrow.h"
#include "daemon/sealer/node.h"
#include "daemon/sealer/own_seal.h"
#include "daemon/sealer/remote.h"
#include "daemon/sealer/role.h"
#include "daemon/sealer/warmup.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/init.h"
#include "protocol/peering/descriptor.h"
#include "protocol/seal/cert.h"

static const struct {
	int fd;
	enum ipc_role peer;
} queues[] = {{SEALER_FD_REGISTRY, IPC_REGISTRY}, {SEALER_FD_DESK, IPC_DESK}};

_Static_assert(sizeof((struct msg_sealer_config *)0)->set_key == BOX_KEY_OCTETS, "a set key");
_Static_assert(SEALER_STORAGE_KEYS == BOX_RING_MAX, "a ring holds every living epoch");

#define N_QUEUES (sizeof queues / sizeof queues[0])

struct sealer {
	struct role role;
	struct node *node;
	struct link *clients[N_QUEUES];
	bool configured;
	uint32_t number;
};

/* No further request is taken; the parent puts another sealer in this one's place. */
static void stop(struct sealer *s, int status)
{
	for (size_t i = 0; i < N_QUEUES; i++) {
		link_free(s->clients[i]);
		s->clients[i] = NULL;
	}
	role_end(&s->role, status);
}

static void fail(struct sealer *s, const char *what, int why)
{
	log_event(LOG_ROLE_FAILED, LOG_S(what), LOG_S(rxp_err_text(why)));
	stop(s, EXIT_FAILURE);
}

static void configure(struct sealer *s, const struct msg_sealer_config *config)
{
	s->number = config->number;
	memcpy(s->node->set.keys[0].octets, config->set_key, BOX_KEY_OCTETS);
	s->configured = centres_new(&s->node->centres, config->centres) == 0;
	loop_stop(s->role.loop);
}

static void on_parent(void *arg, struct link *l, const struct link_message *m)
{
	struct sealer *s = arg;

	(void)l;
	if (m->type == IPC_sealer_config)
		configure(s, m->body);
	else if (m->type == IPC_sealer_signer && s->node->remote != NULL)
		remote_use(s->node->remote, fcntl(m->fds[0], F_DUPFD_CLOEXEC, 0));
}

static void on_request(void *arg, struct link *l, const struct link_message *m)
{
	struct sealer *s = arg;
	int rc = dispatch_request(s->node, s->number, l, m);

	if (rc != 0)
		fail(s, ipc_row(m->type)->name, rc);
}

static void on_closed(void *arg, struct link *l, int why)
{
	(void)l;
	if (why == RXP_ERR_CLOSED)
		stop(arg, EXIT_SUCCESS);
	else
		fail(arg, "work queue", why);
}

/* What can be wrong with a file, so that only the administrator can help. */
struct faults {
	enum unfit none_of_it, locked, passphrase;
};

static int judge(int rc, const struct faults *faults, enum unfit *why)
{
	switch (rc) {
	case RXP_ERR_NOT_FOUND:
		*why = faults->locked;
		return RXP_ERR_CONFIG;
	case RXP_ERR_DECRYPT:
		*why = faults->passphrase;
		return RXP_ERR_CONFIG;
	case RXP_ERR_BOUND: /* larger than any of its kind */
	case RXP_ERR_KEY:
		*why = faults->none_of_it;
		return RXP_ERR_CONFIG;
	default:
		return rc;
	}
}

static int read_seal(struct rxp_buf *out, bool in_token, enum unfit *why)
{
	static const struct faults of_key = {
	    UNFIT_SEAL_KEY, UNFIT_SEAL_LOCKED, UNFIT_SEAL_PASSPHRASE};
	static const struct faults of_cert = {UNFIT_SEAL_CERT, UNFIT_SEAL_CERT, UNFIT_SEAL_CERT};
	struct rxp_buf passphrase;
	int rc;

	if (in_token)
		return judge(role_read_fd(out, SEALER_FD_SEAL_CERT), &of_cert, why);
	rxp_buf_init(&passphrase, LOCKED_MAX_PASSPHRASE);
	rc = locked_passphrase_fd(&passphrase, SEALER_FD_SEAL_PASSPHRASE);
	if (rc == 0)
		rc = locked_read_fd(out, SEALER_FD_SEAL_KEY, &passphrase);
	rxp_buf_free(&passphrase);
	return judge(rc, &of_key, why);
}

/* The key of each living epoch, the present one first, in as many files. */
static int read_storage_keys(struct rxp_buf *out, enum unfit *why)
{
	static const struct faults of_key = {
	    UNFIT_STORAGE_KEY, UNFIT_STORAGE_LOCKED, UNFIT_STORAGE_PASSPHRASE};
	struct rxp_buf passphrase;
	int rc;

	rxp_buf_init(&passphrase, LOCKED_MAX_PASSPHRASE);
	rc = locked_passphrase_fd(&passphrase, SEALER_FD_STORAGE_PASSPHRASE);
	for (int i = 0; rc == 0 && i < SEALER_STORAGE_KEYS; i++) {
		const size_t before = out->len;

		if (i > 0 && !role_fd_open(SEALER_FD_STORAGE_KEY + i))
			break;
		rc = locked_read_fd(out, SEALER_FD_STORAGE_KEY + i, &passphrase);
		if (rc == 0 && out->len != before + NODE_STORAGE_OCTETS)
			rc = RXP_ERR_KEY;
	}
	rxp_buf_free(&passphrase);
	return judge(rc, &of_key, why);
}

/* The escrow key, if there is one. */
static int load_escrow(struct node *node, enum unfit *why)
{
	static const struct faults of_key = {UNFIT_ESCROW, UNFIT_ESCROW, UNFIT_ESCROW};
	struct rxp_buf pem;
	int rc;

	if (!role_fd_open(SEALER_FD_ESCROW))
		return 0;
	rxp_buf_init(&pem, NODE_MAX_ESCROW_OCTETS);
	rc = role_read_fd(&pem, SEALER_FD_ESCROW);
	if (rc == 0)
		rc = escrow_read(&node->escrow, &pem);
	rxp_buf_free(&pem);
	return judge(rc, &of_key, why);
}

/* The files, read once; the descriptors are closed. RXP_ERR_CONFIG: see *why. */
static int load(struct sealer *s, enum unfit *why)
{
	static const struct faults of_identity = {UNFIT_IDENTITY, UNFIT_IDENTITY, UNFIT_IDENTITY};
	const bool in_token = role_fd_open(SEALER_FD_SEAL_CERT);
	struct rxp_buf seal;
	struct rxp_buf storage_keys;
	struct rxp_buf identity;
	struct node_files files;
	int rc;

	rxp_buf_init(&seal, NODE_MAX_KEY_OCTETS);
	rxp_buf_init(&storage_keys, (size_t)SEALER_STORAGE_KEYS * NODE_STORAGE_OCTETS);
	rxp_buf_init(&identity, RXP_MAX_DESCRIPTOR_OCTETS);
	if ((rc = read_seal(&seal, in_token, why)) != 0 ||
	    (rc = read_storage_keys(&storage_keys, why)) != 0 ||
	    (rc = judge(role_read_fd(&identity, SEALER_FD_IDENTITY), &of_identity, why)) != 0)
		goto done;
	files = (struct node_files){.seal_key = in_token ? NULL : &seal,
	    .seal_cert = in_token ? &seal : NULL,
	    .storage_keys = &storage_keys,
	    .identity = &identity};
	rc = node_new(&s->node, &files, why);
	if (rc == 0)
		rc = load_escrow(s->node, why);
done:
	rxp_buf_free(&seal);
	rxp_buf_free(&storage_keys);
	rxp_buf_free(&identity);
	return rc;
}

static int open_queues(struct sealer *s)
{
	int rc = 0;

	for (size_t i = 0; i < N_QUEUES && rc == 0; i++) {
		struct link_config config = {.fd = queues[i].fd,
		    .self = IPC_SEALER,
		    .peer = queues[i].peer,
		    .shared = true,
		    .handler = on_request,
		    .closed = on_closed,
		    .arg = s};

		rc = link_new(&s->clients[i], s->role.loop, &config);
	}
	return rc;
}

/* Warm-up, sandbox, then the parent's first word, without which no request can be taken. */
static int prepare(struct sealer *s, enum unfit *why)
{
	int rc;

	if ((rc = rxp_init()) != 0 || (rc = load(s, why)) != 0 || (rc = warmup_run(s->node)) != 0)
		return rc;
	role_confine(&s->role, -1, false, false);
	rc = loop_run(s->role.loop);
	if (rc == 0 && !s->configured)
		rc = RXP_ERR_CLOSED;
	return rc != 0 ? rc : open_queues(s);
}

/* Static, so that what the loop still points to at the end has no owner that went before it. */
static struct sealer sealer;

/* What node this is, for the parent, which reads no identity itself. revoked: its records, which it points to. */
static struct msg_sealer_ready introduce(const struct sealer *s, const struct rxp_buf *revoked)
{
	const struct rxp_descriptor *own = s->node->own;
	int64_t from_ms;
	struct msg_sealer_ready ready = {.number = s->number,
	    .test_node = own->identity.test,
	    .identity_serial = own->identity.serial,
	    .identity_created_ms = own->identity.created_ms,
	    .reseals = node_reseals(s->node),
	    .root_until_ms = own->root_until_ms,
	    .next_root_due_ms =
		own->announced_ms == 0 ? 0 : own->announced_ms + ENDING_NEXT_ROOT_MS,
	    .pins = {own->identity.pins[0], own->identity.n_pins * sizeof own->identity.pins[0]},
	    .storage_checks = {s->node->storage_checks[0],
		s->node->storage.n * sizeof s->node->storage_checks[0]},
	    .table_keys = {s->node->table_keys[0],
		s->node->storage.n * sizeof s->node->table_keys[0]},
	    .revoked = {revoked->data, revoked->len}};

	rxp_cert_validity(s->node->cert, &from_ms, &ready.seal_until_ms);
	memcpy(ready.own, own->identity.party, sizeof ready.own);
	memcpy(ready.identity, own->identity_digest, sizeof ready.identity);
	return ready;
}

int main(int argc, char **argv)
{
	struct msg_sealer_ready ready;
	struct rxp_buf revoked;
	enum unfit why = UNFIT_IDENTITY;
	int status = EXIT_FAILURE;
	int rc;

	role_begin(&sealer.role, "sealer", IPC_SEALER, argc, argv, on_parent, &sealer);
	rxp_buf_init(&revoked, IPC_INLINE_MAX);
	rc = prepare(&sealer, &why);
	if (rc == 0)
		rc = own_seal_revoked(&revoked, sealer.node);
	if (rc == 0) {
		ready = introduce(&sealer, &revoked);
		status = role_run(&sealer.role, IPC_sealer_ready, &ready);
	} else if (rc == RXP_ERR_CLOSED) {
		status = sealer.role.status; /* the parent has gone before its first word */
	} else if (rc == RXP_ERR_CONFIG) {
		status = role_unfit(
		    &sealer.role, IPC_sealer_unfit, &(struct msg_sealer_unfit){.why = why});
	} else {
		log_event(LOG_ROLE_FAILED, LOG_S("start"), LOG_S(rxp_err_text(rc)));
	}
	rxp_buf_free(&revoked);
	node_free(sealer.node);
	rxp_cleanup();
	return status;
}
