#include "daemon/registry/desk/desk.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/loop.h"
#include "daemon/registry/desk/desk_file.h"
#include "daemon/registry/desk/evidence.h"
#include "daemon/registry/desk/file_read.h"
#include "daemon/registry/cases/caseview.h"
#include "daemon/registry/desk/collect.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/desk/order.h"
#include "daemon/registry/desk/peering.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/state.h"
#include "daemon/registry/desk/status.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_case.h"
#include "daemon/registry/store/store_list.h"
#include "daemon/registry/desk/submit.h"
#include "protocol/buf.h"
#include "protocol/err.h"
#include "protocol/limits.h"

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

struct desk {
	struct node *node;
	struct waiter *first; /* no more than the windows of the two requests */
	struct timer *timer;
	bool received;
};

/* --- answers; each says whether the request may wait for a better one ---------------------------- */

static bool answer_show(
    struct desk *d, uint64_t request, const struct msg_message_show *q, bool last)
{
	struct msg_message_shown m = {0};
	struct rec_message_row row;
	struct rxp_buf octets, answer;
	bool wait;
	int rc;

	rxp_buf_init(&octets, IPC_INLINE_MAX);
	rxp_buf_init(&answer, RXP_MAX_ANSWER_OCTETS);
	rc = store_list_message(store_db(d->node->store), &row, &answer, q->local_id);
	if (rc == 0)
		rc = record_encode(&octets, &record_message_row, &row);
	m.result = (uint32_t)rc;
	if (rc == 0) {
		enum state state = state_of_word(row.state);

		m.final = state != STATE_NONE && state_final(state);
		m.row = (struct bytes){.data = octets.data, .len = octets.len};
		m.answer = (struct bytes){.data = answer.data, .len = answer.len};
	}
	wait = rc == 0 && !m.final && !last;
	if (!wait)
		link_answer(d->node->desk_link, IPC_message_shown, request, &m, NULL, 0);
	rxp_buf_free(&octets);
	rxp_buf_free(&answer);
	return wait;
}

static uint64_t waiting_for(const struct peer *peer)
{
	uint64_t n = 0;

	for (int s = STATE_NONE + 1; s < STATE_COUNT; s++)
		if (state_box((enum state)s) == STATE_OUTBOX && !state_final((enum state)s))
			n += peer->counts[s];
	return n;
}

static struct bytes first_endpoint(const struct peer *peer)
{
	struct record_cursor c = {.at = peer->records.data, .left = peer->records.len};
	struct rec_endpoint r;
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1)
		if (tag == REC_endpoint &&
		    record_decode(&r, &record_endpoint, fields.data, fields.len) == 0)
			return r.url;
	return (struct bytes){.data = NULL, .len = 0};
}

static int put_peer(struct rxp_buf *rows, const struct peer *peer)
{
	struct rec_peer_row r = {.identity_serial = peer->identity_serial,
	    .working_created_ms = peer->working_created_ms,
	    .added_ms = peer->added_ms,
	    .last_contact_ms = peer->last_contact_ms,
	    .outbox_waiting = waiting_for(peer),
	    .endpoint = first_endpoint(peer)};

	memcpy(r.party, peer->party, sizeof r.party);
	memcpy(r.root, peer->root, sizeof r.root);
	snprintf(r.state, sizeof r.state, "%s", peer->active ? "active" : "distrusted");
	return record_list_put(rows, REC_peer_row, &record_peer_row, &r);
}

/* One peer, or those whose codes come after the one that `after` begins with. */
static int list_peers(
    struct desk *d, struct rxp_buf *rows, bool *more, const struct msg_list *q, uint32_t limit)
{
	char after[4] = {0};
	struct peer *peer;
	uint32_t n = 0;
	int rc = 0;

	*more = false;
	memcpy(after, q->after, sizeof after - 1);
	for (size_t i = 0; rc == 0 && (peer = peers_at(d->node->peers, i)) != NULL; i++) {
		if (q->peer[0] != '\0' ? strcmp(peer->party, q->peer) != 0
				       : strcmp(peer->party, after) <= 0)
			continue;
		if (n++ == limit) {
			*more = true;
			break;
		}
		rc = put_peer(rows, peer);
	}
	return rc;
}

static bool answer_list(struct desk *d, uint64_t request, const struct msg_list *q, bool last)
{
	uint32_t limit = q->limit;
	struct msg_listed m = {0};
	enum store_list list;
	struct rxp_buf rows;
	bool more = false, wait;
	int rc;

	if (limit == 0 || limit > REGISTRY_PAGE_MAX)
		limit = REGISTRY_PAGE_MAX;
	rxp_buf_init(&rows, IPC_MESSAGE_MAX / 2);
	if (strcmp(q->list, "peers") == 0)
		rc = list_peers(d, &rows, &more, q, limit);
	else if (strcmp(q->list, "cases") == 0)
		rc = store_case_page(
		    store_db(d->node->store), &rows, &more, q->peer, q->after, limit);
	else if ((rc = store_list_parse(&list, q->list)) == 0)
		rc = store_list_page(
		    store_db(d->node->store), &rows, &more, list, q->peer, q->after, limit);
	wait = rc == 0 && rows.len == 0 && !last && strcmp(q->list, "inbox") == 0;
	m.result = (uint32_t)rc;
	if (rc == 0) {
		m.more = more;
		m.rows = (struct bytes){.data = rows.data, .len = rows.len};
	}
	if (!wait)
		link_answer(d->node->desk_link, IPC_listed, request, &m, NULL, 0);
	rxp_buf_free(&rows);
	return wait;
}

/* --- long polls ---------------------------------------------------------------------------------- */

static bool ask_again(struct desk *d, const struct waiter *w, bool last)
{
	if (w->type == IPC_message_show)
		return answer_show(d, w->request, &w->q.show, last);
	return answer_list(d, w->request, &w->q.list, last);
}

static bool concerns(const struct waiter *w, const uint8_t *local_id)
{
	if (local_id == NULL)
		return w->type == IPC_list;
	return w->type == IPC_message_show &&
	       memcmp(w->q.show.local_id, local_id, sizeof w->q.show.local_id) == 0;
}

/* Ask again those whose time is over and, unless only_late, those that it concerns. */
static void ask_all(struct desk *d, bool only_late, const uint8_t *local_id)
{
	struct waiter **at = &d->first;
	int64_t now = clock_mono_ms(), best = -1;

	while (*at != NULL) {
		struct waiter *w = *at;
		bool late = w->until_mono <= now;

		if ((late || (!only_late && concerns(w, local_id))) && !ask_again(d, w, late)) {
			*at = w->next;
			free(w);
			continue;
		}
		if (best < 0 || w->until_mono - now < best)
			best = w->until_mono - now;
		at = &w->next;
	}
	if (best >= 0)
		timer_arm(d->timer, best);
	else
		timer_disarm(d->timer);
}

static void on_timer(void *arg)
{
	ask_all(arg, true, NULL);
}

void desk_changed(struct desk *d, const uint8_t local_id[16])
{
	if (d->first != NULL)
		ask_all(d, false, local_id);
}

void desk_received(struct desk *d)
{
	d->received = d->first != NULL;
}

void desk_round(struct desk *d)
{
	if (!d->received)
		return;
	d->received = false;
	ask_all(d, false, NULL);
}

/* Without memory the request is answered at once, as if its time were over. */
static void answer_or_wait(struct desk *d, const struct waiter *asked, uint32_t wait_ms)
{
	struct waiter *w = NULL;

	if (wait_ms > REGISTRY_WAIT_MAX_MS)
		wait_ms = REGISTRY_WAIT_MAX_MS;
	if (wait_ms > 0)
		w = malloc(sizeof *w);
	if (!ask_again(d, asked, w == NULL) || w == NULL) {
		free(w);
		return;
	}
	*w = *asked;
	w->until_mono = clock_mono_ms() + wait_ms;
	w->next = d->first;
	d->first = w;
	ask_all(d, true, NULL);
}

/* --- requests ------------------------------------------------------------------------------------ */

typedef void desk_fn(struct desk *d, uint64_t request, const void *body);

static void take_show(struct desk *d, uint64_t request, const void *body)
{
	struct waiter w = {.type = IPC_message_show, .request = request};

	w.q.show = *(const struct msg_message_show *)body;
	answer_or_wait(d, &w, w.q.show.wait_ms);
}

static void take_list(struct desk *d, uint64_t request, const void *body)
{
	struct waiter w = {.type = IPC_list, .request = request};

	w.q.list = *(const struct msg_list *)body;
	answer_or_wait(d, &w, w.q.list.wait_ms);
}

static void take_peer_add(struct desk *d, uint64_t request, const void *body)
{
	peering_add(d->node, request, body);
}

static void take_peer_distrust(struct desk *d, uint64_t request, const void *body)
{
	peering_distrust(d->node, request, body);
}

static void take_peer_ping(struct desk *d, uint64_t request, const void *body)
{
	order_ping(d->node, request, body);
}

static void take_requeue(struct desk *d, uint64_t request, const void *body)
{
	order_requeue(d->node, request, body);
}

static void take_submit(struct desk *d, uint64_t request, const void *body)
{
	submit_take(d->node, request, body);
}

static void take_content(struct desk *d, uint64_t request, const void *body)
{
	collect_content(d->node->collect, request, body);
}

static void take_ack(struct desk *d, uint64_t request, const void *body)
{
	collect_ack(d->node->collect, request, body);
}

static void take_case(struct desk *d, uint64_t request, const void *body)
{
	caseview_show(d->node, request, body);
}

static void take_descriptor(struct desk *d, uint64_t request, const void *body)
{
	struct msg_descriptor_got m = {0};

	(void)body;
	m.octets = keys_descriptor(d->node->keys, m.root);
	m.result = m.octets.len > 0 ? 0 : (uint32_t)RXP_ERR_NOT_FOUND;
	link_answer(d->node->desk_link, IPC_descriptor_got, request, &m, NULL, 0);
}

static void take_evidence(struct desk *d, uint64_t request, const void *body)
{
	evidence_get(d->node, request, body);
}

static void take_status(struct desk *d, uint64_t request, const void *body)
{
	(void)body;
	status_answer(d->node, request);
}

static void take_attachment_new(struct desk *d, uint64_t request, const void *body)
{
	desk_file_begin(d->node->desk_files, request, body);
}

static void take_attachment_done(struct desk *d, uint64_t request, const void *body)
{
	desk_file_done(d->node->desk_files, request, body);
}

static void take_attachment_list(struct desk *d, uint64_t request, const void *body)
{
	desk_file_list(d->node, request, body);
}

static void take_attachment_get(struct desk *d, uint64_t request, const void *body)
{
	file_read_take(d->node->file_reads, request, body);
}

static desk_fn *const takers[IPC_TYPES] = {
    [IPC_peer_add] = take_peer_add,
    [IPC_peer_distrust] = take_peer_distrust,
    [IPC_peer_ping] = take_peer_ping,
    [IPC_list] = take_list,
    [IPC_message_show] = take_show,
    [IPC_message_requeue] = take_requeue,
    [IPC_descriptor_get] = take_descriptor,
    [IPC_submit] = take_submit,
    [IPC_content_get] = take_content,
    [IPC_inbox_ack] = take_ack,
    [IPC_case_show] = take_case,
    [IPC_evidence_get] = take_evidence,
    [IPC_attachment_new] = take_attachment_new,
    [IPC_attachment_done] = take_attachment_done,
    [IPC_attachment_list] = take_attachment_list,
    [IPC_attachment_get] = take_attachment_get,
    [IPC_status] = take_status,
};

void desk_take(struct desk *d, const struct link_message *m)
{
	if (takers[m->type] == NULL)
		abort(); /* a row of ipc.def without a function here */
	takers[m->type](d, m->request, m->body);
}

int desk_new(struct desk **out, struct node *n)
{
	struct desk *d = calloc(1, sizeof *d);
	int rc;

	if (d == NULL)
		return RXP_ERR_NOMEM;
	d->node = n;
	rc = timer_new(&d->timer, n->loop, on_timer, d);
	if (rc != 0) {
		free(d);
		return rc;
	}
	*out = d;
	return 0;
}

void desk_free(struct desk *d)
{
	if (d == NULL)
		return;
	while (d->first != NULL) {
		struct waiter *w = d->first;

		d->first = w->next;
		free(w);
	}
	timer_free(d->timer);
	free(d);
}
