#include "daemon/registry/peers/refresh.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/knocks.h"
#include "daemon/registry/peers/peers.h"
#include "protocol/base/err.h"

/* A message that waits for the outcome. */
struct waiter {
	struct waiter *next;
	refresh_done *done;
	void *arg;
};

/* One question to a peer. */
struct question {
	struct question *next;
	struct refresh *by;
	struct peer *peer;
	uint64_t request; /* at the gateway; 0 while the answer is verified */
	struct waiter *waiters;
	bool suspects; /* because of a key that is not known, and nothing newer came yet */
};

struct refresh {
	struct renew_config config;
	struct knocks *knocks; /* borrowed */
	refresh_changed *changed;
	void *arg;
	struct question *first; /* at most one of a peer */
};

/* --- the end of a question ------------------------------------------------------------------------ */

/* After so many in vain before. */
static int64_t pause_ms(unsigned in_vain)
{
	int64_t delay = REGISTRY_RETRY_FIRST_MS;

	for (unsigned i = 0; i < in_vain && delay < REGISTRY_RETRY_LAST_MS; i++)
		delay *= 2;
	return delay < REGISTRY_RETRY_LAST_MS ? delay : REGISTRY_RETRY_LAST_MS;
}

/* It answered; whoever still lacks a key is not to ask again at once. */
static void note_answered(struct peer *peer)
{
	uint8_t key_id[32];

	peer->unanswered = 0;
	peer->refresh_mono = clock_mono_ms() + REGISTRY_REFRESH_MS;
	if (peers_agreement_key(peer, clock_wall_ms(), key_id) == 0) {
		peer->asked_in_vain = 0;
		peer->ask_not_before_mono = 0;
		return;
	}
	peer->ask_not_before_mono = clock_mono_ms() + pause_ms(peer->asked_in_vain++);
}

/* RXP-DSC-045: it was off, perhaps for this moment alone. */
static void note_unanswered(struct peer *peer)
{
	peer->refresh_mono = clock_mono_ms() + pause_ms(peer->unanswered++);
}

/* RXP-DSC-036: a question because of that ended without anything newer. */
static void note_strange(struct peer *peer)
{
	int64_t mono = clock_mono_ms();

	if (!peer->shows_strange || peer->strange)
		return;
	peer->strange = true;
	if (peer->strange_told_mono != 0 && mono - peer->strange_told_mono < REGISTRY_REFRESH_MS)
		return;
	peer->strange_told_mono = mono;
	log_event(LOG_PEER_STRANGE, LOG_S(peer->party));
}

void refresh_heard(struct peer *peer)
{
	peer->heard_mono = clock_mono_ms();
}

void refresh_met(struct peer *peer, bool reached)
{
	refresh_heard(peer);
	if (reached || peer->pulls)
		peer->shows_strange = peer->strange = false;
}

/* Somebody with a key of nobody connected: it may be the peer, which nobody can ask, if that has been silent for a while. */
static void note_knock(struct peer *peer, bool goes_on, int64_t mono)
{
	if (peer->heard_mono == 0)
		peer->heard_mono = mono; /* the time before the first that is known says nothing */
	if (!goes_on || mono - peer->heard_mono < REGISTRY_KNOCK_MS)
		return;
	peer->shows_strange = true;
	note_strange(peer);
}

static void finish(struct question *q, enum refresh_outcome outcome, const char *why)
{
	struct question **at = &q->by->first;
	struct waiter *w;

	q->peer->no_newer = peers_keys_old(q->peer, clock_wall_ms());
	while (*at != NULL && *at != q)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every question is in the list */
	*at = q->next;
	q->peer->old_at_start = false;
	if (q->suspects) {
		q->peer->suspected = true;
		/* However long the peer let it wait. One that nobody answered says nothing of what the peer has. */
		q->peer->suspect_mono =
		    clock_mono_ms() +
		    (outcome == REFRESH_PEER ? REGISTRY_SUSPECT_OFF_MS : REGISTRY_SUSPECT_MS);
		note_strange(q->peer);
	}
	if (outcome == REFRESH_ASKED)
		note_answered(q->peer);
	else
		note_unanswered(q->peer);
	while ((w = q->waiters) != NULL) {
		q->waiters = w->next;
		w->done(w->arg, outcome, why);
		free(w);
	}
	free(q);
}

/* Is it a fault of this machine, and not of the descriptor? */
static bool is_own_fault(int why)
{
	return why == RXP_ERR_NOMEM || why == RXP_ERR_IO || why == RXP_ERR_FULL ||
	       why == RXP_ERR_DAMAGED;
}

static void tell_false(const struct peer *peer, int result, const char *problem)
{
	log_event(LOG_DESCRIPTOR_FALSE, LOG_S(peer->party),
	    LOG_S(problem[0] != '\0' ? problem : rxp_err_text(result)));
}

static void renewed(void *arg, int result, const char *problem)
{
	struct question *q = arg;

	if (result != 0 && result != RXP_ERR_EXISTS && result != RXP_ERR_STATE &&
	    !is_own_fault(result))
		tell_false(q->peer, result, problem);
	if (result == 0) {
		q->suspects = q->peer->suspected = false;
		q->by->changed(q->by->arg, q->peer);
	}
	finish(q, is_own_fault(result) ? REFRESH_OWN : REFRESH_ASKED, "");
}

void refresh_fetched(struct refresh *r, uint64_t request, const struct msg_descriptor_fetched *m)
{
	struct question *q = r->first;
	char why[RECORD_NAME_MAX];

	while (q != NULL && q->request != request)
		q = q->next;
	if (q == NULL)
		abort(); /* the link passes on answers to open requests only */
	q->request = 0;
	if (m->outcome != 0) {
		finish(q, REFRESH_PEER, m->transport);
	} else if (m->octets.len == 0 || m->octets.len > RXP_MAX_DESCRIPTOR_OCTETS) {
		snprintf(
		    why, sizeof why, "no descriptor, HTTP status %u", (unsigned)m->http_status);
		finish(q, REFRESH_PEER, why);
	} else if (renew_whole(&r->config, q->peer, m->octets, NULL, renewed, q) != 0) {
		finish(q, REFRESH_OWN, "");
	}
}

/* --- asking --------------------------------------------------------------------------------------- */

static int ask(struct question **out, struct refresh *r, struct peer *peer)
{
	struct msg_fetch_descriptor m;
	struct question *q;

	if (!link_has_room(r->config.node->gateway, IPC_fetch_descriptor))
		return RXP_ERR_FULL;
	q = calloc(1, sizeof *q);
	if (q == NULL)
		return RXP_ERR_NOMEM;
	memcpy(m.peer, peer->party, sizeof m.peer);
	if (link_request(r->config.node->gateway, IPC_fetch_descriptor, &m, NULL, 0, &q->request) !=
	    0) {
		free(q);
		return RXP_ERR_FULL;
	}
	q->by = r;
	q->peer = peer;
	q->next = r->first;
	r->first = q;
	peer->was_asked = true;
	peer->asked_mono = clock_mono_ms();
	*out = q;
	return 0;
}

static struct question *open_question(const struct refresh *r, const struct peer *peer)
{
	struct question *q = r->first;

	while (q != NULL && q->peer != peer)
		q = q->next;
	return q;
}

int64_t refresh_waits_ms(const struct peer *peer, int64_t mono)
{
	return peer->ask_not_before_mono > mono ? peer->ask_not_before_mono - mono : 0;
}

/* Wait for the open question, or for a new one. */
static int join(struct refresh *r, struct peer *peer, bool suspects, refresh_done *done, void *arg)
{
	struct question *q = open_question(r, peer);
	struct waiter *w = malloc(sizeof *w);
	int rc;

	if (w == NULL)
		return RXP_ERR_NOMEM;
	if (q == NULL && (rc = ask(&q, r, peer)) != 0) {
		free(w);
		return rc;
	}
	*w = (struct waiter){.next = q->waiters, .done = done, .arg = arg};
	q->waiters = w;
	q->suspects = q->suspects || suspects;
	return 1;
}

int refresh_ask(struct refresh *r, struct peer *peer, refresh_done *done, void *arg)
{
	if (peer->pulls)
		peer->ask_not_before_mono = clock_mono_ms() + REGISTRY_GIVEN_MS;
	if (open_question(r, peer) == NULL && refresh_waits_ms(peer, clock_mono_ms()) > 0)
		return 0;
	return join(r, peer, false, done, arg);
}

static void nobody_waits(void *arg, enum refresh_outcome outcome, const char *why)
{
	(void)arg;
	(void)outcome;
	(void)why;
}

int refresh_suspect(struct refresh *r, struct peer *peer, refresh_done *done, void *arg)
{
	bool asked_now = peer->suspected && clock_mono_ms() < peer->suspect_mono;

	if (peer->pulls || (asked_now && open_question(r, peer) == NULL))
		return 0;
	return join(r, peer, true, done != NULL ? done : nobody_waits, arg);
}

int64_t refresh_again_ms(const struct peer *peer)
{
	int64_t left_ms = peer->suspect_mono - clock_mono_ms();

	return clock_wall_ms() + (left_ms > 0 ? left_ms : 0);
}

int refresh_first(struct refresh *r, struct peer *peer, refresh_done *done, void *arg)
{
	return peer->old_at_start && !peer->pulls ? join(r, peer, false, done, arg) : 0;
}

/* Whoever it was that connected: one that was asked a while ago. */
static void suspect_all(struct refresh *r, const uint8_t pin[RXP_DIGEST_OCTETS])
{
	int64_t mono = clock_mono_ms();
	bool goes_on = knocks_go_on(r->knocks, pin, mono);
	struct peer *peer;

	for (size_t i = 0; (peer = peers_at(r->config.peers, i)) != NULL; i++)
		if (peer->active && peer->pulls)
			note_knock(peer, goes_on, mono);
		else if (peer->active && open_question(r, peer) == NULL &&
			 (!peer->was_asked || mono - peer->asked_mono >= REGISTRY_KNOCK_MS) &&
			 refresh_suspect(r, peer, NULL, NULL) < 0)
			return; /* the next knock goes on */
}

void refresh_pin_unknown(struct refresh *r, const struct msg_pin_unknown *m)
{
	struct peer *peer = peers_active(r->config.peers, m->party);

	if (m->party[0] == '\0')
		suspect_all(r, m->pin);
	else if (peer != NULL) {
		peer->shows_strange = true;
		(void)refresh_suspect(r, peer, NULL, NULL);
	}
}

void refresh_tick(struct refresh *r)
{
	int64_t now = clock_wall_ms(), mono = clock_mono_ms();
	struct peer *peer;
	struct question *q;

	for (size_t i = 0; (peer = peers_at(r->config.peers, i)) != NULL; i++) {
		if (!peer->active || peer->pulls || !peers_keys_old(peer, now) ||
		    open_question(r, peer) != NULL ||
		    (peer->was_asked && mono < peer->refresh_mono))
			continue;
		if (ask(&q, r, peer) != 0)
			return; /* the next tick goes on */
	}
}

/* --- what is posted ------------------------------------------------------------------------------- */

#define HTTP_NOTHING 204
#define HTTP_UNPROCESSABLE 422
#define HTTP_BUSY 503

/* One that is being verified. */
struct post {
	struct peer *peer;
	refresh_taken *done;
	void *arg;
};

static void post_done(void *arg, int result, const char *problem)
{
	struct post *p = arg;
	int rc = 0;

	if (is_own_fault(result) || !p->peer->active) {
		rc = RXP_ERR_STATE;
	} else if (result == 0 || result == RXP_ERR_EXISTS) {
		p->peer->ask_not_before_mono = 0;
	} else {
		tell_false(p->peer, result, problem);
		rc = RXP_ERR_MISMATCH;
	}
	p->peer->posting = false;
	p->done(p->arg, rc);
	free(p);
}

void refresh_take(
    struct refresh *r, const char *party, struct bytes octets, refresh_taken *done, void *arg)
{
	struct peer *peer = peers_active(r->config.peers, party);
	struct post *p = NULL;

	if (peer != NULL && !peer->posting)
		p = malloc(sizeof *p);
	if (p != NULL)
		*p = (struct post){.peer = peer, .done = done, .arg = arg};
	if (p == NULL || octets.len == 0 || octets.len > RXP_MAX_DESCRIPTOR_OCTETS ||
	    renew_whole(&r->config, peer, octets, NULL, post_done, p) != 0) {
		free(p);
		done(arg, RXP_ERR_FULL);
		return;
	}
	peer->posting = true;
}

/* Whose request waits. */
struct posted {
	struct node *node;
	uint64_t request;
};

static void posted_done(void *arg, int result)
{
	struct posted *p = arg;
	const struct msg_descriptor_taken m = {.http_status = result == 0 ? HTTP_NOTHING
							      : result == RXP_ERR_MISMATCH
								  ? HTTP_UNPROCESSABLE
								  : HTTP_BUSY};

	link_answer(p->node->gateway, IPC_descriptor_taken, p->request, &m, NULL, 0);
	free(p);
}

void refresh_posted(struct refresh *r, uint64_t request, const struct msg_descriptor_posted *m)
{
	const struct msg_descriptor_taken busy = {.http_status = HTTP_BUSY};
	struct posted *p = malloc(sizeof *p);

	if (p == NULL) {
		link_answer(r->config.node->gateway, IPC_descriptor_taken, request, &busy, NULL, 0);
		return;
	}
	*p = (struct posted){.node = r->config.node, .request = request};
	refresh_take(r, m->party, m->octets, posted_done, p);
}

/* --- the module ----------------------------------------------------------------------------------- */

int refresh_new(struct refresh **out, const struct renew_config *config, struct knocks *knocks,
    refresh_changed *changed, void *arg)
{
	struct refresh *r = calloc(1, sizeof *r);
	struct peer *peer;

	if (r == NULL)
		return RXP_ERR_NOMEM;
	r->config = *config;
	r->knocks = knocks;
	r->changed = changed;
	r->arg = arg;
	for (size_t i = 0; (peer = peers_at(config->peers, i)) != NULL; i++)
		peer->old_at_start = peers_keys_old(peer, clock_wall_ms());
	*out = r;
	return 0;
}

void refresh_free(struct refresh *r)
{
	if (r == NULL)
		return;
	while (r->first != NULL) {
		struct question *q = r->first;

		r->first = q->next;
		while (q->waiters != NULL) {
			struct waiter *w = q->waiters;

			q->waiters = w->next;
			free(w);
		}
		free(q);
	}
	free(r);
}
