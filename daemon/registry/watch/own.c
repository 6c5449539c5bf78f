#include "daemon/registry/watch/own.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_watch.h"
#include "daemon/registry/watch/fit.h"
#include "daemon/registry/watch/own_case.h"
#include "daemon/registry/watch/own_files.h"
#include "daemon/registry/watch/own_tables.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define PAUSE_MS 5 /* between two slices */

/* In this order. */
enum look { LOOK_ENTRIES, LOOK_INBOX, LOOK_OUTBOX, LOOK_CASES, LOOK_WATCH, LOOKS };

struct own {
	struct node *node;
	struct peers *peers;
	struct own_tables *tables;
	struct own_files *files;
	struct timer *next;
	struct peer *peer; /* in work, or NULL */
	struct store_log_of
	    log; /* of it, in work: those that ended, by LogId, and then the present one */
	bool present; /* it is the present one */
	uint64_t end_n; /* of one that ended: where … */
	uint8_t end_head[RXP_DIGEST_OCTETS]; /* … with which head */
	uint64_t n; /* the last entry looked at … */
	uint8_t head[RXP_DIGEST_OCTETS]; /* … and the head as stored there */
	struct found found;
	struct store_item item; /* of what was found */
	enum look look; /* what is looked at */
	uint8_t message[RXP_ID_OCTETS]; /* the last of either box, or the last case */
	bool over; /* this was the last slice */
	int64_t now_ms;
};

/* --- one entry ------------------------------------------------------------------------------------ */

/* One entry that receipts, and the row of the inbox. */
struct receipted {
	const struct rxp_log_entry *entry;
	bool holds;
};

static int hold_against(void *arg, const struct store_log_row *row)
{
	struct receipted *r = arg;

	r->holds = row->received_ms == r->entry->received_ms && fit_row(row) && fit_answer(row);
	return 0;
}

static int look_in_inbox(struct own *o, uint64_t n, const struct rxp_log_entry *e)
{
	struct receipted r = {.entry = e};
	int rc;

	if (e->outcome != RXP_OUTCOME_RECEIPT)
		return 0;
	rc = store_log_received(store_db(o->node->store), o->peer->party, e, hold_against, &r);
	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc == RXP_ERR_EXISTS ? 0 : rc;
	if (!r.holds)
		found_tell(&o->found, RXP_LOG_OWN_MESSAGE, n, e->message_id);
	return 0;
}

static int look_at_entry(
    void *arg, uint64_t n, const struct rxp_log_entry *e, const uint8_t head[RXP_DIGEST_OCTETS])
{
	static const uint8_t none[RXP_ID_OCTETS];
	struct own *o = arg;
	int rc;

	for (uint64_t gap = o->n + 1; gap < n && o->found.n < FOUND_MAX; gap++)
		found_tell(&o->found, RXP_LOG_OWN_GAP, gap, none);
	if (n == o->n + 1) {
		rc = rxp_logchain_extend(o->head, n, e);
		if (rc != 0)
			return rc;
		if (memcmp(o->head, head, sizeof o->head) != 0)
			found_tell(&o->found, RXP_LOG_OWN_ENTRY, n, e->message_id);
	}
	o->n = n;
	memcpy(o->head, head, sizeof o->head); /* each entry is judged by itself */
	return look_in_inbox(o, n, e);
}

static bool ends_at(const struct own *o, uint64_t n, const uint8_t head[RXP_DIGEST_OCTETS])
{
	return n == o->n && memcmp(head, o->head, sizeof o->head) == 0;
}

/* What the row of the peer says, and what this process gives out in receipts; or what was noted when the log ended. */
static int look_at_end(struct own *o)
{
	static const uint8_t none[RXP_ID_OCTETS];
	const struct store_log *log = &o->peer->log;
	struct store_log_of present = {.peer = o->peer->party};
	uint8_t head[RXP_DIGEST_OCTETS];
	bool holds = ends_at(o, o->end_n, o->end_head);
	uint64_t n;
	int rc = 0;

	if (o->present && memcmp(o->log.log_id, o->peer->log_id, sizeof o->log.log_id) != 0)
		return 0; /* it ended meanwhile */
	if (o->present) {
		rc = store_log_end(store_db(o->node->store), &present, &n, head);
		holds = rc == 0 && ends_at(o, n, head) && ends_at(o, log->count, log->head);
	}
	if (rc == 0 && !holds)
		found_tell(&o->found, RXP_LOG_OWN_END, o->n, none);
	return rc;
}

/* --- the logs of one peer ------------------------------------------------------------------------- */

static int begin_log(struct own *o)
{
	o->n = 0;
	return rxp_logchain_start(o->head, o->node->own, o->peer->party, o->log.log_id);
}

/* The next one. RXP_ERR_NOT_FOUND: that was the present one. */
static int next_log(struct own *o)
{
	int rc;

	if (o->present)
		return RXP_ERR_NOT_FOUND;
	rc = store_log_former(store_db(o->node->store), &o->log, &o->end_n, o->end_head);
	if (rc == RXP_ERR_NOT_FOUND) {
		o->present = true;
		memcpy(o->log.log_id, o->peer->log_id, sizeof o->log.log_id);
		rc = 0;
	}
	return rc != 0 ? rc : begin_log(o);
}

/* --- slices --------------------------------------------------------------------------------------- */

static void end(struct own *o)
{
	o->peer->own_checked_ms = o->now_ms;
	o->peer = NULL;
	timer_arm(o->next, PAUSE_MS); /* another may be due */
}

static int apply(void *arg, struct db *db)
{
	struct own *o = arg;

	return found_store(&o->found, db, o->peer->party, (struct bytes){0}, o->now_ms);
}

static void done(void *arg, int result)
{
	struct own *o = arg;

	if (result == 0)
		found_told(&o->found, o->node, o->peer);
	if (result != 0 || o->over)
		end(o);
	else
		timer_arm(o->next, PAUSE_MS);
}

/* RXP_ERR_NOT_FOUND of each look: there is nothing more of it. */

static int look_at_entries(struct own *o)
{
	uint64_t from = o->n;
	int rc = store_log_each(
	    store_db(o->node->store), &o->log, from, REGISTRY_WATCH_OWN_SLICE, look_at_entry, o);

	if (rc != 0 || o->n != from)
		return rc;
	rc = look_at_end(o);
	return rc != 0 ? rc : next_log(o);
}

static int tell_left(void *arg, const uint8_t message_id[RXP_ID_OCTETS])
{
	found_tell(arg, RXP_LOG_OWN_MESSAGE, 0, message_id);
	return 0;
}

static int look_at_inbox(struct own *o)
{
	return store_log_inbox_left(store_db(o->node->store), o->message, o->peer->party,
	    REGISTRY_WATCH_SLICE, tell_left, &o->found);
}

static int look_at_sent(void *arg, const struct store_log_row *row)
{
	if (!fit_row(row) || !fit_answer(row))
		found_tell(arg, RXP_LOG_OWN_SENT, 0, row->message_id);
	return 0;
}

static int look_at_outbox(struct own *o)
{
	return store_log_delivered(store_db(o->node->store), o->message, o->peer->party,
	    REGISTRY_WATCH_OWN_SLICE, look_at_sent, &o->found);
}

static int look_at_case(struct own *o)
{
	int rc = store_log_case(store_db(o->node->store), o->message, o->peer->party);

	return rc != 0 ? rc : own_case_look(&o->found, o->node, o->peer->party, o->message);
}

static int64_t latest(const struct store_watch *w)
{
	const int64_t times[] = {w->whole_ms, w->since_ms, w->made_ms};
	int64_t ms = w->compared_ms;

	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++)
		ms = times[i] > ms ? times[i] : ms;
	return ms;
}

/* The times of what was noted of the peer's log, one look (RXP-LOG-029). Those that a hand wrote are found by own_tables.h. */
static int look_at_watch(struct own *o)
{
	static const uint8_t none[RXP_ID_OCTETS];
	int64_t ahead_ms;
	struct db *db = store_db(o->node->store);
	struct store_watch w;
	int rc = store_watch_get(db, &w, o->peer->party);

	if (rc != 0)
		return rc;
	if (w.since_ms != 0)
		rc = store_watch_began(db, o->peer->party, w.since_ms);
	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	if (rc != 0)
		found_tell(&o->found, RXP_LOG_OWN_WATCH, 0, none);
	ahead_ms = latest(&w) - clock_wall_ms();
	if (ahead_ms > RXP_MAX_CLOCK_AHEAD_MS)
		log_event(LOG_CLOCK_WENT_BACK, LOG_S(o->peer->party), LOG_N(ahead_ms / 1000));
	return RXP_ERR_NOT_FOUND;
}

typedef int look_fn(struct own *o);

static look_fn *const looks[LOOKS] = {[LOOK_ENTRIES] = look_at_entries,
    [LOOK_INBOX] = look_at_inbox,
    [LOOK_OUTBOX] = look_at_outbox,
    [LOOK_CASES] = look_at_case,
    [LOOK_WATCH] = look_at_watch};

static int look_on(struct own *o)
{
	int rc = looks[o->look](o);

	if (rc != RXP_ERR_NOT_FOUND)
		return rc;
	memset(o->message, 0, sizeof o->message);
	o->over = ++o->look == LOOKS;
	return 0;
}

static void slice(struct own *o)
{
	int rc;

	found_clear(&o->found);
	if (o->look == LOOK_ENTRIES)
		found_in(&o->found, o->log.log_id);
	rc = look_on(o);
	o->over = o->over || rc != 0;
	if (rc == 0 && o->found.n > 0) {
		o->item = (struct store_item){.apply = apply, .done = done, .arg = o};
		store_submit(o->node->store, &o->item);
	} else if (o->over) {
		end(o);
	} else {
		timer_arm(o->next, PAUSE_MS);
	}
}

static void begin(struct own *o, struct peer *peer)
{
	if (o->peer != NULL) {
		peer->own_checked_ms = 0; /* it is next */
		return;
	}
	o->now_ms = clock_wall_ms();
	o->look = LOOK_ENTRIES;
	o->over = false;
	memset(o->message, 0, sizeof o->message);
	o->peer = peer;
	o->log = (struct store_log_of){.peer = peer->party};
	o->present = false;
	if (next_log(o) != 0) {
		o->peer = NULL;
		return;
	}
	timer_arm(o->next, 0);
}

static void look(struct own *o)
{
	int64_t now = clock_wall_ms();
	struct peer *peer;

	for (size_t i = 0; (peer = peers_at(o->peers, i)) != NULL; i++) {
		int64_t last = peer->own_checked_ms;

		if (last != 0 && now >= last && now - last < REGISTRY_WATCH_MS)
			continue;
		begin(o, peer);
		return;
	}
}

void own_now(struct own *o, struct peer *peer)
{
	own_tables_now(o->tables);
	begin(o, peer);
}

static void on_timer(void *arg)
{
	struct own *o = arg;

	if (o->peer != NULL)
		slice(o);
	else
		look(o);
}

void own_tick(struct own *o)
{
	own_tables_tick(o->tables);
	own_files_tick(o->files);
	if (o->peer == NULL)
		look(o);
}

/* --- the module ----------------------------------------------------------------------------------- */

int own_new(struct own **out, struct node *n, struct peers *peers, struct own_tables *tables)
{
	struct own *o = calloc(1, sizeof *o);
	int rc;

	if (o == NULL)
		return RXP_ERR_NOMEM;
	o->node = n;
	o->peers = peers;
	o->tables = tables;
	rc = own_files_new(&o->files, n, peers);
	if (rc == 0)
		rc = timer_new(&o->next, n->loop, on_timer, o);
	if (rc != 0) {
		own_free(o);
		return rc;
	}
	*out = o;
	return 0;
}

void own_free(struct own *o)
{
	if (o == NULL)
		return;
	timer_free(o->next);
	own_files_free(o->files);
	free(o);
}
