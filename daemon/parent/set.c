#include "daemon/parent/set.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/base/log.h"
#include "daemon/base/role.h"
#include "daemon/parent/set_child.h"
#include "daemon/parent/set_signer.h"
#include "daemon/parent/set_state.h"
#include "protocol/base/err.h"

/* --- messages from the roles ------------------------------------------------------------------ */

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
	set_finish(s, SET_END_CONFIG);
}

/* Pins and checks are 32 octets each, at most as many as there may be. */
static void take_identity(struct set *s, const struct msg_sealer_ready *m)
{
	s->told = *m;
	s->told.pins = s->told.storage_checks = s->told.table_keys = s->told.revoked =
	    (struct bytes){NULL, 0};
	s->revoked_len = m->revoked.len < sizeof s->revoked ? m->revoked.len : sizeof s->revoked;
	if (s->revoked_len > 0)
		memcpy(s->revoked, m->revoked.data, s->revoked_len);
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
	s->n_table_keys = m->table_keys.len / RXP_DIGEST_OCTETS;
	if (s->n_table_keys > SEALER_STORAGE_KEYS)
		s->n_table_keys = SEALER_STORAGE_KEYS;
	memcpy(s->table_keys, m->table_keys.data, s->n_table_keys * RXP_DIGEST_OCTETS);
	s->identity.serial = m->identity_serial;
	s->identity.identity_created_ms = m->identity_created_ms;
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
		set_finish(s, SET_END_CRASH);
}

static void tell_tls(struct set *s, const struct msg_gateway_ready *m)
{
	const struct msg_tls_until until = {.until_ms = m->until_ms};

	child_tell_registry(s, IPC_tls_until, &until);
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
	case IPC_signer_state:
		set_signer_said(s, m->body);
		return;
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
/* --- starting ----------------------------------------------------------------------------------- */

static void hand_out_ends(struct set *s)
{
	pair_close(&s->registry_gateway.end[0]);
	pair_close(&s->registry_gateway.end[1]);
	pair_close(&s->registry_desk.end[0]);
	pair_close(&s->registry_desk.end[1]);
	pair_close(&s->registry_work.end[0]);
	pair_close(&s->desk_work.end[0]);
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
			rc = child_start(s, child_add(s, others[i].role, 0));
	if (rc == 0)
		rc = set_signer_start(s);
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
	s->handler = on_message;
	s->closed = on_closed;
	s->n_sealers = config->rehearsal ? 1 : config->config->sealers;
	s->registry_gateway = s->registry_desk = s->registry_work = s->desk_work =
	    (struct pair){{-1, -1}};
	rc = epochs_list(&s->epochs, config->config);
	if (rc == 0)
		rc = getrandom(s->set_key, sizeof s->set_key, 0) == sizeof s->set_key ? 0
										      : RXP_ERR_IO;
	if (rc != 0 || (rc = pair_make(&s->registry_gateway)) != 0 ||
	    (rc = pair_make(&s->registry_desk)) != 0 || (rc = pair_make(&s->registry_work)) != 0 ||
	    (rc = pair_make(&s->desk_work)) != 0)
		goto done;
	for (uint32_t i = 0; rc == 0 && i < s->n_sealers; i++)
		rc = child_start(s, child_add(s, IPC_SEALER, i));
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
	int rc;

	for (size_t i = s->n_sealers; i < s->n_children; i++) {
		struct child *client = &s->children[i];

		if (client->link != NULL && client->role == IPC_REGISTRY)
			link_request(client->link, IPC_sealer_died, &registry, NULL, 0, NULL);
		else if (client->link != NULL && client->role == IPC_DESK)
			link_request(client->link, IPC_desk_sealer_died, &desk, NULL, 0, NULL);
	}
	rc = child_start(s, c);
	return rc != 0 ? rc : set_signer_join(s, c);
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
	if (c->role == IPC_SIGNER)
		set_signer_gone(s, status);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == ROLE_STATUS_CONFIG)
		set_finish(s, SET_END_CONFIG);
	else if (s->draining && WIFEXITED(status))
		set_finish(
		    s, SET_END_DRAINED); /* the gateway, or one that lost its link to it just now */
	else if (c->role == IPC_SEALER && c->ready) {
		log_event(LOG_SEALER_DIED, LOG_N(c->number), LOG_N(status_number(status)));
		if (replace_sealer(s, c) != 0)
			set_finish(s, SET_END_CRASH);
	} else {
		log_event(
		    LOG_SET_FAILED, LOG_S(ipc_role_name(c->role)), LOG_N(status_number(status)));
		set_finish(s, SET_END_CRASH);
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
	set_finish(s, SET_END_DRAINED);
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
	set_signer_free(s);
	for (int i = 0; i < 2; i++) {
		pair_close(&s->registry_gateway.end[i]);
		pair_close(&s->registry_desk.end[i]);
		pair_close(&s->registry_work.end[i]);
		pair_close(&s->desk_work.end[i]);
	}
	explicit_bzero(s->set_key, sizeof s->set_key);
	free(s);
}
