#include "daemon/registry/out/pickup.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/loop.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/outbox.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_outbox.h"
#include "protocol/base/err.h"
#include "protocol/base/ident.h"

#define HTTP_OK 200
#define HTTP_NOTHING 204
#define HTTP_BUSY 503

/* A peer that asked once, and what it has in work. */
struct basket {
	struct pickup *by;
	struct basket *next;
	struct peer *peer;
	uint64_t request; /* at the gateway */
	bool waits; /* it is not answered */
	bool looked; /* what is due was looked through for it */
	bool filling; /* a message is being got ready for it */
	int64_t until_mono;
	size_t n_skip;
	uint8_t skip[REGISTRY_SKIP_MAX][RXP_ID_OCTETS];
	/* the messages that it answered last since they were given: it has them in work no more, whatever it says
	 * (RXP-PUL-014) */
	uint8_t answered[REGISTRY_SKIP_MAX][RXP_ID_OCTETS];
	size_t next_answered;
};

struct pickup {
	struct node *node;
	struct peers *peers;
	struct pace *pace;
	struct outbox *outbox;
	struct basket *first; /* at most one of a peer, kept until the end */
	struct timer *timer; /* when the first has waited long enough */
};

static const struct bytes nothing;

static void reply(struct pickup *p, uint64_t request, uint32_t status, struct bytes envelope)
{
	const struct msg_picked_up m = {.http_status = status, .envelope = envelope};

	link_answer(p->node->gateway, IPC_picked_up, request, &m, NULL, 0);
}

static struct basket *find(const struct pickup *p, const struct peer *peer)
{
	struct basket *b = p->first;

	while (b != NULL && b->peer != peer)
		b = b->next;
	return b;
}

/* Has it waited for whatever can still come? One for whom a message is being got ready hears when that has ended. */
static bool only_waits(const struct basket *b)
{
	return b->waits && b->looked && !b->filling;
}

static void arm(struct pickup *p)
{
	int64_t first = INT64_MAX, now = clock_mono_ms();

	for (const struct basket *b = p->first; b != NULL; b = b->next)
		if (only_waits(b) && b->until_mono < first)
			first = b->until_mono;
	if (first == INT64_MAX)
		timer_disarm(p->timer);
	else
		timer_arm(p->timer, first > now ? first - now : 0);
}

static void on_timer(void *arg)
{
	struct pickup *p = arg;
	struct basket *next;
	int64_t now = clock_mono_ms();

	for (struct basket *b = p->first; b != NULL; b = next) {
		next = b->next;
		if (!only_waits(b) || b->until_mono > now)
			continue;
		b->waits = false;
		reply(p, b->request, HTTP_NOTHING, nothing);
	}
	arm(p);
}

/* --- a message ----------------------------------------------------------------------------------- */

/* One for whom nobody waits any more is offered again when its rest is over. */
static void give(void *arg, struct bytes envelope)
{
	struct basket *b = arg;

	if (!b->waits)
		return;
	b->waits = false;
	reply(b->by, b->request, HTTP_OK, envelope);
}

static void left(void *arg, int result)
{
	struct basket *b = arg;
	struct pickup *p = b->by;

	(void)result; /* whoever still waits gets the next one */
	b->filling = false;
	pace_kick(p->pace);
	arm(p);
}

bool pickup_waits(const struct pickup *p, const struct peer *peer)
{
	const struct basket *b = find(p, peer);

	return b != NULL && b->waits && !b->filling && !peer->fetches_own;
}

/* Where it stands. NULL: it was not, or was given since. */
static uint8_t *was_answered(struct basket *b, const uint8_t message_id[RXP_ID_OCTETS])
{
	for (size_t i = 0; i < REGISTRY_SKIP_MAX; i++)
		if (memcmp(b->answered[i], message_id, sizeof b->answered[i]) == 0)
			return b->answered[i];
	return NULL;
}

/* Is it in work there? If not, it is given now. */
static bool has_it(struct basket *b, const uint8_t message_id[RXP_ID_OCTETS])
{
	uint8_t *answered = was_answered(b, message_id);

	for (size_t i = 0; answered == NULL && i < b->n_skip; i++)
		if (memcmp(b->skip[i], message_id, sizeof b->skip[i]) == 0)
			return true;
	if (answered != NULL)
		memset(answered, 0, RXP_ID_OCTETS);
	return false;
}

bool pickup_give(struct pickup *p, const struct peer *peer, const uint8_t message_id[RXP_ID_OCTETS],
    struct bytes answer)
{
	struct basket *b = find(p, peer);

	if (b == NULL || !b->waits || b->filling || has_it(b, message_id))
		return false;
	b->waits = false;
	reply(p, b->request, HTTP_OK, answer);
	arm(p);
	return true;
}

int pickup_start(struct pickup *p, struct peer *peer, const uint8_t local_id[16])
{
	struct basket *b = find(p, peer);
	const struct flight_caller caller = {.give = give, .left = left, .arg = b};
	struct store_outbox row;
	int rc = store_outbox_get(store_db(p->node->store), &row, NULL, local_id);

	if (rc == 0 && has_it(b, row.message_id))
		rc = RXP_ERR_EXISTS;
	if (rc != 0)
		return rc;
	b->filling = true;
	rc = outbox_fetch(p->outbox, peer, local_id, &caller);
	if (rc != 0)
		b->filling = false;
	return rc;
}

/* --- requests ------------------------------------------------------------------------------------ */

static struct basket *basket_of(struct pickup *p, struct peer *peer)
{
	struct basket *b = find(p, peer);

	if (b != NULL || (b = calloc(1, sizeof *b)) == NULL)
		return b;
	b->by = p;
	b->peer = peer;
	b->next = p->first;
	p->first = b;
	return b;
}

void pickup_take(struct pickup *p, uint64_t request, const struct msg_pickup *m)
{
	struct peer *peer = peers_active(p->peers, m->party);
	struct basket *b = peer != NULL ? basket_of(p, peer) : NULL;
	int64_t wait_ms = m->wait_ms < REGISTRY_WAIT_MAX_MS ? m->wait_ms : REGISTRY_WAIT_MAX_MS;

	if (b == NULL || m->skip.len > sizeof b->skip || m->skip.len % RXP_ID_OCTETS != 0) {
		reply(p, request, HTTP_BUSY, nothing);
		return;
	}
	if (b->waits)
		reply(p, b->request, HTTP_NOTHING, nothing);
	b->request = request;
	b->waits = true;
	b->looked = false;
	b->until_mono = clock_mono_ms() + wait_ms;
	b->n_skip = m->skip.len / RXP_ID_OCTETS;
	if (b->n_skip > 0)
		memcpy(b->skip, m->skip.data, m->skip.len);
	pace_kick(p->pace);
}

void pickup_answered(struct pickup *p, const char *party, const uint8_t message_id[RXP_ID_OCTETS])
{
	struct peer *peer = peers_active(p->peers, party);
	struct basket *b = peer != NULL ? basket_of(p, peer) : NULL;

	if (b == NULL || was_answered(b, message_id) != NULL)
		return;
	memcpy(b->answered[b->next_answered], message_id, sizeof b->answered[0]);
	b->next_answered = (b->next_answered + 1) % REGISTRY_SKIP_MAX;
}

void pickup_looked(struct pickup *p)
{
	for (struct basket *b = p->first; b != NULL; b = b->next)
		b->looked = true;
	arm(p);
}

/* --- the module ---------------------------------------------------------------------------------- */

int pickup_new(struct pickup **out, struct node *n, struct peers *peers, struct pace *pace,
    struct outbox *outbox)
{
	struct pickup *p = calloc(1, sizeof *p);
	int rc;

	if (p == NULL)
		return RXP_ERR_NOMEM;
	*p = (struct pickup){.node = n, .peers = peers, .pace = pace, .outbox = outbox};
	rc = timer_new(&p->timer, n->loop, on_timer, p);
	if (rc != 0) {
		free(p);
		return rc;
	}
	*out = p;
	return 0;
}

void pickup_free(struct pickup *p)
{
	struct basket *b;

	if (p == NULL)
		return;
	while ((b = p->first) != NULL) {
		p->first = b->next;
		free(b);
	}
	timer_free(p->timer);
	free(p);
}
