/*
 * desk - what the ministry's own people and systems use: the local API.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/desk/api.h"
#include "daemon/desk/ask.h"
#include "daemon/desk/hash.h"
#include "daemon/desk/http.h"
#include "daemon/desk/role.h"
#include "protocol/base/err.h"

struct desk {
	struct role role;
	struct api api;
	struct http *http;
};

static void on_parent(void *arg, struct link *l, const struct link_message *m)
{
	struct desk *d = arg;

	(void)l;
	if (m->type == IPC_desk_config) {
		const struct msg_desk_config *config = m->body;

		memcpy(d->api.own, config->own, sizeof(d->api.own));
		snprintf(d->api.timestamp, sizeof(d->api.timestamp), "%.*s",
		    (int)config->timestamp.len, (const char *)config->timestamp.data);
		if (access_set(&d->api.access, config->owner, config->rows) != 0)
			role_end(&d->role, 1);
	} else if (m->type == IPC_desk_sealer_died) {
		const struct msg_desk_sealer_died *died = m->body;

		ask_sealer_died(d->api.ask, died->number);
	}
}

/* Without the registry and the sealers there is nothing to serve: the parent starts a new set. */
static void on_lost(void *arg, int why)
{
	struct desk *d = arg;

	role_end(&d->role, why == RXP_ERR_CLOSED ? 0 : 1);
}

/* The process owns all of it until its end, which releases it: role_run() frees the loop last. */
static struct desk desk;

int main(int argc, char **argv)
{
	struct role *role = &desk.role;
	int rc;

	role_begin(role, "desk", IPC_DESK, argc, argv, on_parent, &desk);
	if (role_fd_open(DESK_FD_CLOCK))
		clock_set_offset_file(DESK_FD_CLOCK);
	desk.api.loop = role->loop;
	desk.api.access.owner = (uint32_t)geteuid(); /* the warm-up calls ourselves */
	rc = ask_new(&desk.api.ask, role->loop, DESK_FD_REGISTRY, DESK_FD_SEALERS, on_lost, &desk);
	if (rc == 0)
		rc = http_new(&desk.http, role->loop, DESK_FD_API, &desk.api);
	if (rc == 0)
		rc = http_warm_up(desk.http);
	if (rc == 0)
		rc = hash_warm_up();
	if (rc != 0) {
		log_event(LOG_ROLE_FAILED, LOG_S("local API"), LOG_S(rxp_err_text(rc)));
		return 1;
	}
	role_confine(role, -1, false, false);
	return role_run(role, IPC_desk_ready, &(struct msg_desk_ready){.pid = (uint32_t)getpid()});
}
