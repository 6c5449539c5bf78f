#include "daemon/registry/out/late.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/ferry.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_pending.h"
#include "protocol/base/err.h"

/* One document whose files are on their way. */
struct bringing {
	bool active;
	struct store_pending of;
};

struct late {
	struct node *node;
	struct peers *peers;
	struct ferry *ferry;
	struct bringing all[REGISTRY_LATE_MAX];
	/* Where the next tick goes on, and after the last at the first: what waits for a peer that does not answer holds
	 * back nothing of another. */
	uint8_t from[RXP_ID_OCTETS];
};

static void brought(void *arg, enum ferry_outcome outcome, const char *why)
{
	struct bringing *b = arg;
	char id[RXP_ID_TEXT];

	b->active = false;
	if (outcome == FERRY_ALL)
		return;
	rxp_id_text(id, b->of.local_id);
	log_event(LOG_DELIVERY_FAILED, LOG_S(b->of.peer), LOG_S(id), LOG_S(why));
}

static bool is_under_way(const struct late *l, const uint8_t local_id[RXP_ID_OCTETS])
{
	for (size_t i = 0; i < REGISTRY_LATE_MAX; i++)
		if (l->all[i].active && memcmp(l->all[i].of.local_id, local_id, RXP_ID_OCTETS) == 0)
			return true;
	return false;
}

/* false: there is no room for it now. */
static bool begin(struct late *l, const struct store_pending *p)
{
	struct peer *peer = peers_active(l->peers, p->peer);
	struct bringing *b = NULL;

	/* The document has its receipt: its files are no more urgent than others. */
	if (is_under_way(l, p->local_id) || peer == NULL ||
	    peers_goes_until(peer, true, clock_wall_ms()) != INT64_MAX)
		return true;
	for (size_t i = 0; b == NULL && i < REGISTRY_LATE_MAX; i++)
		if (!l->all[i].active)
			b = &l->all[i];
	if (b == NULL)
		return false;
	b->of = *p;
	b->active = ferry_begin(l->ferry, peer, b->of.local_id, brought, b) == 1;
	return true;
}

void late_changed(struct late *l, const uint8_t local_id[RXP_ID_OCTETS])
{
	struct store_pending found;

	if (store_pending_late(store_db(l->node->store), &found, local_id, 1) == 1 &&
	    memcmp(found.local_id, local_id, RXP_ID_OCTETS) == 0)
		begin(l, &found);
}

void late_tick(struct late *l)
{
	struct store_pending found[REGISTRY_PAGE_MAX];
	int n = store_pending_late(store_db(l->node->store), found, l->from, REGISTRY_PAGE_MAX);
	int i = 0;

	while (i < n && begin(l, &found[i]))
		i++;
	if (i == n && n == REGISTRY_PAGE_MAX)
		i--;
	if (i < n)
		memcpy(l->from, found[i].local_id, sizeof l->from);
	else
		memset(l->from, 0, sizeof l->from);
}

int late_new(struct late **out, struct node *n, struct peers *peers, struct ferry *ferry)
{
	struct late *l = calloc(1, sizeof *l);

	if (l == NULL)
		return RXP_ERR_NOMEM;
	l->node = n;
	l->peers = peers;
	l->ferry = ferry;
	*out = l;
	return 0;
}

void late_free(struct late *l)
{
	free(l);
}
