#include "daemon/registry/watch/logpages.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/entries.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_logpage.h"
#include "protocol/base/err.h"

#define HTTP_OK 200
#define HTTP_BUSY 503

/* One page that a sealer makes. */
struct order {
	struct order *next;
	struct logpages *by;
	char party[4];
	logpages_made *made;
	void *arg;
	struct rxp_log_page *page; /* owned; NULL if it is not to be kept */
	bool carried; /* for a bundle: the peer did not ask, and may meanwhile */
};

struct logpages {
	struct node *node; /* borrowed, as the rest */
	struct peers *peers;
	struct order *orders; /* owned */
};

static void answer(const struct logpages *l, uint64_t request, unsigned status, struct bytes page)
{
	const struct msg_log_got m = {.http_status = status, .page = page};

	link_answer(l->node->gateway, IPC_log_got, request, &m, NULL, 0);
}

/* RXP-LOG-004 */
static bool may_have(struct peer *peer)
{
	return !peer->page_in_work && peers_minute(&peer->pages_given, REGISTRY_PAGES_MINUTE_MAX);
}

/* --- the entries -------------------------------------------------------------------------------- */

struct filling {
	struct msg_seal_log_page *q;
	struct rxp_buf *rows;
	uint64_t n; /* the last entry put */
	uint8_t head[RXP_DIGEST_OCTETS]; /* as stored with it */
};

/* Up to where one is missing: what is not there is not claimed. */
static int put_entry(
    void *arg, uint64_t n, const struct rxp_log_entry *e, const uint8_t head[RXP_DIGEST_OCTETS])
{
	struct filling *f = arg;

	if (n != f->n + 1)
		return RXP_ERR_STATE;
	f->n = n;
	memcpy(f->head, head, sizeof f->head);
	return entries_put(f->rows, e);
}

static int find_after_head(
    struct db *db, struct msg_seal_log_page *q, const struct store_log_of *log, const char *own)
{
	int rc;

	if (q->after == 0)
		return rxp_logchain_start(q->after_head, own, q->peer, q->log_id);
	rc = store_log_head(db, q->after_head, log, q->after);
	return rc == RXP_ERR_NOT_FOUND ? 0
				       : rc; /* zeros, which the peer does not take for the head */
}

/* A log that lacks entries in its database ends, in the page, before them. */
static void end_where_it_ends(struct msg_seal_log_page *q, const struct filling *f)
{
	if (f->n == q->after)
		memcpy(q->head, q->after_head, sizeof q->head);
	else
		memcpy(q->head, f->head, sizeof q->head);
	q->count = f->n;
}

static int fill(struct msg_seal_log_page *q, struct rxp_buf *rows, const struct logpages *l,
    const struct peer *peer, uint64_t after)
{
	struct db *db = store_db(l->node->store);
	struct store_log_of log = {.peer = peer->party};
	struct filling f = {.q = q, .rows = rows};
	int rc;

	memcpy(q->peer, peer->party, sizeof q->peer);
	q->created_ms = clock_wall_ms();
	memcpy(q->log_id, peer->log_id, sizeof q->log_id);
	memcpy(log.log_id, peer->log_id, sizeof log.log_id);
	q->count = peer->log.count;
	memcpy(q->head, peer->log.head, sizeof q->head);
	q->after = after < q->count ? after : q->count;
	rc = find_after_head(db, q, &log, l->node->own);
	f.n = q->after;
	if (rc == 0)
		rc = store_log_each(db, &log, q->after, RXP_MAX_LOG_PAGE_ENTRIES, put_entry, &f);
	if (rc == RXP_ERR_STATE || (rc == 0 && f.n == q->after) || f.n > q->count) {
		end_where_it_ends(q, &f);
		rc = 0;
	}
	q->rows = (struct bytes){.data = rows->data, .len = rows->len};
	return rc;
}

/* --- the page ----------------------------------------------------------------------------------- */

static void order_free(struct order *o)
{
	free(o->page);
	free(o);
}

static void unlink_order(struct order *o)
{
	struct order **at = &o->by->orders;

	while (*at != o)
		at = &(*at)->next;
	*at = o->next;
}

/* A page that was given, on its way into the database. */
struct keeping {
	struct store_item item;
	char party[RXP_PARTY_TEXT];
	struct rxp_log_page *page; /* owned */
	struct rxp_buf octets;
};

static void keeping_free(struct keeping *k)
{
	free(k->page);
	rxp_buf_free(&k->octets);
	free(k);
}

static int keep_apply(void *arg, struct db *db)
{
	const struct keeping *k = arg;

	return store_logpage_keep(
	    db, &(struct store_logpage){.peer = k->party,
		    .own = true,
		    .page = k->page,
		    .octets = {.data = k->octets.data, .len = k->octets.len}});
}

/* The peer has it either way, and asks for one again tomorrow. */
static void kept(void *arg, int result)
{
	(void)result;
	keeping_free(arg);
}

/* RXP-LOG-016. Without memory it is not kept. */
static void keep_page(struct order *o, struct bytes octets)
{
	struct keeping *k = calloc(1, sizeof *k);

	if (k == NULL)
		return;
	k->item = (struct store_item){.apply = keep_apply, .done = kept, .arg = k};
	memcpy(k->party, o->party, sizeof k->party);
	k->page = o->page;
	o->page = NULL;
	rxp_buf_init(&k->octets, RXP_MAX_LOG_PAGE_OCTETS);
	if (rxp_buf_put(&k->octets, octets.data, octets.len) == 0)
		store_submit(o->by->node->store, &k->item);
	else
		keeping_free(k);
}

static void sealed(void *arg, int result, const struct link_message *m)
{
	struct order *o = arg;
	const struct msg_log_page_sealed *a = m != NULL ? m->body : NULL;
	struct peer *peer = peers_find(o->by->peers, o->party);
	int rc = result != 0 || a == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)a->result;

	unlink_order(o);
	if (!o->carried)
		peer->page_in_work = false;
	if (rc != 0 && rc != RXP_ERR_LATER)
		log_event(LOG_LOG_NOT_GIVEN, LOG_S(o->party), LOG_S(rxp_err_text(rc)));
	else if (o->page != NULL)
		keep_page(o, a->octets);
	o->made(o->arg, rc == 0 ? a->octets : (struct bytes){0});
	order_free(o);
}

/* What of it is to be known when it is sealed. */
static int set_page(struct order *o, const struct msg_seal_log_page *q)
{
	struct rxp_log_page *page = calloc(1, sizeof *page);
	int rc;

	if (page == NULL)
		return RXP_ERR_NOMEM;
	memcpy(page->log_id, q->log_id, sizeof page->log_id);
	page->after = q->after;
	rc = entries_take(page, q->rows);
	if (rc == 0 && store_logpage_fits(page))
		o->page = page;
	else
		free(page);
	return rc;
}

static int begin(struct logpages *l, struct peer *peer, uint64_t after, bool carried,
    logpages_made *made, void *arg)
{
	struct msg_seal_log_page q = {.after = 0};
	struct order *o = calloc(1, sizeof *o);
	struct rxp_buf rows;
	int rc;

	if (o == NULL)
		return RXP_ERR_NOMEM;
	*o = (struct order){.by = l, .made = made, .arg = arg, .carried = carried};
	memcpy(o->party, peer->party, sizeof o->party);
	rxp_buf_init(&rows, ENTRIES_OCTETS);
	rc = fill(&q, &rows, l, peer, after);
	if (rc == 0)
		rc = set_page(o, &q);
	if (rc == 0)
		rc = work_submit(l->node->work, IPC_seal_log_page, &q, NULL, 0, sealed, o);
	rxp_buf_free(&rows);
	if (rc != 0) {
		order_free(o);
		return rc;
	}
	o->next = l->orders;
	l->orders = o;
	peer->page_in_work = peer->page_in_work || !carried;
	return 0;
}

int logpages_make(
    struct logpages *l, struct peer *peer, uint64_t after, logpages_made *made, void *arg)
{
	return may_have(peer) ? begin(l, peer, after, false, made, arg) : RXP_ERR_FULL;
}

int logpages_carry(
    struct logpages *l, struct peer *peer, uint64_t after, logpages_made *made, void *arg)
{
	return begin(l, peer, after, true, made, arg);
}

/* --- who asks ----------------------------------------------------------------------------------- */

struct asked {
	struct logpages *by;
	uint64_t request;
};

static void made(void *arg, struct bytes page)
{
	struct asked *a = arg;

	answer(a->by, a->request, page.len > 0 ? HTTP_OK : HTTP_BUSY, page);
	free(a);
}

void logpages_give(struct logpages *l, uint64_t request, const struct msg_log_get *m)
{
	struct peer *peer = peers_active(l->peers, m->party);
	struct asked *a = peer != NULL ? malloc(sizeof *a) : NULL;

	if (a != NULL) {
		*a = (struct asked){.by = l, .request = request};
		if (logpages_make(l, peer, m->after, made, a) == 0)
			return;
	}
	free(a);
	answer(l, request, HTTP_BUSY, (struct bytes){0});
}

/* --- the module --------------------------------------------------------------------------------- */

int logpages_new(struct logpages **out, struct node *node, struct peers *peers)
{
	struct logpages *l = calloc(1, sizeof *l);

	if (l == NULL)
		return RXP_ERR_NOMEM;
	l->node = node;
	l->peers = peers;
	*out = l;
	return 0;
}

void logpages_free(struct logpages *l)
{
	struct order *o;

	if (l == NULL)
		return;
	while ((o = l->orders) != NULL) {
		l->orders = o->next;
		o->made(o->arg, (struct bytes){0});
		order_free(o);
	}
	free(l);
}
