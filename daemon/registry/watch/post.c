#include "daemon/registry/watch/post.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/watch/logpages.h"
#include "protocol/base/err.h"

#define HTTP_ACCEPTED 202
#define HTTP_NOTHING 204

enum stage {
	STAGE_RESTS, /* until it is time */
	STAGE_WANTED, /* the page behind `after` is to be made */
	STAGE_MADE, /* a sealer makes it */
	STAGE_POSTED, /* it is on its way */
};

/* One peer to which the log is shown. */
struct reader {
	struct post *by;
	struct reader *next;
	struct peer *peer;
	enum stage stage;
	bool first; /* only the end of the log was posted: any entry may be named */
	uint64_t after;
	uint64_t request; /* in STAGE_POSTED */
	unsigned failures; /* in a row */
	int64_t shown_ms; /* wall time; 0: not since the start */
	int64_t not_before_mono;
};

struct post {
	struct post_config config;
	struct reader *first;
};

/* --- the end ------------------------------------------------------------------------------------ */

static void shown(struct reader *r)
{
	r->stage = STAGE_RESTS;
	r->failures = 0;
	r->shown_ms = clock_wall_ms();
}

/* It begins anew with the end of the log. */
static void failed(struct reader *r)
{
	const struct post_config *c = &r->by->config;

	r->stage = STAGE_RESTS;
	r->not_before_mono = clock_mono_ms() + c->backoff(c->backoff_arg, ++r->failures);
}

/* --- a page ------------------------------------------------------------------------------------- */

static void made(void *arg, struct bytes page)
{
	struct reader *r = arg;
	struct link *gateway = r->by->config.node->gateway;
	struct msg_post q = {.what = IPC_POST_LOG, .octets = page};

	memcpy(q.peer, r->peer->party, sizeof q.peer);
	r->stage = STAGE_POSTED;
	if (page.len == 0 || !link_has_room(gateway, IPC_post) ||
	    link_request(gateway, IPC_post, &q, NULL, 0, &r->request) != 0)
		failed(r);
}

/* What has no room waits for the next tick. */
static void make(struct reader *r)
{
	int rc = logpages_make(r->by->config.logpages, r->peer, r->after, made, r);

	if (rc == 0)
		r->stage = STAGE_MADE;
	else if (rc != RXP_ERR_FULL)
		failed(r);
}

/* RXP-PUL-011: a reader that goes back would have it for ever. */
static bool goes_on(const struct reader *r, int64_t offset)
{
	uint64_t after = (uint64_t)offset;

	return offset >= 0 && after <= r->peer->log.count && (r->first || after > r->after);
}

static void next(struct reader *r, const struct msg_posted *m)
{
	if (!goes_on(r, m->offset)) {
		failed(r);
		return;
	}
	r->after = (uint64_t)m->offset;
	r->first = false;
	r->failures = 0;
	r->stage = STAGE_WANTED;
	make(r);
}

bool post_posted(struct post *p, uint64_t request, const struct msg_posted *m)
{
	struct reader *r = p->first;

	while (r != NULL && (r->stage != STAGE_POSTED || r->request != request))
		r = r->next;
	if (r == NULL)
		return false;
	if (m->outcome == 0 && m->http_status == HTTP_ACCEPTED)
		next(r, m);
	else if (m->outcome == 0 && m->http_status == HTTP_NOTHING)
		shown(r);
	else
		failed(r);
	return true;
}

/* --- when --------------------------------------------------------------------------------------- */

static struct reader *reader_of(struct post *p, struct peer *peer)
{
	struct reader *r = p->first;

	while (r != NULL && r->peer != peer)
		r = r->next;
	if (r != NULL || (r = calloc(1, sizeof *r)) == NULL)
		return r;
	r->by = p;
	r->peer = peer;
	r->next = p->first;
	p->first = r;
	return r;
}

static bool is_due(const struct reader *r)
{
	int64_t now = clock_wall_ms();

	return r->stage == STAGE_RESTS && r->peer->active && !r->peer->pulls &&
	       clock_mono_ms() >= r->not_before_mono &&
	       (now < r->shown_ms || now - r->shown_ms >= REGISTRY_SHOW_MS);
}

void post_tick(struct post *p)
{
	struct peer *peer;
	struct reader *r;

	if (p->config.node->config.pulls == 0)
		return;
	for (size_t i = 0; (peer = peers_at(p->config.peers, i)) != NULL; i++) {
		r = reader_of(p, peer);
		if (r == NULL)
			return;
		if (is_due(r)) {
			r->stage = STAGE_WANTED;
			r->first = true;
			r->after = peer->log.count;
		}
		if (r->stage == STAGE_WANTED && peer->active)
			make(r);
	}
}

/* --- the module --------------------------------------------------------------------------------- */

int post_new(struct post **out, const struct post_config *config)
{
	struct post *p = calloc(1, sizeof *p);

	if (p == NULL)
		return RXP_ERR_NOMEM;
	p->config = *config;
	*out = p;
	return 0;
}

void post_free(struct post *p)
{
	struct reader *r;

	if (p == NULL)
		return;
	while ((r = p->first) != NULL) {
		p->first = r->next;
		free(r);
	}
	free(p);
}
