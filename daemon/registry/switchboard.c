#include "daemon/registry/switchboard.h"

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/assembly.h"
#include "daemon/registry/cases/clocks.h"
#include "daemon/registry/desk/desk.h"
#include "daemon/registry/files/tidy.h"
#include "daemon/registry/history/history.h"
#include "daemon/registry/in/admit.h"
#include "daemon/registry/in/peer_file.h"
#include "daemon/registry/in/pull.h"
#include "daemon/registry/keeping/backup.h"
#include "daemon/registry/keeping/rewrap.h"
#include "daemon/registry/out/ferry.h"
#include "daemon/registry/out/handout.h"
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
#include "daemon/registry/store/store.h"
#include "daemon/registry/watch/logpages.h"
#include "daemon/registry/watch/logwatch.h"
#include "daemon/registry/watch/own.h"
#include "daemon/registry/watch/post.h"
#include "protocol/base/err.h"

/* --- links --------------------------------------------------------------------------------------- */

static void on_contact(struct assembly *a, const struct msg_contact *m)
{
	struct peer *peer = peers_active(a->peers, m->party);

	if (peer == NULL)
		return;
	refresh_met(peer, m->reached != 0);
	pace_contact(a->pace, peer);
	late_heard(a->late, peer);
	peers_contact(a->peers, peer, m->until_ms);
}

/* It goes on with a connection that it has. */
static void heard(struct assembly *a, const char *party, int64_t at_ms)
{
	struct peer *peer = peers_active(a->peers, party);

	if (peer == NULL)
		return;
	refresh_heard(peer);
	peers_met(a->peers, peer, at_ms);
}

static void on_returned(struct assembly *a, uint64_t request, const struct msg_returned *m)
{
	heard(a, m->party, m->received_ms);
	returned_post(a->returned, request, m);
}

static void on_admit(struct assembly *a, uint64_t request, const struct msg_admit *m)
{
	heard(a, m->party, m->received_ms);
	admit_take(a->admit, request, m);
}

/* What peers fetch and post here, and what we fetch and post there. */
static bool on_pull(struct assembly *a, const struct link_message *m)
{
	switch (m->type) {
	case IPC_pickup:
		heard(a, ((const struct msg_pickup *)m->body)->party, clock_wall_ms());
		recovery_left(a->recovery, m->body);
		pickup_take(a->pickup, m->request, m->body);
		recovery_kick(a->recovery); /* an answer of its own may be for it */
		return true;
	case IPC_returned:
		on_returned(a, m->request, m->body);
		return true;
	case IPC_give:
		handout_give(&a->node, m->request, m->body);
		return true;
	case IPC_descriptor_posted:
		refresh_posted(a->refresh, m->request, m->body);
		return true;
	case IPC_log_posted:
		logwatch_posted(a->logwatch, m->request, m->body);
		return true;
	case IPC_polled:
		pull_polled(a->pull, m->request, m->body);
		return true;
	case IPC_posted:
		if (!post_posted(a->post, m->request, m->body) &&
		    !outbox_posted(a->outbox, m->request, m->body) &&
		    !recovery_posted(a->recovery, m->request, m->body))
			pull_posted(a->pull, m->request, m->body);
		return true;
	case IPC_downloaded:
		pull_downloaded(a->pull, m->request, m->body);
		return true;
	default:
		return false;
	}
}

void switchboard_gateway(void *arg, struct link *l, const struct link_message *m)
{
	struct assembly *a = arg;

	(void)l;
	if (on_pull(a, m))
		return;
	if (m->type == IPC_admit)
		on_admit(a, m->request, m->body);
	else if (m->type == IPC_delivery)
		outbox_delivery(a->outbox, m->request, m->body);
	else if (m->type == IPC_stage)
		peer_file_stage(a->peer_files, m->request, m->body);
	else if (m->type == IPC_stage_end)
		peer_file_stage_end(a->peer_files, m->request, m->body);
	else if (m->type == IPC_uploaded)
		ferry_uploaded(a->ferry, m->request, m->body);
	else if (m->type == IPC_log_get)
		logpages_give(a->logpages, m->request, m->body);
	else if (m->type == IPC_log_fetched)
		logwatch_fetched(a->logwatch, m->request, m->body);
	else if (m->type == IPC_descriptor_fetched)
		refresh_fetched(a->refresh, m->request, m->body);
	else if (m->type == IPC_pin_unknown)
		refresh_pin_unknown(a->refresh, m->body);
	else
		on_contact(a, m->body);
}

void switchboard_desk(void *arg, struct link *l, const struct link_message *m)
{
	struct assembly *a = arg;

	(void)l;
	desk_take(a->desk, m);
}

/* The parent ends the set when one of the others goes; so does this process. */
void switchboard_closed(void *arg, struct link *l, int why)
{
	struct assembly *a = arg;

	if (why != RXP_ERR_CLOSED)
		log_event(LOG_LINK_BROKEN, LOG_S(l == a->node.gateway ? "gateway" : "desk"),
		    LOG_S(rxp_err_text(why)));
	node_fail(&a->node, "link", why);
}

void switchboard_work_lost(void *arg, int why)
{
	struct assembly *a = arg;

	node_fail(&a->node, "sealers", why);
}

/* --- rounds -------------------------------------------------------------------------------------- */

/* No start mends it: a person is told, and nothing is tried that might make it worse. */
static void end_damaged(struct assembly *a)
{
	if (a->node.ended)
		return;
	a->node.ended = true;
	log_event(LOG_ROLE_FAILED, LOG_S("database"), LOG_S(rxp_err_text(RXP_ERR_DAMAGED)));
	a->unfit(a->unfit_arg, UNFIT_DATA_DAMAGED);
}

static void modules_round(struct assembly *a)
{
	recovery_round(a->recovery);
	history_round(a->history);
	admit_round(a->admit);
	schedule_round(a->schedule);
	ferry_round(a->ferry);
	pull_round(a->pull);
}

/* What a round brought in shares its commits; what the commits release goes on in the same round. */
void switchboard_round(void *arg)
{
	struct assembly *a = arg;
	struct store *store = a->node.store;

	do {
		modules_round(a);
		store_round(store);
		modules_round(a);
	} while (store_waiting(store) && !store_lost(store));
	desk_round(a->desk);
	if (store_damaged(store))
		end_damaged(a);
	else if (store_lost(store))
		node_fail(&a->node, "database", RXP_ERR_IO);
}

void switchboard_tick(void *arg)
{
	struct assembly *a = arg;

	store_tick(a->node.store);
	schedule_tick(a->schedule);
	(void)dates_tick(&a->dates, a->node.own, true, clock_wall_ms());
	peers_tell_ends(a->peers, clock_wall_ms());
	keys_tick(a->keys);
	refresh_tick(a->refresh);
	pull_tick(a->pull);
	logwatch_tick(a->logwatch);
	own_tick(a->own);
	post_tick(a->post);
	tidy_tick(a->tidy);
	late_tick(a->late);
	retention_tick(a->retention);
	rewrap_tick(a->rewrap);
	backup_tick(a->backup);
	clocks_tick(a->clocks);
	history_tick(a->history);
	recovery_tick(a->recovery);
	timer_arm(a->tick, a->tick_ms);
}

/* --- what modules tell, and ask ------------------------------------------------------------------- */

void switchboard_keys_changed(void *arg)
{
	struct assembly *a = arg;

	publish_all(a->publish);
}

void switchboard_described(void *arg)
{
	struct assembly *a = arg;

	pull_descriptor(a->pull);
}

/* What failed because of a key that it had not told goes on at once. */
void switchboard_peer_changed(void *arg, struct peer *peer)
{
	const struct assembly *a = arg;

	if (peer->failures > 0)
		pace_ask_now(a->pace, peer);
	else
		pace_kick(a->pace);
}

void switchboard_changed(void *arg, const uint8_t local_id[16])
{
	struct assembly *a = arg;

	history_kick(a->history);
	recovery_kick(a->recovery);
	late_changed(a->late, local_id);
	desk_changed(a->desk, local_id);
}

void switchboard_received(void *arg)
{
	struct assembly *a = arg;

	history_kick(a->history);
	recovery_kick(a->recovery);
	desk_received(a->desk);
}

void switchboard_unknown(void *arg, struct peer *peer)
{
	struct assembly *a = arg;

	recovery_suspect(a->recovery, peer);
}

void switchboard_returned(void *arg, const char *party, const uint8_t message_id[16])
{
	const struct assembly *a = arg;

	pickup_answered(a->pickup, party, message_id);
	recovery_returned(a->recovery, party, message_id);
}

void switchboard_own_fetched(
    void *arg, const char *party, struct bytes answer, pulled_own_done *done, void *done_arg)
{
	const struct assembly *a = arg;

	returned_take(a->returned, party, answer, done, done_arg);
}

bool switchboard_file_active(void *arg, const char *party, const uint8_t digest[32])
{
	const struct assembly *a = arg;

	return peer_file_active(a->peer_files, party, digest);
}
