#include "daemon/registry/in/pull.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/in/pulled.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/peers/peers.h"
#include "protocol/base/err.h"

#define HTTP_OK 200
#define HTTP_NOTHING 204
#define HTTP_SERVER_FAILS 500
#define FAILURES_SAID 2

/* What is done with one peer. */
struct source {
	struct pull *by;
	struct source *next;
	struct peer *peer;
	uint64_t asking, telling; /* requests: the question, the post of our descriptor; 0: none */
	bool told; /* it has our descriptor, or will have when that ends */
	uint8_t left
	    [RXP_DIGEST_OCTETS]; /* of an answer of ours that is not taken; zeros: of none that the peer has not heard of */
	unsigned failures; /* in a row */
	int64_t not_before_mono, asked_mono;
	struct pulled *first; /* at most REGISTRY_PULLS_MAX, one of them in PULLED_ADMIT */
	size_t n;
};

struct pull {
	struct pull_config config;
	struct source *first;
	struct timer *timer;
	bool kicked;
};

static void kick(void *arg)
{
	struct pull *p = arg;

	p->kicked = true;
}

/* --- how it goes --------------------------------------------------------------------------------- */

static void rest(struct source *s, int64_t ms)
{
	int64_t until = clock_mono_ms() + ms;

	if (until > s->not_before_mono)
		s->not_before_mono = until;
}

/* Said once, at the second time: a connection may end. */
static void failed(struct source *s, const char *why)
{
	if (++s->failures == FAILURES_SAID)
		log_event(LOG_PULL_FAILED, LOG_S(s->peer->party), LOG_S(why));
	rest(s, s->by->config.backoff(s->by->config.backoff_arg, s->failures));
}

static void failed_with(struct source *s, uint32_t outcome, const char *transport, uint32_t status)
{
	char why[RECORD_NAME_MAX];

	snprintf(why, sizeof why, "HTTP status %u", (unsigned)status);
	failed(s, outcome != 0 ? transport : why);
}

static void worked(struct source *s)
{
	s->failures = 0;
}

/* --- what was fetched ---------------------------------------------------------------------------- */

static void drop_over(struct source *s)
{
	struct pulled **at = &s->first, *d;

	while ((d = *at) != NULL) {
		if (d->stage != PULLED_OVER) {
			at = &d->next;
			continue;
		}
		if (d->rests)
			rest(s, REGISTRY_PULL_PAUSE_MS);
		if (d->left)
			memcpy(s->left, d->digest, sizeof s->left);
		*at = d->next;
		s->n--;
		pulled_free(d);
	}
}

static unsigned in_stage(const struct source *s, enum pulled_stage stage, bool sent)
{
	unsigned n = 0;

	for (const struct pulled *d = s->first; d != NULL; d = d->next)
		n += d->stage == stage && (!sent || d->request != 0);
	return n;
}

static void go_on(struct source *s)
{
	for (struct pulled *d = s->first; d != NULL; d = d->next)
		if (d->stage != PULLED_FETCH ||
		    in_stage(s, PULLED_FETCH, true) < REGISTRY_PULL_FILES_MAX)
			pulled_send(d);
}

static void take(struct source *s, const struct msg_polled *m)
{
	struct pull_config *c = &s->by->config;
	struct pulled *d = NULL;

	if (pulled_new(&d, c->node, c->admit, s->peer->party, m) != 0) {
		rest(s, REGISTRY_PULL_PAUSE_MS);
		return;
	}
	d->moved = kick;
	d->moved_arg = s->by;
	d->next = s->first;
	s->first = d;
	s->n++;
	if (!pulled_take_own(d, c->own, c->own_arg))
		pulled_admit(d);
}

/* --- asking -------------------------------------------------------------------------------------- */

static void tell(struct source *s)
{
	struct node *n = s->by->config.node;
	uint8_t root[32];
	struct msg_post q = {
	    .what = IPC_POST_DESCRIPTOR, .octets = keys_descriptor(s->by->config.keys, root)};

	if (q.octets.len == 0 || !link_has_room(n->gateway, IPC_post))
		return;
	memcpy(q.peer, s->peer->party, sizeof q.peer);
	if (link_request(n->gateway, IPC_post, &q, NULL, 0, &s->telling) == 0)
		s->told = true;
}

static void ask(struct source *s)
{
	struct node *n = s->by->config.node;
	uint8_t skip[REGISTRY_PULLS_MAX][RXP_ID_OCTETS];
	struct msg_poll q = {.skip = {.data = skip[0]}};

	if (!link_has_room(n->gateway, IPC_poll))
		return;
	for (const struct pulled *d = s->first; d != NULL; d = d->next) {
		memcpy(skip[q.skip.len / RXP_ID_OCTETS], d->message_id, RXP_ID_OCTETS);
		q.skip.len += RXP_ID_OCTETS;
	}
	memcpy(q.peer, s->peer->party, sizeof q.peer);
	memcpy(q.left, s->left, sizeof q.left);
	s->asked_mono = clock_mono_ms();
	(void)link_request(n->gateway, IPC_poll, &q, NULL, 0, &s->asking);
}

static bool may_begin(const struct source *s)
{
	return s->telling == 0 && s->peer->active && !s->peer->pulls &&
	       clock_mono_ms() >= s->not_before_mono;
}

/* Beside a question that waits, since what changed may be the key that the next message is for. */
static bool may_tell(const struct source *s)
{
	return may_begin(s) && !s->told;
}

/* What comes next may depend on it. */
static bool has_own(const struct source *s)
{
	for (const struct pulled *d = s->first; d != NULL; d = d->next)
		if (d->own && d->stage != PULLED_OVER)
			return true;
	return false;
}

/* Until the one in PULLED_ADMIT is known by its id, nothing could be said of it to the peer. */
static bool may_ask(const struct source *s)
{
	return may_begin(s) && s->told && s->asking == 0 && s->n < REGISTRY_PULLS_MAX &&
	       in_stage(s, PULLED_ADMIT, false) == 0 && !has_own(s);
}

static struct source *source_of(struct pull *p, struct peer *peer)
{
	struct source *s = p->first;

	while (s != NULL && s->peer != peer)
		s = s->next;
	if (s != NULL || (s = calloc(1, sizeof *s)) == NULL)
		return s;
	s->by = p;
	s->peer = peer;
	s->next = p->first;
	p->first = s;
	return s;
}

static void arm(struct pull *p)
{
	int64_t first = INT64_MAX, now = clock_mono_ms();

	for (const struct source *s = p->first; s != NULL; s = s->next)
		if (s->not_before_mono > now && s->not_before_mono < first)
			first = s->not_before_mono;
	if (first != INT64_MAX)
		timer_arm(p->timer, first - now);
}

void pull_round(struct pull *p)
{
	struct peer *peer;
	struct source *s;

	if (!p->kicked || p->config.node->config.pulls == 0)
		return;
	p->kicked = false;
	for (size_t i = 0; (peer = peers_at(p->config.peers, i)) != NULL; i++) {
		s = source_of(p, peer);
		if (s == NULL)
			return;
		go_on(s);
		drop_over(s);
		if (may_tell(s))
			tell(s);
		if (may_ask(s))
			ask(s);
	}
	arm(p);
}

/* --- the gateway's answers ----------------------------------------------------------------------- */

static struct source *asked(const struct pull *p, uint64_t request)
{
	struct source *s = p->first;

	while (s != NULL && s->asking != request)
		s = s->next;
	return s;
}

static struct source *told(const struct pull *p, uint64_t request)
{
	struct source *s = p->first;

	while (s != NULL && s->telling != request)
		s = s->next;
	return s;
}

static struct pulled *of_pulled(struct pull *p, uint64_t request)
{
	struct pulled *d;

	for (struct source *s = p->first; s != NULL; s = s->next)
		for (d = s->first; d != NULL; d = d->next)
			if (d->request == request)
				return d;
	abort(); /* the link passes on answers to open requests only */
}

void pull_polled(struct pull *p, uint64_t request, const struct msg_polled *m)
{
	struct source *s = asked(p, request);

	if (s == NULL)
		abort(); /* as above */
	s->asking = 0;
	if (m->outcome == 0 && (m->http_status == HTTP_OK || m->http_status == HTTP_NOTHING))
		memset(s->left, 0, sizeof s->left); /* it has heard of it */
	kick(p);
	if (m->outcome == 0 && m->http_status == HTTP_OK && m->envelope.len > 0) {
		worked(s);
		take(s, m);
	} else if (m->outcome == 0 && m->http_status == HTTP_NOTHING) {
		worked(s);
		if (clock_mono_ms() - s->asked_mono < REGISTRY_PULL_PAUSE_MS)
			rest(s, REGISTRY_PULL_PAUSE_MS);
	} else {
		failed_with(s, m->outcome, m->transport, m->http_status);
	}
}

void pull_posted(struct pull *p, uint64_t request, const struct msg_posted *m)
{
	struct source *s = told(p, request);

	kick(p);
	if (s == NULL) {
		pulled_posted(of_pulled(p, request), m);
		return;
	}
	s->telling = 0;
	if (m->outcome == 0 && m->http_status == HTTP_NOTHING)
		return;
	/* One that it does not take is no reason not to fetch what it has. */
	s->told = s->told && m->outcome == 0 && m->http_status < HTTP_SERVER_FAILS;
	failed_with(s, m->outcome, m->transport, m->http_status);
}

void pull_downloaded(struct pull *p, uint64_t request, const struct msg_downloaded *m)
{
	kick(p);
	pulled_downloaded(of_pulled(p, request), m);
}

/* --- the module ---------------------------------------------------------------------------------- */

void pull_tick(struct pull *p)
{
	kick(p);
}

void pull_descriptor(struct pull *p)
{
	for (struct source *s = p->first; s != NULL; s = s->next)
		s->told = false;
	kick(p);
}

int pull_new(struct pull **out, const struct pull_config *config)
{
	struct pull *p = calloc(1, sizeof *p);
	int rc;

	if (p == NULL)
		return RXP_ERR_NOMEM;
	p->config = *config;
	p->kicked = true;
	rc = timer_new(&p->timer, config->node->loop, kick, p);
	if (rc != 0) {
		free(p);
		return rc;
	}
	*out = p;
	return 0;
}

void pull_free(struct pull *p)
{
	struct source *s;
	struct pulled *d;

	if (p == NULL)
		return;
	while ((s = p->first) != NULL) {
		p->first = s->next;
		while ((d = s->first) != NULL) {
			s->first = d->next;
			pulled_free(d);
		}
		free(s);
	}
	timer_free(p->timer);
	free(p);
}
