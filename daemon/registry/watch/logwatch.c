#include "daemon/registry/watch/logwatch.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/watch/pass.h"
#include "protocol/base/err.h"

#define HTTP_NOTHING 204
#define HTTP_UNPROCESSABLE 422
#define HTTP_BUSY 503

/* --- pages that were asked for ---------------------------------------------------------------------- */

static struct pass *find_pass(const struct logwatch *w, const struct peer *peer)
{
	struct pass *p = w->first;

	while (p != NULL && p->peer != peer)
		p = p->next;
	return p;
}

/* It stopped in the middle, and what it showed is of long ago. */
static bool is_stale(const struct pass *p)
{
	int64_t now = clock_wall_ms();

	return p->posted && p->request == 0 && p->done == NULL &&
	       (now < p->heard_ms || now - p->heard_ms >= REGISTRY_SHOWN_MS);
}

/* That of the peer, unless it stopped: then it ends. */
static struct pass *find_fresh(struct logwatch *w, const struct peer *peer)
{
	struct pass *p = find_pass(w, peer);

	if (p == NULL || !is_stale(p))
		return p;
	pass_give_up(p, p->carried ? NULL : "it stopped posting pages of its log");
	return NULL;
}

int logwatch_now(struct logwatch *w, struct peer *peer)
{
	struct pass *p = NULL;
	int rc;

	if (peer->pulls)
		peer->log_wanted = true;
	p = find_fresh(w, peer);
	if (peer->pulls || p != NULL)
		return 0;
	rc = pass_open(&p, w, peer, false);
	if (rc != 0)
		return rc;
	rc = pass_ask(p);
	if (rc != 0)
		pass_give_up(p, NULL);
	return rc;
}

void logwatch_fetched(struct logwatch *w, uint64_t request, const struct msg_log_fetched *m)
{
	struct pass *p = w->first;
	char why[RECORD_NAME_MAX];
	int rc;

	while (p != NULL && (p->posted || p->request != request))
		p = p->next;
	if (p == NULL)
		abort(); /* the link passes on answers to open requests only */
	p->request = 0;
	p->peer->log_unreached = m->outcome != 0;
	if (m->outcome != 0) {
		pass_give_up(p, m->outcome == (uint32_t)RXP_ERR_NOT_FOUND ? NULL : m->transport);
	} else if (m->octets.len == 0 || m->octets.len > RXP_MAX_LOG_PAGE_OCTETS) {
		snprintf(why, sizeof why, "no page, HTTP status %u", (unsigned)m->http_status);
		pass_give_up(p, why);
	} else if ((rc = pass_keep(p, m->octets)) != 0 || (rc = pass_check(p)) != 0) {
		pass_give_up(p, rxp_err_text(rc));
	}
}

/* --- pages that a peer posts ------------------------------------------------------------------------ */

static bool is_due_now(const struct peer *peer)
{
	int64_t now = clock_wall_ms(), last = pass_compared_ms(peer);

	return now < last || now - last >= REGISTRY_WATCH_MS;
}

/* The pass that its page is for. 0: there is one, else the status that says why not. */
static uint32_t find_posted(struct pass **out, struct logwatch *w, struct peer *peer)
{
	struct pass *p = find_fresh(w, peer);

	if (!peers_minute(&peer->pages_taken, REGISTRY_PAGES_MINUTE_MAX) ||
	    (p != NULL && (!p->posted || p->carried || p->request != 0)))
		return HTTP_BUSY;
	if (p == NULL && !peer->log_wanted && !is_due_now(peer))
		return HTTP_NOTHING;
	if (p == NULL && pass_open(&p, w, peer, false) != 0)
		return HTTP_BUSY;
	if (!p->posted)
		p->posted = p->begins = true;
	*out = p;
	return 0;
}

void logwatch_posted(struct logwatch *w, uint64_t request, const struct msg_log_posted *m)
{
	struct peer *peer = peers_active(w->config.peers, m->party);
	struct pass *p = NULL;
	uint32_t status = HTTP_BUSY;
	int rc;

	if (peer != NULL && (m->octets.len == 0 || m->octets.len > RXP_MAX_LOG_PAGE_OCTETS))
		status = HTTP_UNPROCESSABLE;
	else if (peer != NULL)
		status = find_posted(&p, w, peer);
	if (p == NULL) {
		pass_reply(w, request, status, 0);
		return;
	}
	p->request = request;
	p->heard_ms = clock_wall_ms();
	rc = pass_keep(p, m->octets);
	if (rc == 0)
		rc = pass_check(p);
	if (rc != 0)
		pass_give_up(p, rxp_err_text(rc));
}

/* --- pages that come in a bundle -------------------------------------------------------------------- */

/* A reading on a line goes on undisturbed. RXP_ERR_FULL: it does just now. */
static int find_carried(struct pass **out, struct logwatch *w, struct peer *peer)
{
	struct pass *p = find_fresh(w, peer);

	if (p != NULL && (!p->carried || p->done != NULL))
		return RXP_ERR_FULL;
	*out = p;
	return p != NULL ? 0 : pass_open(out, w, peer, true);
}

void logwatch_carried(struct logwatch *w, const char *party, struct bytes octets,
    logwatch_carried_done *done, void *arg)
{
	struct peer *peer = peers_active(w->config.peers, party);
	struct pass *p = NULL;
	int rc = RXP_ERR_MISMATCH;

	if (peer != NULL && octets.len > 0 && octets.len <= RXP_MAX_LOG_PAGE_OCTETS)
		rc = find_carried(&p, w, peer);
	if (rc !=
	    0) { /* what comes while something is brought back (RXP-LOG-022), a later bundle shows again */
		done(arg, rc == RXP_ERR_STATE ? 0 : rc);
		return;
	}
	p->done = done;
	p->done_arg = arg;
	p->heard_ms = clock_wall_ms();
	rc = pass_keep(p, octets);
	if (rc == 0)
		rc = pass_check(p);
	if (rc != 0)
		pass_give_up(p, NULL);
}

/* --- once a day ----------------------------------------------------------------------------------- */

static bool is_due(const struct peer *peer, int64_t now)
{
	int64_t tried = peer->watch_tried_ms;

	/* What was lost before the start is to be known before anything new is sent. */
	if (!peer->read_since_start && tried == 0)
		return true;
	return is_due_now(peer) && (now < tried || now - tried >= REGISTRY_WATCH_AGAIN_MS);
}

/* Bundles of it came; is the time over in which their pages may come too (RXP-LOG-012)? */
static void tell_carried(struct peer *peer, int64_t now)
{
	if (peer->carried_ms == 0 ||
	    (now >= peer->carried_ms && now - peer->carried_ms < REGISTRY_WATCH_AGAIN_MS))
		return;
	peer->carried_ms = 0;
	pass_tell_blind(peer, "its bundles bring no pages of its log");
}

void logwatch_met(struct peer *peer)
{
	peer->carried_ms = clock_wall_ms();
}

void logwatch_tick(struct logwatch *w)
{
	int64_t now = clock_wall_ms();
	struct peer *peer;

	for (size_t i = 0; (peer = peers_at(w->config.peers, i)) != NULL; i++) {
		if (!peer->active)
			continue;
		tell_carried(peer, now);
		/* Nobody can ask one that pulls (RXP-PUL-001). */
		if (peer->pulls)
			pass_tell_unread(peer, "it posts no pages of its log");
		else if (is_due(peer, now) && logwatch_now(w, peer) == RXP_ERR_FULL)
			return; /* the next tick goes on */
	}
}

/* --- the module ----------------------------------------------------------------------------------- */

static int load(struct logwatch *w)
{
	struct db *db = store_db(w->config.node->store);
	struct store_watch row;
	struct peer *peer;
	int rc;

	for (size_t i = 0; (peer = peers_at(w->config.peers, i)) != NULL; i++) {
		rc = store_watch_get(db, &row, peer->party);
		if (rc == 0)
			peer->compared_ms = row.compared_ms;
		else if (rc != RXP_ERR_NOT_FOUND)
			return rc;
		found_count(w->config.node, peer);
	}
	return 0;
}

int logwatch_new(struct logwatch **out, const struct logwatch_config *config)
{
	struct logwatch *w = calloc(1, sizeof *w);
	int rc;

	if (w == NULL)
		return RXP_ERR_NOMEM;
	w->config = *config;
	rc = load(w);
	if (rc != 0) {
		free(w);
		return rc;
	}
	*out = w;
	return 0;
}

void logwatch_free(struct logwatch *w)
{
	if (w == NULL)
		return;
	while (w->first != NULL) {
		struct pass *p = w->first;

		w->first = p->next;
		pass_free(p);
	}
	free(w);
}
