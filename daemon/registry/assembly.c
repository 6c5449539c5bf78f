#include "daemon/registry/assembly.h"

#include <stdlib.h>
#include <unistd.h>

#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/base/work.h"
#include "daemon/registry/cases/clocks.h"
#include "daemon/registry/desk/desk.h"
#include "daemon/registry/files/tidy.h"
#include "daemon/registry/history/history.h"
#include "daemon/registry/in/admit.h"
#include "daemon/registry/in/peer_file.h"
#include "daemon/registry/in/pull.h"
#include "daemon/registry/in/share.h"
#include "daemon/registry/keeping/backup.h"
#include "daemon/registry/keeping/rewrap.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/out/ferry.h"
#include "daemon/registry/out/late.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/out/pickup.h"
#include "daemon/registry/out/returned.h"
#include "daemon/registry/out/schedule.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/peers/refresh.h"
#include "daemon/registry/recovery/recovery.h"
#include "daemon/registry/retention/retention.h"
#include "daemon/registry/switchboard.h"
#include "daemon/registry/terms/terms.h"
#include "daemon/registry/watch/logpages.h"
#include "daemon/registry/watch/logwatch.h"
#include "daemon/registry/watch/own.h"
#include "daemon/registry/watch/own_tables.h"
#include "daemon/registry/watch/post.h"
#include "protocol/base/err.h"

void assembly_tls_until(struct assembly *a, int64_t until_ms)
{
	a->dates.until_ms[ENDING_TLS] = until_ms;
}

/* What waited for the key has its own times, of which none is long. */
void assembly_seal_state(struct assembly *a, uint32_t state)
{
	if (state >= TOKEN_STATES)
		return;
	a->node.seal_in_token = true;
	a->node.seal = (enum token_state)state;
}

void assembly_sealer_died(struct assembly *a, uint32_t number)
{
	a->node.sealers_lost++;
	work_sealer_died(a->node.work, number);
}

/* --- links --------------------------------------------------------------------------------------- */

static int join(
    struct assembly *a, struct link **out, int fd, enum ipc_role peer, link_handler *handler)
{
	const struct link_config config = {.fd = fd,
	    .self = IPC_REGISTRY,
	    .peer = peer,
	    .handler = handler,
	    .closed = switchboard_closed,
	    .arg = a};
	int rc = link_new(out, a->node.loop, &config);

	if (rc != 0)
		close(fd);
	return rc;
}

static int join_all(struct assembly *a, const struct assembly_config *c)
{
	struct node *n = &a->node;
	int rc = join(a, &n->gateway, c->gateway_fd, IPC_GATEWAY, switchboard_gateway);
	int rc2 = join(a, &n->desk, c->desk_fd, IPC_DESK, switchboard_desk);
	int rc3 =
	    work_new(&n->work, n->loop, c->sealers_fd, IPC_REGISTRY, switchboard_work_lost, a);

	if (rc3 != 0)
		close(c->sealers_fd);
	return rc != 0 ? rc : (rc2 != 0 ? rc2 : rc3);
}

/* --- beginning and end --------------------------------------------------------------------------- */

/* Whoever has to mend it is told which table it is. */
static int read_from(const char *table, int rc)
{
	if (rc != 0)
		log_event(LOG_ROLE_FAILED, LOG_S(table), LOG_S(rxp_err_text(rc)));
	return rc;
}

static int make_peers(struct assembly *a)
{
	struct node *n = &a->node;
	int rc = read_from("table peer", peers_new(&a->peers, n));

	/* Before anything is done on the word of the tables. */
	if (rc == 0)
		rc = own_tables_new(&a->tables, n, a->peers);
	if (rc == 0)
		rc = read_from("table own_key or node",
		    keys_new(&a->keys, n,
			&(struct keys_calls){switchboard_keys_changed, switchboard_described, a}));
	if (rc == 0)
		rc = publish_new(&a->publish, n, a->peers, a->keys);
	if (rc != 0)
		return rc;
	return refresh_new(&a->refresh,
	    &(struct renew_config){.node = n, .peers = a->peers, .publish = a->publish}, &a->knocks,
	    switchboard_peer_changed, a);
}

static int64_t backoff(void *arg, unsigned times)
{
	return pace_backoff(arg, times);
}

static int make_pull(struct assembly *a)
{
	return pull_new(&a->pull, &(struct pull_config){.node = &a->node,
				      .peers = a->peers,
				      .keys = a->keys,
				      .admit = a->admit,
				      .own = switchboard_own_fetched,
				      .own_arg = a,
				      .backoff = backoff,
				      .backoff_arg = a->pace});
}

static int make_in(struct assembly *a)
{
	struct admit_config admit = {.node = &a->node,
	    .peers = a->peers,
	    .keys = a->keys,
	    .publish = a->publish,
	    .refresh = a->refresh,
	    .terms = a->terms,
	    .clocks = a->clocks,
	    .received = switchboard_received,
	    .arg = a};
	int rc = share_new(&a->share, &a->node, a->node.config.peer_octets);

	if (rc == 0)
		rc = peer_file_new(&a->peer_files, &a->node, a->peers, a->share);
	admit.share = a->share;
	return rc != 0 ? rc : admit_new(&a->admit, &admit);
}

static int make_returned(struct assembly *a)
{
	a->came_back = (struct came_back){&a->node, a->peers, a->share, a->pace};
	return returned_new(&a->returned, &(struct returned_config){.node = &a->node,
					      .peers = a->peers,
					      .publish = a->publish,
					      .outbox = a->outbox,
					      .own = came_back_take,
					      .own_arg = &a->came_back,
					      .taken = switchboard_returned,
					      .taken_arg = a});
}

static int make_out(struct assembly *a)
{
	struct node *n = &a->node;
	struct outbox_config outbox = {.node = n,
	    .peers = a->peers,
	    .publish = a->publish,
	    .refresh = a->refresh,
	    .terms = a->terms,
	    .clocks = a->clocks,
	    .changed = switchboard_changed,
	    .changed_arg = a};
	int rc;

	if ((rc = pace_new(&a->pace, &n->random)) != 0 || (rc = ferry_new(&a->ferry, n)) != 0 ||
	    (rc = late_new(&a->late, n, a->peers, a->ferry, a->pace)) != 0)
		return rc;
	outbox.pace = a->pace;
	outbox.ferry = a->ferry;
	if ((rc = outbox_new(&a->outbox, &outbox)) != 0 || (rc = make_returned(a)) != 0 ||
	    (rc = pickup_new(&a->pickup, n, a->peers, a->pace, a->outbox)) != 0)
		return rc;
	return schedule_new(&a->schedule, n, a->peers, a->pace, a->outbox, a->pickup);
}

static int make_retention(struct assembly *a)
{
	const struct retention_config retention = {
	    .node = &a->node, .peers = a->peers, .terms = a->terms};

	return retention_new(&a->retention, &retention);
}

static int make_history(struct assembly *a)
{
	const struct history_config history = {.node = &a->node,
	    .peers = a->peers,
	    .publish = a->publish,
	    .terms = a->terms,
	    .clocks = a->clocks,
	    .pace = a->pace,
	    .outbox = a->outbox};

	return history_new(&a->history, &history);
}

static int make_recovery(struct assembly *a)
{
	return recovery_new(&a->recovery, &(struct recovery_config){.node = &a->node,
					      .peers = a->peers,
					      .keys = a->keys,
					      .pace = a->pace,
					      .pickup = a->pickup,
					      .publish = a->publish,
					      .admit = a->admit});
}

static int make_watch(struct assembly *a)
{
	const struct logwatch_config watch = {.node = &a->node,
	    .peers = a->peers,
	    .publish = a->publish,
	    .refresh = a->refresh,
	    .unknown = switchboard_unknown,
	    .arg = a};
	struct post_config post = {
	    .node = &a->node, .peers = a->peers, .backoff = backoff, .backoff_arg = a->pace};
	int rc = logwatch_new(&a->logwatch, &watch);

	if (rc == 0)
		rc = own_new(&a->own, &a->node, a->peers, a->tables);
	if (rc == 0)
		rc = logpages_new(&a->logpages, &a->node, a->peers);
	post.logpages = a->logpages;
	return rc != 0 ? rc : post_new(&a->post, &post);
}

static int make_desk(struct assembly *a)
{
	const struct desk_config desk = {.node = &a->node,
	    .peers = a->peers,
	    .keys = a->keys,
	    .publish = a->publish,
	    .admit = a->admit,
	    .peer_files = a->peer_files,
	    .refresh = a->refresh,
	    .returned = a->returned,
	    .share = a->share,
	    .terms = a->terms,
	    .clocks = a->clocks,
	    .pace = a->pace,
	    .outbox = a->outbox,
	    .logwatch = a->logwatch,
	    .logpages = a->logpages,
	    .own = a->own,
	    .recovery = a->recovery,
	    .history = a->history,
	    .dates = &a->dates,
	    .rewrap = a->rewrap,
	    .backup = a->backup};

	return desk_new(&a->desk, &desk);
}

static int make_all(struct assembly *a, const struct assembly_config *config)
{
	int rc;

	if ((rc = terms_new(&a->terms, &a->node)) != 0 ||
	    (rc = clocks_new(&a->clocks, &a->node, a->terms)) != 0 || (rc = make_peers(a)) != 0 ||
	    (rc = make_in(a)) != 0 || (rc = make_out(a)) != 0 || (rc = make_pull(a)) != 0 ||
	    (rc = tidy_new(&a->tidy, &a->node, switchboard_file_active, a)) != 0 ||
	    (rc = make_retention(a)) != 0 || (rc = backup_new(&a->backup, &a->node)) != 0 ||
	    (rc = rewrap_new(&a->rewrap, &a->node, config->epoch_over, config->arg)) != 0 ||
	    (rc = make_history(a)) != 0 || (rc = make_recovery(a)) != 0 ||
	    (rc = make_watch(a)) != 0 || (rc = make_desk(a)) != 0 ||
	    (rc = timer_new(&a->tick, a->node.loop, switchboard_tick, a)) != 0)
		log_event(LOG_ROLE_FAILED, LOG_S("data"), LOG_S(rxp_err_text(rc)));
	return rc;
}

/* What the start reads is none that this node can have written: another start would read the same. */
static int in_damaged(int rc)
{
	return rc == RXP_ERR_DAMAGED || rc == RXP_ERR_BOUND || rc == RXP_ERR_FULL ? RXP_ERR_CONFIG
										  : rc;
}

int assembly_new(struct assembly **out, const struct assembly_config *config)
{
	struct assembly *a = calloc(1, sizeof *a);
	enum unfit why = UNFIT_DATA_DAMAGED;
	int rc;

	if (a == NULL)
		return RXP_ERR_NOMEM;
	node_init(&a->node, &config->own, config->loop, config->end, config->arg);
	a->dates.until_ms[ENDING_SEAL] = config->own.seal_until_ms;
	a->dates.until_ms[ENDING_ROOT] = config->own.root_until_ms;
	a->dates.until_ms[ENDING_NEXT_ROOT] = config->own.next_root_due_ms;
	a->tick_ms = config->test_clock ? REGISTRY_TEST_TICK_MS : REGISTRY_TICK_MS;
	a->unfit = config->unfit;
	a->unfit_arg = config->arg;
	if ((rc = join_all(a, config)) != 0 || (rc = node_open_data(&a->node, &why)) != 0 ||
	    (rc = in_damaged(make_all(a, config))) != 0) {
		if (rc == RXP_ERR_CONFIG)
			config->unfit(config->arg, why);
		assembly_free(a);
		return rc;
	}
	publish_all(a->publish);
	keys_tick(a->keys);
	refresh_tick(a->refresh);
	timer_arm(a->tick, a->tick_ms);
	loop_on_round(a->node.loop, switchboard_round, a);
	*out = a;
	return 0;
}

void assembly_free(struct assembly *a)
{
	if (a == NULL)
		return;
	timer_free(a->tick);
	logpages_free(a->logpages); /* tells who waits for one */
	desk_free(a->desk);
	recovery_free(a->recovery);
	history_free(a->history);
	post_free(a->post);
	own_free(a->own);
	own_tables_free(a->tables);
	logwatch_free(a->logwatch);
	rewrap_free(a->rewrap);
	backup_free(a->backup);
	retention_free(a->retention);
	tidy_free(a->tidy);
	schedule_free(a->schedule);
	pull_free(a->pull);
	pickup_free(a->pickup);
	returned_free(a->returned);
	outbox_free(a->outbox);
	ferry_free(a->ferry);
	late_free(a->late);
	pace_free(a->pace);
	admit_free(a->admit);
	peer_file_free(a->peer_files);
	refresh_free(a->refresh);
	share_free(a->share);
	publish_free(a->publish);
	keys_free(a->keys);
	peers_free(a->peers);
	clocks_free(a->clocks);
	terms_free(a->terms);
	node_clear(&a->node);
	free(a);
}
