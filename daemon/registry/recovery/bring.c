#include "daemon/registry/recovery/bring.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/out/pickup.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/recovery/shown.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"

#define HTTP_LOST 201
#define HTTP_NOTHING 204
#define HTTP_SERVER_FAILS 500

/* What is brought to one peer. */
struct carrier {
	struct carrier *next;
	struct bring *by;
	struct peer *peer;
	struct store_bringing row; /* as it is to be stored next */
	uint64_t request; /* at the gateway; 0: none */
	bool storing;
	bool over; /* what is being stored ends it */
	bool lost; /* the peer had lost the last one */
	bool taken; /* it has the last one, again or as before */
	bool left; /* it did not take the last one, … */
	bool owed; /* … as far as what it does not show says */
	bool given; /* a peer that pulls fetched this one, of which nothing was heard yet */
	uint8_t given_id[RXP_ID_OCTETS], given_digest[RXP_DIGEST_OCTETS];
	struct shown shown; /* what bundles of it say */
	unsigned failures;
	int64_t not_before_mono;
	struct store_item item;
};

struct bring {
	struct node *node;
	struct peers *peers;
	struct pace *pace;
	struct pickup *pickup;
	struct timer *timer;
	int64_t due_mono; /* when it ends; 0: it does not run */
	struct carrier *first; /* one of each peer that ever lost something since the start */
};

static struct carrier *carrier_of(struct bring *b, struct peer *peer)
{
	struct carrier *c = b->first;

	while (c != NULL && c->peer != peer)
		c = c->next;
	if (c != NULL || (c = calloc(1, sizeof *c)) == NULL)
		return c;
	c->by = b;
	c->peer = peer;
	c->next = b->first;
	b->first = c;
	return c;
}

/* Look again in so long, or sooner if that was meant before. */
static void look_in(struct bring *b, int64_t ms)
{
	int64_t at = clock_mono_ms() + ms;

	if (b->due_mono != 0 && b->due_mono <= at)
		return;
	b->due_mono = at;
	timer_arm(b->timer, ms);
}

/* --- what came of it ------------------------------------------------------------------------------ */

/* Is what is open for the peer still what was read? It may have lost something more meanwhile (RXP-RCV-006), or have come
 * back in another state. 1 or 0. A loss here may have asked for what its log named. */
static int is_same(struct store_bringing *read, struct db *db)
{
	struct store_bringing now;
	int rc = store_bringing_get(db, &now, read->peer);

	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
	read->beyond = now.beyond;
	return now.began_ms == read->began_ms &&
	       memcmp(now.log_id, read->log_id, sizeof now.log_id) == 0;
}

/* When all is there, the messages follow, and the log that the peer keeps now is read from its beginning
 * (RXP-LOG-015). */
static int apply(void *arg, struct db *db)
{
	struct carrier *c = arg;
	int rc = is_same(&c->row, db);

	if (rc != 1) {
		c->over = false;
		return rc;
	}
	rc = c->lost    ? store_bringing_lost(db, &c->row)
	     : c->left  ? store_bringing_leave(db, &c->row, c->owed)
	     : c->taken ? store_bringing_had(db, &c->row)
			: 0;
	/* One that it says it has, and that its log lacks, stays told. */
	if (rc == 0 && (c->lost || (c->taken && !store_bringing_disputes(&c->row))))
		rc = store_difference_taken(db, c->row.peer, c->row.after);
	if (rc == 0 && c->over) {
		c->row.open = false;
		rc = store_bringing_send(db, &c->row, c->shown.up_to > 0, clock_wall_ms());
		if (rc == 0 && !store_bringing_disputes(&c->row))
			rc = store_watch_restart(db, c->peer->party, c->row.began_ms);
	}
	return rc != 0 ? rc : store_bringing_put(db, &c->row);
}

static void done(void *arg, int result)
{
	struct carrier *c = arg;

	c->storing = false;
	if (result == 0 && c->over) {
		c->peer->compared_ms = 0;
		c->peer->fetches_own = false;
		(void)store_difference_open(
		    store_db(c->by->node->store), &c->peer->differences, c->peer->party);
		log_event(LOG_PEER_HAS_ALL, LOG_S(c->peer->party), LOG_N(c->row.brought),
		    LOG_N(c->row.lost), LOG_N(c->row.not_taken));
		shown_clear(&c->shown);
		pace_kick(c->by->pace);
		if (c->row.beyond >
		    0) /* its log may have named what this node lost (RXP-RCV-024) */
			peers_read_log(c->peer);
	}
	if (result != 0)
		c->not_before_mono = clock_mono_ms() + REGISTRY_BRING_AGAIN_MS;
	look_in(c->by, result != 0 ? REGISTRY_BRING_AGAIN_MS : 0);
}

static void store(struct carrier *c, bool over)
{
	c->over = over;
	c->storing = true;
	c->item = (struct store_item){.apply = apply, .done = done, .arg = c};
	store_submit(c->by->node->store, &c->item);
}

bool bring_posted(struct bring *b, uint64_t request, const struct msg_posted *m)
{
	struct carrier *c = b->first;

	while (c != NULL && c->request != request)
		c = c->next;
	if (c == NULL)
		return false;
	c->request = 0;
	if (m->outcome != 0 || m->http_status >= HTTP_SERVER_FAILS) {
		c->not_before_mono = clock_mono_ms() + pace_backoff(b->pace, ++c->failures);
		look_in(b, REGISTRY_BRING_AGAIN_MS);
		return true;
	}
	c->failures = 0;
	c->lost = m->http_status == HTTP_LOST;
	c->taken = c->lost || m->http_status == HTTP_NOTHING;
	c->left = !c->taken;
	c->owed = false;
	c->row.lost += c->lost;
	if (c->taken)
		c->row.brought++;
	else
		c->row.not_taken++;
	store(c, false);
	return true;
}

/* --- one step ------------------------------------------------------------------------------------- */

static void post(struct carrier *c, const struct rxp_buf *answer)
{
	struct link *gateway = c->by->node->gateway;
	struct msg_post q = {
	    .what = IPC_POST_ANSWER, .octets = {.data = answer->data, .len = answer->len}};

	memcpy(q.peer, c->peer->party, sizeof q.peer);
	if (!link_has_room(gateway, IPC_post) ||
	    link_request(gateway, IPC_post, &q, NULL, 0, &c->request) != 0)
		look_in(c->by, REGISTRY_BRING_AGAIN_MS);
}

/* To whoever asks for it; then it rests. What follows says bring_returned() or bring_left(). */
static void give(struct carrier *c, const struct rxp_buf *answer)
{
	const struct bytes octets = {.data = answer->data, .len = answer->len};
	int64_t mono = clock_mono_ms();
	uint8_t digest[RXP_DIGEST_OCTETS];

	if (c->given && memcmp(c->given_id, c->row.after, sizeof c->given_id) == 0 &&
	    mono < c->peer->own_rests_mono) {
		look_in(c->by, c->peer->own_rests_mono - mono);
		return;
	}
	if (node_digest(digest, answer->data, answer->len) != 0 ||
	    !pickup_give(c->by->pickup, c->peer, c->row.after, octets))
		return;
	c->given = true;
	memcpy(c->given_id, c->row.after, sizeof c->given_id);
	memcpy(c->given_digest, digest, sizeof c->given_digest);
	c->peer->own_rests_mono = mono + REGISTRY_GIVEN_MS;
}

/* Of a party to which one was given; NULL: of none, or what came of it is being stored. */
static struct carrier *given_to(const struct bring *b, const char *party)
{
	struct carrier *c = b->first;

	while (c != NULL && strcmp(c->peer->party, party) != 0)
		c = c->next;
	return c != NULL && c->given && !c->storing ? c : NULL;
}

/* It has the one that is next, and had lost it, or does not take it, or does not show it. */
static void heard(struct carrier *c, bool has, bool owed)
{
	c->given = false;
	c->lost = c->taken = has;
	c->left = !has;
	c->owed = owed;
	if (has) {
		c->row.lost++;
		c->row.brought++;
	} else {
		c->row.not_taken++;
	}
	store(c, false);
}

void bring_returned(struct bring *b, const char *party, const uint8_t message_id[16])
{
	struct carrier *c = given_to(b, party);

	if (c != NULL && memcmp(c->given_id, message_id, sizeof c->given_id) == 0)
		heard(c, true, false);
}

void bring_left(struct bring *b, const struct msg_pickup *m)
{
	struct carrier *c = given_to(b, m->party);

	if (c == NULL || memcmp(c->given_digest, m->left, sizeof c->given_digest) != 0)
		return;
	heard(c, false, false);
}

int bring_shown(struct bring *b, struct peer *peer, const struct rxp_log_page *page)
{
	struct carrier *c = carrier_of(b, peer);
	struct store_bringing row;
	int rc = c == NULL ? RXP_ERR_NOMEM
			   : store_bringing_get(store_db(b->node->store), &row, peer->party);

	if (rc == 0 && row.open && shown_counts(&row, page)) {
		rc = shown_add(&c->shown, store_db(b->node->store), peer->party, page);
		c->not_before_mono = 0;
		look_in(b, 0);
	}
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* Has a line reached it since it said that it lost them? */
static bool on_line(struct peer *peer, const struct store_bringing *row)
{
	if (peer->last_contact_ms > row->began_ms)
		return true;
	peer->met_counts = true;
	return false;
}

/* What a bundle says of the one that is next. A peer that is met on a line is brought it there: what it has not may be on its way. */
static bool is_shown(struct carrier *c, struct db *db)
{
	enum shown_word word = shown_of(&c->shown, db, c->peer->party, c->row.after,
	    on_line(c->peer, &c->row) ? 0 : c->row.began_ms);

	if (word != SHOWN_NOTHING)
		heard(c, word == SHOWN_HAS, word == SHOWN_MISSING);
	return word != SHOWN_NOTHING;
}

/* There is no other. Those that it did not take come once more, if one has shown since that it lost something (RXP-RCV-019): the next
 * bundle says what came of it. What that shows of messages sent since began_ms counts again: there may be nothing more to send. */
static void last(struct carrier *c)
{
	bool again = !c->row.again && c->row.not_taken > 0 && c->row.lost > 0;

	c->lost = c->taken = c->left = false;
	if (again) {
		c->row.again = true;
		shown_clear(&c->shown);
		c->row.not_taken = 0;
		memset(c->row.after, 0, sizeof c->row.after);
	}
	store(c, !again);
}

static void step(struct carrier *c)
{
	struct db *db = store_db(c->by->node->store);
	struct rxp_buf answer;
	int rc = store_bringing_get(db, &c->row, c->peer->party);

	if (rc != 0 || !c->row.open)
		return;
	rxp_buf_init(&answer, RXP_MAX_ANSWER_OCTETS);
	rc = store_bringing_next(db, &c->row, &answer);
	if (rc == 0 && is_shown(c, db)) {
		rxp_buf_free(&answer);
		return;
	}
	if (rc == 0 && c->peer->pulls) {
		give(c, &answer);
	} else if (rc == 0) {
		post(c, &answer);
	} else if (rc == RXP_ERR_NOT_FOUND) {
		last(c);
	}
	rxp_buf_free(&answer);
}

/* What bundles did not bring for sure, a line does. */
static void bring_owed(struct bring *b)
{
	struct db *db = store_db(b->node->store);
	char party[RXP_PARTY_TEXT] = "";

	while (store_bringing_owed(db, party, party) == 0) {
		struct peer *peer = peers_active(b->peers, party);
		struct carrier *c = peer != NULL ? carrier_of(b, peer) : NULL;

		if (c == NULL || c->request != 0 || c->storing ||
		    store_bringing_get(db, &c->row, party) != 0 || c->row.open ||
		    !on_line(peer, &c->row))
			continue;
		c->lost = c->taken = c->left = false;
		c->row.open = c->row.again = true;
		c->row.not_taken = 0;
		memset(c->row.after, 0, sizeof c->row.after);
		store(c, false);
	}
}

void bring_round(struct bring *b)
{
	char party[RXP_PARTY_TEXT] = "";
	int64_t mono = clock_mono_ms();

	bring_owed(b);
	while (store_bringing_open(store_db(b->node->store), party, party) == 0) {
		struct peer *peer = peers_active(b->peers, party);
		struct carrier *c = peer != NULL ? carrier_of(b, peer) : NULL;

		if (peer != NULL)
			peer->fetches_own = peer->pulls;
		if (c == NULL || c->request != 0 || c->storing)
			continue;
		if (mono < c->not_before_mono)
			look_in(b, c->not_before_mono - mono);
		else
			step(c);
	}
}

/* --- the module ----------------------------------------------------------------------------------- */

static void on_timer(void *arg)
{
	struct bring *b = arg;

	b->due_mono = 0;
	bring_round(b);
}

int bring_new(struct bring **out, struct node *n, struct peers *peers, struct pace *pace,
    struct pickup *pickup)
{
	struct bring *b = calloc(1, sizeof *b);
	int rc;

	if (b == NULL)
		return RXP_ERR_NOMEM;
	*b = (struct bring){.node = n, .peers = peers, .pace = pace, .pickup = pickup};
	rc = timer_new(&b->timer, n->loop, on_timer, b);
	if (rc != 0) {
		free(b);
		return rc;
	}
	*out = b;
	return 0;
}

void bring_free(struct bring *b)
{
	struct carrier *c;

	if (b == NULL)
		return;
	while ((c = b->first) != NULL) {
		b->first = c->next;
		shown_clear(&c->shown);
		free(c);
	}
	timer_free(b->timer);
	free(b);
}
