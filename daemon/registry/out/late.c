#include "daemon/registry/out/late.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/log.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/ferry.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_pending.h"
#include "protocol/err.h"

/* One document whose files are on their way. */
struct bringing {
	bool active;
	struct store_pending of;
};

struct late {
	struct node *node;
	struct peers *peers;
	struct ferry *ferry;
	bool kicked; /* there may be a document whose files can follow now */
	struct bringing all[REGISTRY_LATE_MAX];
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

static struct bringing *place_for(struct late *l, const struct store_pending *p)
{
	struct bringing *room = NULL;

	for (size_t i = 0; i < REGISTRY_LATE_MAX; i++) {
		struct bringing *b = &l->all[i];

		if (!b->active)
			room = b;
		else if (memcmp(b->of.local_id, p->local_id, sizeof p->local_id) == 0)
			return NULL;
	}
	return room;
}

void late_tick(struct late *l)
{
	struct store_pending found[REGISTRY_PAGE_MAX];
	int n = store_pending_late(store_db(l->node->store), found, REGISTRY_PAGE_MAX);

	for (int i = 0; i < n; i++) {
		struct bringing *b = place_for(l, &found[i]);

		if (b == NULL || peers_active(l->peers, found[i].peer) == NULL)
			continue;
		b->of = found[i];
		b->active = ferry_begin(l->ferry, b->of.peer, b->of.local_id, brought, b) == 1;
	}
}

void late_kick(struct late *l)
{
	l->kicked = true;
}

void late_round(struct late *l)
{
	if (!l->kicked)
		return;
	l->kicked = false;
	late_tick(l);
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
