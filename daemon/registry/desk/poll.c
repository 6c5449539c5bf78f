#include "daemon/registry/desk/poll.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/registry/desk/lists.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "protocol/base/err.h"

/* A long poll: one request that is asked again when something changes, until its time is over. */
struct waiter {
	struct waiter *next;
	enum ipc_type type; /* IPC_message_show or IPC_list */
	uint64_t request;
	int64_t until_mono;
	union {
		struct msg_message_show show;
		struct msg_list list;
	} q;
};

struct poll {
	struct node *node;
	struct peers *peers;
	struct waiter *first; /* no more than the windows of the two requests */
	struct timer *timer;
	bool received;
};

static bool ask_again(struct poll *p, const struct waiter *w, bool last)
{
	if (w->type == IPC_message_show)
		return lists_show(p->node, w->request, &w->q.show, last);
	return lists_page(p->node, p->peers, w->request, &w->q.list, last);
}

static bool concerns(const struct waiter *w, const uint8_t *local_id)
{
	if (local_id == NULL)
		return w->type == IPC_list;
	return w->type == IPC_message_show &&
	       memcmp(w->q.show.local_id, local_id, sizeof w->q.show.local_id) == 0;
}

/* Ask again those whose time is over and, unless only_late, those that it concerns. */
static void ask_all(struct poll *p, bool only_late, const uint8_t *local_id)
{
	struct waiter **at = &p->first;
	int64_t now = clock_mono_ms(), best = -1;

	while (*at != NULL) {
		struct waiter *w = *at;
		bool late = w->until_mono <= now;

		if ((late || (!only_late && concerns(w, local_id))) && !ask_again(p, w, late)) {
			*at = w->next;
			free(w);
			continue;
		}
		if (best < 0 || w->until_mono - now < best)
			best = w->until_mono - now;
		at = &w->next;
	}
	if (best >= 0)
		timer_arm(p->timer, best);
	else
		timer_disarm(p->timer);
}

static void on_timer(void *arg)
{
	ask_all(arg, true, NULL);
}

void poll_changed(struct poll *p, const uint8_t local_id[16])
{
	if (p->first != NULL)
		ask_all(p, false, local_id);
}

void poll_received(struct poll *p)
{
	p->received = p->first != NULL;
}

void poll_round(struct poll *p)
{
	if (!p->received)
		return;
	p->received = false;
	ask_all(p, false, NULL);
}

/* Without memory the request is answered at once, as if its time were over. */
static void answer_or_wait(struct poll *p, const struct waiter *asked, uint32_t wait_ms)
{
	struct waiter *w = NULL;

	if (wait_ms > REGISTRY_WAIT_MAX_MS)
		wait_ms = REGISTRY_WAIT_MAX_MS;
	if (wait_ms > 0)
		w = malloc(sizeof *w);
	if (!ask_again(p, asked, w == NULL) || w == NULL) {
		free(w);
		return;
	}
	*w = *asked;
	w->until_mono = clock_mono_ms() + wait_ms;
	w->next = p->first;
	p->first = w;
	ask_all(p, true, NULL);
}

void poll_show(struct poll *p, uint64_t request, const struct msg_message_show *m)
{
	struct waiter w = {.type = IPC_message_show, .request = request};

	w.q.show = *m;
	answer_or_wait(p, &w, m->wait_ms);
}

void poll_list(struct poll *p, uint64_t request, const struct msg_list *m)
{
	struct waiter w = {.type = IPC_list, .request = request};

	w.q.list = *m;
	answer_or_wait(p, &w, m->wait_ms);
}

int poll_new(struct poll **out, struct node *n, struct peers *peers)
{
	struct poll *p = calloc(1, sizeof *p);
	int rc;

	if (p == NULL)
		return RXP_ERR_NOMEM;
	p->node = n;
	p->peers = peers;
	rc = timer_new(&p->timer, n->loop, on_timer, p);
	if (rc != 0) {
		free(p);
		return rc;
	}
	*out = p;
	return 0;
}

void poll_free(struct poll *p)
{
	if (p == NULL)
		return;
	while (p->first != NULL) {
		struct waiter *w = p->first;

		p->first = w->next;
		free(w);
	}
	timer_free(p->timer);
	free(p);
}
