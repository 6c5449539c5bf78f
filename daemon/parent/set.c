#include "daemon/parent/set.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/ipc.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/desk/role.h"
#include "daemon/gateway/role.h"
#include "daemon/parent/allow.h"
#include "daemon/parent/epochs.h"
#include "daemon/parent/spawn.h"
#include "daemon/registry/role.h"
#include "daemon/sealer/role.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"
#include "protocol/base/limits.h"

#define SEALERS_MAX 16
#define CHILDREN_MAX (SEALERS_MAX + 3)
#define PROGRAM_MAX 1200
#define ALLOW_ROWS_MAX 4096 /* octets: API_ALLOW_MAX records */

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
	struct child children[CHILDREN_MAX]; /* sealers first, by number */
	size_t n_sealers, n_children;
	struct epochs epochs; /* whose keys all sealers of the set hold */
	struct pair registry_gateway, registry_desk;
	struct pair registry_work, desk_work; /* end[1], the sealers', stays open for restarts */
	uint8_t set_key[32]; /* shared by the sealers of this set alone */
	struct msg_sealer_ready told; /* by the first sealer that was ready, without its pins */
	struct set_identity identity;
	uint8_t pins[RXP_MAX_TLS_PINS][RXP_DIGEST_OCTETS];
	size_t n_pins;
	bool identified, draining, over, all_ready;
};

static void finish(struct set *s, enum set_end why)
{
	if (s->over)
		return;
	s->over = true;
	s->config.over(s->config.arg, why);
}

static int make_pair(struct pair *p)
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, p->end) == 0
		   ? 0
		   : RXP_ERR_IO;
}

static void close_end(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* --- what each role is given ------------------------------------------------------------------ */

static void give_gateway(struct set *s, struct spawn *p)
{
	const struct files *f = s->config.files;

	spawn_add(p, s->registry_gateway.end[1], GATEWAY_FD_REGISTRY);
	spawn_add(p, files_open_key(s->config.config, FILES_TLS_KEY), GATEWAY_FD_TLS_KEY);
	spawn_add(p, files_open_key(s->config.config, FILES_TLS_CERT), GATEWAY_FD_TLS_CERT);
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

static void give_sealer(struct set *s, struct spawn *p)
{
	const struct config *c = s->config.config;

	spawn_add(p, s->registry_work.end[1], SEALER_FD_REGISTRY);
	spawn_add(p, s->desk_work.end[1], SEALER_FD_DESK);
	spawn_add(p, files_open_key(c, FILES_SEAL_KEY), SEALER_FD_SEAL_KEY);
	for (size_t i = 0; i < s->epochs.n; i++)
		spawn_add(p, open_storage(c, s->epochs.numbers[i]), SEALER_FD_STORAGE_KEY + (int)i);
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

/* Key files were opened for this one process and are not kept. */
static const struct {
	void (*give)(struct set *s, struct spawn *p);
	int key_first, key_last; /* numbers in the role that hold descriptors of key files */
} gifts[IPC_ROLES] = {
    [IPC_GATEWAY] = {give_gateway, GATEWAY_FD_TLS_KEY, GATEWAY_FD_TLS_CERT},
    [IPC_SEALER] = {give_sealer, SEALER_FD_SEAL_KEY, SEALER_FD_IDENTITY},
    [IPC_REGISTRY] = {give_registry, 0, -1},
    [IPC_DESK] = {give_desk, 0, -1},
};

/* --- messages from the roles ------------------------------------------------------------------ */

static int start_child(struct set *s, struct child *c);
static int start_others(struct set *s);
static void gone(struct child *c);

static void count_ready(struct set *s)
{
	for (size_t i = 0; i < s->n_children; i++)
		if (!s->children[i].ready)
			return;
	if (s->all_ready || s->n_children <= s->n_sealers)
		return;
	s->all_ready = true;
	s->config.ready(s->config.arg, &s->identity, (unsigned)s->n_children);
}

static void unfit(struct set *s, uint32_t why)
{
	if (s->over || why >= UNFIT_REASONS)
		return; /* the process ends with ROLE_STATUS_CONFIG, whatever it said */
	s->config.unfit(s->config.arg, (enum unfit)why);
	finish(s, SET_END_CONFIG);
}

/* Pins and checks are 32 octets each, at most as many as there may be. */
static void take_identity(struct set *s, const struct msg_sealer_ready *m)
{
	s->told = *m;
	s->told.pins = s->told.storage_checks = (struct bytes){NULL, 0};
	s->n_pins = m->pins.len / RXP_DIGEST_OCTETS;
	if (s->n_pins > RXP_MAX_TLS_PINS)
		s->n_pins = RXP_MAX_TLS_PINS;
	memcpy(s->pins, m->pins.data, s->n_pins * RXP_DIGEST_OCTETS);
	memcpy(s->identity.own, m->own, sizeof s->identity.own);
	s->identity.n_storage = m->storage_checks.len / RXP_DIGEST_OCTETS;
	if (s->identity.n_storage > SEALER_STORAGE_KEYS)
		s->identity.n_storage = SEALER_STORAGE_KEYS;
	memcpy(s->identity.storage_checks, m->storage_checks.data,
	    s->identity.n_storage * RXP_DIGEST_OCTETS);
	s->identity.serial = m->identity_serial;
	memcpy(s->identity.identity, m->identity, sizeof s->identity.identity);
	s->identity.test_node = m->test_node != 0;
	s->identified = true;
}

/* A gateway that shows a key which no peer was told would be refused by all of them. */
static bool pin_known(const struct set *s, const uint8_t pin[32])
{
	for (size_t i = 0; i < s->n_pins; i++)
		if (memcmp(s->pins[i], pin, sizeof s->pins[i]) == 0)
			return true;
	return false;
}

static void on_sealer_ready(struct set *s, const struct msg_sealer_ready *m)
{
	if (s->identified)
		return;
	take_identity(s, m);
	if (start_others(s) != 0)
		finish(s, SET_END_CRASH);
}

/* The registry has been configured before: both started together. */
static void tell_tls(struct set *s, const struct msg_gateway_ready *m)
{
	const struct msg_tls_until until = {.until_ms = m->until_ms};

	for (size_t i = 0; i < s->n_children; i++)
		if (s->children[i].role == IPC_REGISTRY && s->children[i].link != NULL)
			(void)link_request(
			    s->children[i].link, IPC_tls_until, &until, NULL, 0, NULL);
}

static void on_message(void *arg, struct link *l, const struct link_message *m)
{
	struct child *c = arg;
	struct set *s = c->set;

	(void)l;
	switch (m->type) {
	case IPC_sealer_unfit:
		unfit(s, ((const struct msg_sealer_unfit *)m->body)->why);
		return;
	case IPC_gateway_unfit:
		unfit(s, ((const struct msg_gateway_unfit *)m->body)->why);
		return;
	case IPC_registry_unfit:
		unfit(s, ((const struct msg_registry_unfit *)m->body)->why);
		return;
	case IPC_epoch_over:
		s->config.epoch_over(
		    s->config.arg, ((const struct msg_epoch_over *)m->body)->check);
		return;
	case IPC_gateway_ready:
		if (!pin_known(s, ((const struct msg_gateway_ready *)m->body)->pin)) {
			unfit(s, UNFIT_TLS_PIN);
			return;
		}
		tell_tls(s, m->body);
		break;
	default:
		break;
	}
	c->ready = true;
	if (m->type == IPC_sealer_ready)
		on_sealer_ready(s, m->body);
	count_ready(s);
}

/* The end of the process decides, once all that it said has been read: whichever is seen first. */
static void on_closed(void *arg, struct link *l, int why)
{
	struct child *c = arg;

	(void)why;
	link_free(l);
	c->link = NULL;
	if (c->reaped)
		gone(c);
}

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
	struct msg_gateway_config gateway = {.listeners = (uint32_t)s->config.files->n_listen};
	struct msg_sealer_config sealer = {.number = c->number,
	    .centres = {(const uint8_t *)s->config.config->centres, s->config.config->centres_len}};
	struct msg_registry_config registry = {.test_node = s->told.test_node,
	    .identity_serial = s->told.identity_serial,
	    .reseals = s->told.reseals,
	    .seal_until_ms = s->told.seal_until_ms,
	    .storage_checks = {s->identity.storage_checks[0],
		s->identity.n_storage * sizeof s->identity.storage_checks[0]},
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
	default:
		return configure_desk(s, c);
	}
}

/* --- starting ----------------------------------------------------------------------------------- */

static int start_child(struct set *s, struct child *c)
{
	char program[PROGRAM_MAX], name[32];
	struct spawn p = {
	    .uid = s->config.files->uid, .gid = s->config.files->gid, .quiet = s->config.rehearsal};
	struct link_config config = {.self = IPC_PARENT, .peer = c->role};
	struct pair parent;
	int rc = make_pair(&parent);

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
	config.handler = on_message;
	config.closed = on_closed;
	config.arg = c;
	rc = link_new(&c->link, s->config.loop, &config);
	return rc != 0 ? rc : configure(s, c);
}

static struct child *add_child(struct set *s, enum ipc_role role, uint32_t number)
{
	struct child *c = &s->children[s->n_children++];

	*c = (struct child){.set = s, .role = role, .number = number};
	return c;
}

static void hand_out_ends(struct set *s)
{
	close_end(&s->registry_gateway.end[0]);
	close_end(&s->registry_gateway.end[1]);
	close_end(&s->registry_desk.end[0]);
	close_end(&s->registry_desk.end[1]);
	close_end(&s->registry_work.end[0]);
	close_end(&s->desk_work.end[0]);
}

/* Everybody but the sealers, who have told by now what node this is. In a rehearsal the ends of those
 * that are not there stay open, so that nobody ends for want of them. */
static int start_others(struct set *s)
{
	const struct files *f = s->config.files;
	const struct {
		enum ipc_role role;
		bool wanted;
	} others[] = {
	    {IPC_REGISTRY, !s->config.rehearsal || f->data >= 0},
	    {IPC_GATEWAY, true},
	    {IPC_DESK, !s->config.rehearsal},
	};
	int rc = 0;

	if (f->clock >= 0 && !s->told.test_node) {
		unfit(s, UNFIT_NO_TEST_NODE);
		return 0;
	}
	for (size_t i = 0; rc == 0 && i < sizeof others / sizeof others[0]; i++)
		if (others[i].wanted)
			rc = start_child(s, add_child(s, others[i].role, 0));
	if (!s->config.rehearsal)
		hand_out_ends(s);
	return rc;
}

int set_start(struct set **out, const struct set_config *config)
{
	struct set *s = calloc(1, sizeof *s);
	int rc = RXP_ERR_NOMEM;

	if (s == NULL)
		return rc;
	s->config = *config;
	s->n_sealers = config->rehearsal ? 1 : config->config->sealers;
	s->registry_gateway = s->registry_desk = s->registry_work = s->desk_work =
	    (struct pair){{-1, -1}};
	rc = epochs_list(&s->epochs, config->config);
	if (rc == 0)
		rc = getrandom(s->set_key, sizeof s->set_key, 0) == sizeof s->set_key ? 0
										      : RXP_ERR_IO;
	if (rc != 0 || (rc = make_pair(&s->registry_gateway)) != 0 ||
	    (rc = make_pair(&s->registry_desk)) != 0 || (rc = make_pair(&s->registry_work)) != 0 ||
	    (rc = make_pair(&s->desk_work)) != 0)
		goto done;
	for (uint32_t i = 0; rc == 0 && i < s->n_sealers; i++)
		rc = start_child(s, add_child(s, IPC_SEALER, i));
done:
	if (rc != 0) {
		set_free(s);
		return rc;
	}
	*out = s;
	return 0;
}

/* --- ending ------------------------------------------------------------------------------------- */

/* A sealer is replaced alone; its clients are told, so that what it held is tried on another. */
static int replace_sealer(struct set *s, struct child *c)
{
	struct msg_sealer_died registry = {.number = c->number};
	struct msg_desk_sealer_died desk = {.number = c->number};

	for (size_t i = s->n_sealers; i < s->n_children; i++) {
		struct child *client = &s->children[i];

		if (client->link != NULL && client->role == IPC_REGISTRY)
			link_request(client->link, IPC_sealer_died, &registry, NULL, 0, NULL);
		else if (client->link != NULL && client->role == IPC_DESK)
			link_request(client->link, IPC_desk_sealer_died, &desk, NULL, 0, NULL);
	}
	return start_child(s, c);
}

static int status_number(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void gone(struct child *c)
{
	struct set *s = c->set;
	const int status = c->status;

	c->reaped = false;
	if (s->over)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == ROLE_STATUS_CONFIG)
		finish(s, SET_END_CONFIG);
	else if (s->draining && WIFEXITED(status))
		finish(
		    s, SET_END_DRAINED); /* the gateway, or one that lost its link to it just now */
	else if (c->role == IPC_SEALER && c->ready) {
		log_event(LOG_SEALER_DIED, LOG_N(c->number), LOG_N(status_number(status)));
		if (replace_sealer(s, c) != 0)
			finish(s, SET_END_CRASH);
	} else {
		log_event(
		    LOG_SET_FAILED, LOG_S(ipc_role_name(c->role)), LOG_N(status_number(status)));
		finish(s, SET_END_CRASH);
	}
}

void set_reaped(struct set *s, pid_t pid, int status)
{
	for (size_t i = 0; i < s->n_children; i++) {
		struct child *c = &s->children[i];

		if (c->pid != pid)
			continue;
		c->pid = 0;
		c->reaped = true;
		c->status = status;
		if (c->link == NULL)
			gone(c);
	}
}

void set_drain(struct set *s, unsigned ms)
{
	struct msg_drain drain = {.deadline_ms = ms};

	s->draining = true;
	for (size_t i = s->n_sealers; i < s->n_children; i++)
		if (s->children[i].role == IPC_GATEWAY && s->children[i].link != NULL) {
			link_request(s->children[i].link, IPC_drain, &drain, NULL, 0, NULL);
			return;
		}
	finish(s, SET_END_DRAINED);
}

bool set_epoch(const struct set *s, const uint8_t check[32], unsigned *number)
{
	for (size_t i = 0; i < s->epochs.n && i < s->identity.n_storage; i++)
		if (memcmp(s->identity.storage_checks[i], check, RXP_DIGEST_OCTETS) == 0) {
			*number = s->epochs.numbers[i];
			return true;
		}
	return false;
}

const struct set_identity *set_identity(const struct set *s)
{
	return s->identified ? &s->identity : NULL;
}

void set_free(struct set *s)
{
	if (s == NULL)
		return;
	s->over = true;
	for (size_t i = 0; i < s->n_children; i++)
		if (s->children[i].pid > 0)
			kill(s->children[i].pid, SIGKILL);
	for (size_t i = 0; i < s->n_children; i++) {
		struct child *c = &s->children[i];

		while (c->pid > 0 && waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			;
		link_free(c->link);
	}
	for (int i = 0; i < 2; i++) {
		close_end(&s->registry_gateway.end[i]);
		close_end(&s->registry_desk.end[i]);
		close_end(&s->registry_work.end[i]);
		close_end(&s->desk_work.end[i]);
	}
	explicit_bzero(s->set_key, sizeof s->set_key);
	free(s);
}
