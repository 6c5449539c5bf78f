#include "daemon/registry/peers/peers.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_peer.h"
#include "protocol/base/err.h"

#define MINUTE_MS (60 * 1000LL)

struct peers {
	struct node *node;
	struct peer *all[REGISTRY_PEERS_MAX]; /* owned, by party code */
	size_t n;
};

/* --- the table ---------------------------------------------------------------------------------- */

struct peer *peers_at(struct peers *p, size_t i)
{
	return i < p->n ? p->all[i] : NULL;
}

struct peer *peers_find(struct peers *p, const char *party)
{
	for (size_t i = 0; i < p->n; i++)
		if (strcmp(p->all[i]->party, party) == 0)
			return p->all[i];
	return NULL;
}

struct peer *peers_active(struct peers *p, const char *party)
{
	struct peer *peer = peers_find(p, party);

	return peer != NULL && peer->active ? peer : NULL;
}

void peers_count(struct peer *peer, enum state from, enum state to)
{
	if (from != STATE_NONE)
		peer->counts[from]--;
	peer->counts[to]++;
}

static bool has_endpoint(const struct rxp_buf *records)
{
	struct record_cursor c = {.at = records->data, .left = records->len};
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(&c, &tag, &fields) == 1)
		if (tag == REC_endpoint)
			return true;
	return false;
}

/* What the descriptor says of ends, as its sealer read them. */
static void take_ends(struct peer *peer)
{
	struct record_cursor c = {.at = peer->records.data, .left = peer->records.len};
	struct rec_ending r;
	struct bytes fields;
	enum ending e;
	uint16_t tag;

	for (int i = 0; i < ENDING_COUNT; i++)
		if (i != ENDING_TLS)
			peer->dates.until_ms[i] = 0;
	while (record_list_next(&c, &tag, &fields) == 1)
		if (tag == REC_ending &&
		    record_decode(&r, &record_ending, fields.data, fields.len) == 0 &&
		    ending_find(&e, r.what) == 0)
			peer->dates.until_ms[e] = r.until_ms;
}

/* What a commit made of the row; log and counts of a known peer stay as they are. */
static int take_row(struct peer *peer, const struct store_peer *row)
{
	struct rxp_buf records;
	int rc;

	rxp_buf_init(&records, REGISTRY_PEER_ROWS_MAX);
	rc = rxp_buf_put(&records, row->records.data, row->records.len);
	if (rc != 0) {
		rxp_buf_free(&records);
		return rc;
	}
	rxp_buf_free(&peer->records);
	peer->records = records;
	peer->pulls = !has_endpoint(&records);
	peer->active = row->active;
	memcpy(peer->root, row->root, sizeof peer->root);
	peer->identity_serial = row->identity_serial;
	memcpy(peer->identity, row->identity, sizeof peer->identity);
	peer->working_created_ms = row->working_created_ms;
	peer->keyless = false;
	peer->no_newer = false;
	peer->shows_strange = peer->strange = false;
	take_ends(peer);
	return 0;
}

static int insert(struct peers *p, const struct store_peer *row)
{
	struct peer *peer;
	size_t at = p->n;
	int rc;

	if (p->n == REGISTRY_PEERS_MAX)
		return RXP_ERR_FULL;
	peer = calloc(1, sizeof *peer);
	if (peer == NULL)
		return RXP_ERR_NOMEM;
	rc = take_row(peer, row);
	if (rc != 0) {
		free(peer);
		return rc;
	}
	memcpy(peer->party, row->party, sizeof peer->party);
	peer->added_ms = row->added_ms;
	peer->last_contact_ms = row->last_contact_ms;
	peer->met_counts = true; /* what was stored before the start may be a minute old */
	memcpy(peer->log_id, row->log_id, sizeof peer->log_id);
	peer->log.count = row->log_count;
	memcpy(peer->log.head, row->log_head, sizeof peer->log.head);
	for (; at > 0 && strcmp(p->all[at - 1]->party, peer->party) > 0; at--)
		p->all[at] = p->all[at - 1];
	p->all[at] = peer;
	p->n++;
	return 0;
}

/* Of one of which a hand has made what is stored no records are known (the look at tables tells of it, too): with that peer nothing is
 * exchanged until its descriptor is brought again, and with the others all is. */
static int load_one(void *arg, const struct store_peer *row)
{
	if (row->records.len == 0)
		log_event(LOG_PEER_UNREADABLE, LOG_S(row->party));
	return insert(arg, row);
}

static int load_count(void *arg, const char *party, enum state state, uint64_t count)
{
	struct peer *peer = peers_find(arg, party);

	if (peer == NULL)
		return RXP_ERR_DAMAGED;
	peer->counts[state] = count;
	return 0;
}

static int load_line(void *arg, const char *party, const struct store_line *line)
{
	struct peer *peer = peers_find(arg, party);

	if (peer == NULL)
		return RXP_ERR_DAMAGED;
	peer->line = *line;
	return 0;
}

int peers_new(struct peers **out, struct node *n)
{
	struct peers *p = calloc(1, sizeof *p);
	struct db *db = store_db(n->store);
	int rc;

	if (p == NULL)
		return RXP_ERR_NOMEM;
	p->node = n;
	rc = store_peer_each(db, load_one, p);
	if (rc == 0)
		rc = store_inbox_counts(db, load_count, p);
	if (rc == 0)
		rc = store_line_each(db, load_line, p);
	if (rc != 0) {
		peers_free(p);
		return rc;
	}
	*out = p;
	return 0;
}

void peers_free(struct peers *p)
{
	if (p == NULL)
		return;
	for (size_t i = 0; i < p->n; i++) {
		rxp_buf_free(&p->all[i]->records);
		free(p->all[i]);
	}
	free(p);
}

/* --- what is known of one ----------------------------------------------------------------------- */

static bool next_key(struct record_cursor *cursor, struct rec_peer_key *key)
{
	struct bytes fields;
	uint16_t tag;

	while (record_list_next(cursor, &tag, &fields) == 1)
		if (tag == REC_peer_key &&
		    record_decode(key, &record_peer_key, fields.data, fields.len) == 0)
			return true;
	return false;
}

static struct record_cursor keys_of(const struct peer *peer)
{
	return (struct record_cursor){.at = peer->records.data, .left = peer->records.len};
}

int peers_agreement_key(const struct peer *peer, int64_t now_ms, uint8_t key_id[32])
{
	struct record_cursor cursor = keys_of(peer);
	struct rec_peer_key key, best = {0};
	bool found = false;

	while (next_key(&cursor, &key)) {
		if (key.from_ms > now_ms || now_ms >= key.until_ms ||
		    (found && key.from_ms <= best.from_ms))
			continue;
		best = key;
		found = true;
	}
	if (!found)
		return RXP_ERR_NOT_FOUND;
	memcpy(key_id, best.key_id, sizeof best.key_id);
	return 0;
}

bool peers_keys_old(const struct peer *peer, int64_t now_ms)
{
	struct record_cursor cursor = keys_of(peer);
	struct rec_peer_key key;
	bool lasts = false, young = false;

	while (next_key(&cursor, &key)) {
		lasts = lasts ||
			(key.from_ms <= now_ms && key.until_ms > now_ms + REGISTRY_KEY_LASTS_MS);
		young = young || key.from_ms >= now_ms - REGISTRY_KEY_MAKE_MS;
	}
	return !lasts || !young;
}

int64_t peers_keys_until_ms(const struct peer *peer)
{
	struct record_cursor cursor = keys_of(peer);
	struct rec_peer_key key;
	int64_t until = 0;

	while (next_key(&cursor, &key))
		if (key.until_ms > until)
			until = key.until_ms;
	return until;
}

int64_t peers_goes_until(const struct peer *peer, bool files, int64_t now_ms)
{
	const struct store_line *line = &peer->line;

	if (hours_open(&line->window, now_ms) && (!files || hours_open(&line->files, now_ms)))
		return INT64_MAX;
	return line->urgent_waits ? INT64_MIN : now_ms + REGISTRY_URGENT_MS;
}

/* --- the last contact --------------------------------------------------------------------------- */

struct contact {
	struct store_item item;
	char party[4];
	int64_t at_ms;
};

static int contact_apply(void *arg, struct db *db)
{
	const struct contact *c = arg;

	return store_peer_contact(db, c->party, c->at_ms);
}

static void contact_done(void *arg, int result)
{
	(void)result; /* a figure for people; the next contact writes it again */
	free(arg);
}

bool peers_minute(struct minute *m, unsigned most)
{
	int64_t mono = clock_mono_ms();

	if (mono - m->since_mono >= MINUTE_MS)
		*m = (struct minute){.since_mono = mono};
	if (m->n >= most)
		return false;
	m->n++;
	return true;
}

void peers_read_log(struct peer *peer)
{
	peer->read_since_start = false;
	peer->watch_tried_ms = 0;
	if (peer->pulls)
		peer->log_wanted = true;
}

void peers_contact(struct peers *p, struct peer *peer, int64_t until_ms)
{
	peer->dates.until_ms[ENDING_TLS] = until_ms;
	if (peer->log_unreached && !peer->read_since_start)
		peer->watch_tried_ms = 0; /* RXP-RCV-001 */
	peers_met(p, peer, clock_wall_ms());
}

/* Is it to be stored that it was met now? */
static bool contact_counts(const struct peer *peer, int64_t now)
{
	return peer->met_counts || now - peer->last_contact_ms >= REGISTRY_CONTACT_MS ||
	       now < peer->last_contact_ms;
}

void peers_met(struct peers *p, struct peer *peer, int64_t at_ms)
{
	int64_t now = clock_wall_ms();
	struct contact *c;

	if (at_ms > now)
		at_ms = now;
	if (!contact_counts(peer, now))
		return;
	peer->met_counts = false;
	peer->last_contact_ms = at_ms;
	c = calloc(1, sizeof *c);
	if (c == NULL)
		return;
	c->item = (struct store_item){.apply = contact_apply, .done = contact_done, .arg = c};
	memcpy(c->party, peer->party, sizeof c->party);
	c->at_ms = at_ms;
	store_submit(p->node->store, &c->item);
}

/* Newer keys are fetched three days before the last one ends, so there is nothing to tell unless that was in vain. Both
 * nodes of a pair that was off for long make their keys in their first seconds. */
static bool gives_keys(const struct peer *peer, int64_t mono)
{
	return !peer->pulls && (!peer->no_newer || mono - peer->asked_mono < REGISTRY_ASKED_MS);
}

void peers_tell_ends(struct peers *p, int64_t now_ms)
{
	int64_t mono = clock_mono_ms();

	for (size_t i = 0; i < p->n; i++) {
		struct peer *peer = p->all[i];
		struct dates *d = &peer->dates;

		if (!peer->active)
			continue;
		d->until_ms[ENDING_AGREEMENT] =
		    gives_keys(peer, mono) ? 0 : peers_keys_until_ms(peer);
		(void)dates_tick(d, peer->party, false, now_ms);
	}
}

int peers_take(struct peers *p, const struct store_peer *row)
{
	struct peer *peer = peers_find(p, row->party);

	return peer != NULL ? take_row(peer, row) : insert(p, row);
}
