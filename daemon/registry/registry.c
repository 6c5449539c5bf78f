/*
 * registry - the role that decides: queue, answers, logs, peers, schedule; the only writer.
 *
 * The process waits for its configuration, opens the data, and is ready then. All the rest is in
 * assembly.c and the modules that it puts together.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/unfit.h"
#include "daemon/registry/assembly.h"
#include "daemon/registry/files/file.h"
#include "daemon/registry/role.h"
#include "daemon/registry/store/db.h"
#include "protocol/base/err.h"

struct registry {
	struct role role;
	struct assembly *assembly;
	bool configured, ended;
};

static void end(void *arg, int status)
{
	struct registry *r = arg;

	r->ended = true;
	role_end(&r->role, status);
}

/* Only the administrator can help: the parent is told why, before others see this process end. */
static void on_unfit(void *arg, enum unfit why)
{
	struct registry *r = arg;

	end(r, role_unfit(&r->role, IPC_registry_unfit, &(struct msg_registry_unfit){.why = why}));
}

static void on_epoch_over(void *arg, const uint8_t check[32])
{
	struct registry *r = arg;
	struct msg_epoch_over m;

	memcpy(m.check, check, sizeof m.check);
	(void)link_request(r->role.parent, IPC_epoch_over, &m, NULL, 0, NULL);
}

/* The data are opened and closed again. */
static int rehearse(struct registry *r, const struct msg_registry_config *own)
{
	enum unfit why = UNFIT_DATA_DAMAGED;
	struct node node;
	int rc;

	node_init(&node, own, NULL, NULL, NULL);
	rc = node_open_data(&node, &why);
	node_clear(&node);
	if (rc == RXP_ERR_CONFIG)
		on_unfit(r, why);
	return rc;
}

static void configure(struct registry *r, const struct msg_registry_config *own)
{
	const struct assembly_config config = {.own = *own,
	    .loop = r->role.loop,
	    .gateway_fd = REGISTRY_FD_GATEWAY,
	    .desk_fd = REGISTRY_FD_DESK,
	    .sealers_fd = REGISTRY_FD_SEALERS,
	    .test_clock = role_fd_open(REGISTRY_FD_CLOCK),
	    .end = end,
	    .unfit = on_unfit,
	    .epoch_over = on_epoch_over,
	    .arg = r};
	int rc = own->rehearsal ? rehearse(r, own) : assembly_new(&r->assembly, &config);

	r->configured = true;
	if (rc == 0)
		loop_stop(r->role.loop); /* leave the wait for the configuration */
	else if (rc != RXP_ERR_CONFIG)
		end(r, NODE_STATUS_FAILED);
}

static void on_parent(void *arg, struct link *l, const struct link_message *m)
{
	struct registry *r = arg;

	(void)l;
	if (m->type == IPC_registry_config && !r->configured)
		configure(r, m->body);
	else if (m->type == IPC_sealer_died && r->assembly != NULL)
		assembly_sealer_died(
		    r->assembly, ((const struct msg_sealer_died *)m->body)->number);
	else if (m->type == IPC_tls_until && r->assembly != NULL)
		assembly_tls_until(r->assembly, ((const struct msg_tls_until *)m->body)->until_ms);
	else if (m->type == IPC_seal_state && r->assembly != NULL)
		assembly_seal_state(r->assembly, ((const struct msg_seal_state *)m->body)->state);
}

/* Everything that is opened later is opened in the data directory, the only place that the sandbox
 * leaves. */
static void enter(struct registry *r)
{
	uint8_t warm[32];
	int rc;

	if (role_fd_open(REGISTRY_FD_CLOCK))
		clock_set_offset_file(REGISTRY_FD_CLOCK);
	umask(S_IRWXG | S_IRWXO);
	rc = fchdir(REGISTRY_FD_DATA) == 0 ? file_make_directories(r->role.uid, r->role.gid)
					   : RXP_ERR_IO;
	if (rc == RXP_ERR_UNSUPPORTED)
		exit(role_unfit(&r->role, IPC_registry_unfit,
		    &(struct msg_registry_unfit){.why = UNFIT_DATA_LEASES}));
	if (rc != 0 || db_warm_up() != 0 || node_digest(warm, "", 0) != 0) {
		log_event(
		    LOG_ROLE_FAILED, LOG_S("data directory"), LOG_S(rxp_err_text(RXP_ERR_IO)));
		exit(NODE_STATUS_FAILED);
	}
	role_confine(&r->role, REGISTRY_FD_DATA, true, false);
}

int main(int argc, char **argv)
{
	struct registry r = {0};
	struct msg_registry_ready ready = {.pid = (uint32_t)getpid()};

	role_begin(&r.role, "registry", IPC_REGISTRY, argc, argv, on_parent, &r);
	enter(&r);
	if (loop_run(r.role.loop) != 0)
		end(&r, NODE_STATUS_FAILED);
	/* At the end nothing is tidied up: what is committed is safe, what is not has no trace. */
	if (!r.configured || r.ended)
		return r.role.status != 0 ? r.role.status : NODE_STATUS_FAILED;
	return role_run(&r.role, IPC_registry_ready, &ready);
}
