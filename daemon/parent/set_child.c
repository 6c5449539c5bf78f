#include "daemon/parent/set_child.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/desk/role.h"
#include "daemon/gateway/role.h"
#include "daemon/parent/allow.h"
#include "daemon/parent/epochs.h"
#include "daemon/parent/signing.h"
#include "daemon/parent/spawn.h"
#include "daemon/registry/role.h"
#include "daemon/sealer/role.h"
#include "daemon/signer/role.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define PROGRAM_MAX 1200
#define ALLOW_ROWS_MAX 4096 /* octets: API_ALLOW_MAX records */

void set_finish(struct set *s, enum set_end why)
{
	if (s->over)
		return;
	s->over = true;
	s->config.over(s->config.arg, why);
}

int pair_make(struct pair *p)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, p->end) == 0
		   ? 0
		   : RXP_ERR_IO;
}

void pair_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}
/* --- what each role is given ------------------------------------------------------------------ */

static void give_passphrase(struct spawn *p, const char *secret, int at)
{
	if (secret[0] != '\0')
		spawn_add(p, files_open_secret(secret), at);
}

static void give_former(struct spawn *p, const struct config *c, enum files_key key, int at)
{
	if (files_key_wanted(c, key))
		spawn_add(p, files_open_key(c, key), at);
}

static void give_gateway(struct set *s, struct spawn *p)
{
	const struct files *f = s->config.files;

	spawn_add(p, s->registry_gateway.end[1], GATEWAY_FD_REGISTRY);
	spawn_add(p, files_open_key(s->config.config, FILES_TLS_KEY), GATEWAY_FD_TLS_KEY);
	give_passphrase(p, s->config.config->tls_passphrase, GATEWAY_FD_TLS_PASSPHRASE);
	spawn_add(p, files_open_key(s->config.config, FILES_TLS_CERT), GATEWAY_FD_TLS_CERT);
	give_former(p, s->config.config, FILES_TLS_FORMER_KEY, GATEWAY_FD_TLS_FORMER_KEY);
	give_former(p, s->config.config, FILES_TLS_FORMER_CERT, GATEWAY_FD_TLS_FORMER_CERT);
	spawn_add(p, s->told.test_node ? f->clock : -1, GATEWAY_FD_CLOCK);
	for (size_t i = 0; i < f->n_listen; i++)
		spawn_add(p, f->listen[i], GATEWAY_FD_LISTEN + (int)i);
}

static int open_storage(const struct config *c, unsigned number)
{
	char path[FILES_KEY_PATH];
	int fd;

	epochs_path(path, c, number);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		log_event(LOG_ROLE_FAILED, LOG_S("storage key"), LOG_S(strerror(errno)));
	return fd;
}

/* A node without one makes no backups. */
static int open_escrow(const struct config *c)
{
	char path[FILES_KEY_PATH];

	snprintf(path, sizeof path, "%s/escrow.pub", c->key_dir);
	return open(path, O_RDONLY | O_CLOEXEC);
}

static void give_sealer(struct set *s, struct spawn *p)
{
	const struct config *c = s->config.config;

	spawn_add(p, s->registry_work.end[1], SEALER_FD_REGISTRY);
	spawn_add(p, s->desk_work.end[1], SEALER_FD_DESK);
	if (files_key_wanted(c, FILES_SEAL_KEY))
		spawn_add(p, files_open_key(c, FILES_SEAL_KEY), SEALER_FD_SEAL_KEY);
	else
		spawn_add(p, files_open_key(c, FILES_SEAL_CERT), SEALER_FD_SEAL_CERT);
	give_passphrase(p, c->seal_passphrase, SEALER_FD_SEAL_PASSPHRASE);
	give_passphrase(p, c->storage_passphrase, SEALER_FD_STORAGE_PASSPHRASE);
	for (size_t i = 0; i < s->epochs.n; i++)
		spawn_add(p, open_storage(c, s->epochs.numbers[i]), SEALER_FD_STORAGE_KEY + (int)i);
	spawn_add(p, open_escrow(c), SEALER_FD_ESCROW);
	spawn_add(p, files_open_key(c, FILES_IDENTITY), SEALER_FD_IDENTITY);
}

static void give_registry(struct set *s, struct spawn *p)
{
	spawn_add(p, s->registry_gateway.end[0], REGISTRY_FD_GATEWAY);
	spawn_add(p, s->registry_work.end[0], REGISTRY_FD_SEALERS);
	spawn_add(p, s->registry_desk.end[0], REGISTRY_FD_DESK);
	spawn_add(p, s->config.files->data, REGISTRY_FD_DATA);
	spawn_add(p, s->told.test_node ? s->config.files->clock : -1, REGISTRY_FD_CLOCK);
}

static void give_desk(struct set *s, struct spawn *p)
{
	spawn_add(p, s->registry_desk.end[1], DESK_FD_REGISTRY);
	spawn_add(p, s->desk_work.end[0], DESK_FD_SEALERS);
	spawn_add(p, s->config.files->api, DESK_FD_API);
	spawn_add(p, s->identity.test_node ? s->config.files->clock : -1, DESK_FD_CLOCK);
}

static void give_signer(struct set *s, struct spawn *p)
{
	const struct config *c = s->config.config;

	spawn_add(p, files_open_secret(c->token_pin), SIGNER_FD_PIN);
	spawn_add(p, files_open_key(c, FILES_SEAL_CERT), SIGNER_FD_CERT);
}

/* Key files were opened for this one process and are not kept. */
static const struct {
	void (*give)(struct set *s, struct spawn *p);
	int key_first, key_last; /* numbers in the role that hold descriptors of key files */
} gifts[IPC_ROLES] = {
    [IPC_GATEWAY] = {give_gateway, GATEWAY_FD_TLS_KEY, GATEWAY_FD_TLS_FORMER_CERT},
    [IPC_SEALER] = {give_sealer, SEALER_FD_SEAL_KEY, SEALER_FD_IDENTITY},
    [IPC_REGISTRY] = {give_registry, 0, -1},
    [IPC_DESK] = {give_desk, 0, -1},
    [IPC_SIGNER] = {give_signer, SIGNER_FD_PIN, SIGNER_FD_CERT},
};
void child_tell_registry(struct set *s, enum ipc_type type, const void *m)
{
	for (size_t i = 0; i < s->n_children; i++)
		if (s->children[i].role == IPC_REGISTRY && s->children[i].link != NULL)
			(void)link_request(s->children[i].link, type, m, NULL, 0, NULL);
}
/* --- configuration --------------------------------------------------------------------------------- */

static int configure_desk(struct set *s, struct child *c)
{
	struct msg_desk_config m = {.test_node = s->told.test_node, .owner = (uint32_t)geteuid()};
	struct rxp_buf rows;
	int rc;

	memcpy(m.own, s->told.own, sizeof m.own);
	rxp_buf_init(&rows, ALLOW_ROWS_MAX);
	rc = allow_rows(&rows, s->config.config);
	m.rows = (struct bytes){.data = rows.data, .len = rows.len};
	m.timestamp = (struct bytes){.data = (const uint8_t *)s->config.config->timestamp,
	    .len = strlen(s->config.config->timestamp)};
	if (rc == 0)
		rc = link_request(c->link, IPC_desk_config, &m, NULL, 0, NULL);
	rxp_buf_free(&rows);
	return rc;
}

static int configure(struct set *s, struct child *c)
{
	struct msg_gateway_config gateway = {.listeners = (uint32_t)s->config.files->n_listen,
	    .pins = {s->pins[0], s->n_pins * sizeof s->pins[0]}};
	struct msg_sealer_config sealer = {.number = c->number,
	    .centres = {(const uint8_t *)s->config.config->centres, s->config.config->centres_len}};
	struct msg_registry_config registry = {.test_node = s->told.test_node,
	    .identity_serial = s->told.identity_serial,
	    .reseals = s->told.reseals,
	    .seal_until_ms = s->told.seal_until_ms,
	    .root_until_ms = s->told.root_until_ms,
	    .next_root_due_ms = s->told.next_root_due_ms,
	    .identity_created_ms = s->told.identity_created_ms,
	    .storage_checks = {s->identity.storage_checks[0],
		s->identity.n_storage * sizeof s->identity.storage_checks[0]},
	    .table_keys = {s->table_keys[0], s->n_table_keys * sizeof s->table_keys[0]},
	    .revoked = {s->revoked, s->revoked_len},
	    .peer_octets = s->config.config->peer_octets,
	    .rehearsal = s->config.rehearsal,
	    .pulls = s->config.config->n_listen == 0,
	    .second_named = strcmp(s->config.config->second_officer, "named") == 0};

	memcpy(gateway.own, s->told.own, sizeof gateway.own);
	memcpy(registry.own, s->told.own, sizeof registry.own);
	memcpy(registry.identity, s->told.identity, sizeof registry.identity);
	memcpy(sealer.set_key, s->set_key, sizeof sealer.set_key);
	switch (c->role) {
	case IPC_GATEWAY:
		return link_request(c->link, IPC_gateway_config, &gateway, NULL, 0, NULL);
	case IPC_SEALER:
		return link_request(c->link, IPC_sealer_config, &sealer, NULL, 0, NULL);
	case IPC_REGISTRY:
		return link_request(c->link, IPC_registry_config, &registry, NULL, 0, NULL);
	case IPC_SIGNER:
		return signing_configure(c->link, s->config.config);
	default:
		return configure_desk(s, c);
	}
}
/* --- starting ----------------------------------------------------------------------------------- */

int child_start(struct set *s, struct child *c)
{
	char program[PROGRAM_MAX], name[32];
	struct spawn p = {
	    .uid = s->config.files->uid, .gid = s->config.files->gid, .quiet = s->config.rehearsal};
	struct link_config config = {.self = IPC_PARENT, .peer = c->role};
	struct pair parent;
	int rc = pair_make(&parent);

	if (rc != 0)
		return rc;
	snprintf(program, sizeof program, "%s/%s", s->config.libexec, ipc_role_name(c->role));
	p.program = program;
	snprintf(name, sizeof name, "readmitd-%s", ipc_role_name(c->role));
	p.name = name;
	spawn_add(&p, parent.end[1], ROLE_FD_PARENT);
	gifts[c->role].give(s, &p);
	rc = spawn_run(&c->pid, &p);
	for (size_t i = 0; i < p.n_fds; i++)
		if (p.fds[i].fd >= 0 && p.fds[i].at >= gifts[c->role].key_first &&
		    p.fds[i].at <= gifts[c->role].key_last)
			close(p.fds[i].fd);
	close(parent.end[1]);
	if (rc != 0) {
		close(parent.end[0]);
		return rc;
	}
	c->ready = false;
	config.fd = parent.end[0];
	config.handler = s->handler;
	config.closed = s->closed;
	config.arg = c;
	rc = link_new(&c->link, s->config.loop, &config);
	return rc != 0 ? rc : configure(s, c);
}

struct child *child_add(struct set *s, enum ipc_role role, uint32_t number)
{
	struct child *c = &s->children[s->n_children++];

	*c = (struct child){.set = s, .role = role, .number = number};
	return c;
}
