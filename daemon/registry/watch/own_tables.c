#include "daemon/registry/watch/own_tables.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/db.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_erasure.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_watch.h"
#include "daemon/registry/store/tally.h"
#include "daemon/registry/store/tally_look.h"
#include "daemon/registry/watch/found.h"
#include "protocol/base/err.h"

#define PAUSE_MS 5 /* between two slices, … */
#define START_SLICES 256 /* … of which a start waits for so many: some thousands of rows */
#define AGAIN_MS 60000 /* … and after one in which the disk failed */

/* One of a table that was looked at to its end. */
struct differs {
	struct tally_difference d;
	bool open; /* nobody has noted it, of one peer at least */
};

struct own_tables {
	struct node *node;
	struct peers *peers;
	struct timer *next;
	bool busy;
	bool over; /* this was the last slice, … */
	bool whole; /* … and all was looked at */
	bool failed; /* the disk, in this one */
	bool storing; /* the item waits for its commit */
	bool unkept; /* not all that this look found has a row */
	bool overwritten; /* somebody else wrote into the file, and that was seen */
	int64_t now_ms;
	size_t n;
	struct differs of[FOUND_MAX]; /* what has no room here is found again tomorrow */
	struct store_item item;
};

/* --- what was found ------------------------------------------------------------------------------------ */

static void tell(void *arg, const struct tally_difference *d)
{
	struct own_tables *o = arg;

	if (o->n < FOUND_MAX)
		o->of[o->n++] = (struct differs){.d = *d};
	else
		o->unkept = true;
}

static bool concerns(const struct own_tables *o, const struct differs *f, const struct peer *peer)
{
	return peers_find(o->peers, f->d.party) == NULL || strcmp(f->d.party, peer->party) == 0;
}

/* Of those that are kept so many wait for a person that there is no room: this one is found again. */
static int put(struct own_tables *o, struct differs *f, struct db *db, const struct peer *peer)
{
	static const uint8_t none[RXP_ID_OCTETS];
	struct store_difference d = {.peer = peer->party,
	    .what = RXP_LOG_OWN_TABLE,
	    .n = f->d.table,
	    .message_id = none,
	    .at_ms = o->now_ms};
	bool open = false;
	int rc;

	memcpy(d.log_id, f->d.names, sizeof d.log_id);
	memcpy(d.shown, f->d.names, sizeof d.shown);
	rc = store_difference_put(db, &d, &open);
	f->open = f->open || open;
	o->unkept = o->unkept || rc == RXP_ERR_FULL;
	return rc == RXP_ERR_FULL ? 0 : rc;
}

static int apply(void *arg, struct db *db)
{
	struct own_tables *o = arg;
	const struct peer *peer;
	int rc = 0;

	for (size_t i = 0; i < o->n; i++) {
		o->of[i].open = peers_at(o->peers, 0) == NULL;
		o->unkept = o->unkept || o->of[i].open;
		for (size_t k = 0; rc == 0 && (peer = peers_at(o->peers, k)) != NULL; k++)
			if (concerns(o, &o->of[i], peer))
				rc = put(o, &o->of[i], db, peer);
	}
	return rc;
}

static void tell_all(const struct own_tables *o)
{
	const struct rxp_log_difference_row *row = rxp_log_difference_row(RXP_LOG_OWN_TABLE);
	struct peer *peer;

	for (size_t i = 0; i < o->n; i++) {
		const struct tally_difference *d = &o->of[i].d;

		if (o->of[i].open)
			log_event(LOG_LOG_DIFFERS,
			    LOG_S(d->party[0] != '\0' ? d->party : o->node->own), LOG_S(row->word),
			    LOG_N(d->table), LOG_S(""), LOG_S(tally_name(d->table)),
			    LOG_S(row->meaning));
	}
	for (size_t i = 0; (peer = peers_at(o->peers, i)) != NULL; i++)
		found_count(o->node, peer);
}

/* --- slices -------------------------------------------------------------------------------------------- */

/* What has no row keeps what it would let go back until another look finds it no more. */
static void end(struct own_tables *o, bool whole)
{
	o->node->tables_checked_ms = o->now_ms;
	o->node->proved.all = o->node->proved.all || whole;
	o->node->proved.unkept = o->unkept;
	o->busy = false;
}

/* The first look is waited for. */
static int64_t pause_ms(const struct own_tables *o)
{
	if (o->failed)
		return AGAIN_MS;
	return o->node->proved.sends ? PAUSE_MS : 0;
}

static void go_on(struct own_tables *o)
{
	const struct tally *t = db_tally(store_db(o->node->store));

	o->node->proved.unkept = o->node->proved.unkept || o->unkept;
	if (!o->failed && (!o->over || o->whole) && !tally_look_sends(t))
		o->node->proved.sends = true;
	if (o->over)
		end(o, o->whole);
	else
		timer_arm(o->next, pause_ms(o));
}

static void done(void *arg, int result)
{
	struct own_tables *o = arg;

	o->storing = false;
	if (result == 0)
		tell_all(o);
	else
		o->unkept = true;
	go_on(o);
}

/* Whatever else fails, such as memory, is tried again tomorrow. */
static void slice(struct own_tables *o)
{
	int rc;

	o->n = 0;
	rc = tally_look_on(db_tally(store_db(o->node->store)), tell, o);
	o->failed = rc == RXP_ERR_IO;
	o->over = rc != 1 && !o->failed;
	o->whole = rc == 0;
	if (o->n == 0) {
		go_on(o);
		return;
	}
	o->storing = true;
	o->item = (struct store_item){.apply = apply, .done = done, .arg = o};
	store_submit(o->node->store, &o->item);
}

static void on_timer(void *arg)
{
	slice(arg);
}

static void begin(struct own_tables *o)
{
	o->busy = true;
	o->unkept = false;
	o->now_ms = clock_wall_ms();
	db_forget(store_db(o->node->store));
	tally_look_begin(db_tally(store_db(o->node->store)));
}

void own_tables_now(struct own_tables *o)
{
	if (o->busy)
		return;
	begin(o);
	timer_arm(o->next, 0);
}

/* What was looked at so far is not what stands there now. */
static void look_anew(struct own_tables *o)
{
	o->overwritten = true;
	o->node->proved = (struct node_proved){.unkept = o->node->proved.unkept};
	begin(o);
	timer_arm(o->next, 0);
}

/* What could not be looked at, or has no row, keeps things back: not for a day. */
static int64_t every_ms(const struct own_tables *o)
{
	return o->node->proved.all && !o->node->proved.unkept ? REGISTRY_WATCH_MS
							      : REGISTRY_WATCH_AGAIN_MS;
}

void own_tables_tick(struct own_tables *o)
{
	int64_t now = clock_wall_ms(), last = o->node->tables_checked_ms;

	if (!o->overwritten && !o->storing && db_overwritten(store_db(o->node->store)))
		look_anew(o);
	else if (last == 0 || now < last || now - last >= every_ms(o))
		own_tables_now(o);
}

/* --- the module ---------------------------------------------------------------------------------------- */

/* Are these data an older copy, which owes erasures? */
static bool owes(struct db *db)
{
	struct erasure owed;
	int64_t at_ms;

	return store_put_back_get(db, &at_ms) == 0 || store_erasure_owed(db, &owed, 0) == 0;
}

static void start(struct own_tables *o)
{
	const bool to_its_end = owes(store_db(o->node->store));
	size_t n = 0;

	begin(o);
	do {
		slice(o);
		store_round(o->node->store);
	} while (o->busy && !o->failed && !store_failing(o->node->store) &&
		 (to_its_end || ++n < START_SLICES));
	db_forget(store_db(o->node->store));
}

int own_tables_new(struct own_tables **out, struct node *n, struct peers *peers)
{
	struct own_tables *o = calloc(1, sizeof *o);
	int rc;

	if (o == NULL)
		return RXP_ERR_NOMEM;
	o->node = n;
	o->peers = peers;
	rc = timer_new(&o->next, n->loop, on_timer, o);
	if (rc != 0) {
		free(o);
		return rc;
	}
	start(o);
	*out = o;
	return 0;
}

void own_tables_free(struct own_tables *o)
{
	if (o == NULL)
		return;
	timer_free(o->next);
	free(o);
}
