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

static void begin(struct late *l, const struct store_pending *p)
{
	struct bringing *b = place_for(l, p);

	if (b == NULL || peers_active(l->peers, p->peer) == NULL)
		return;
	b->of = *p;
	b->active = ferry_begin(l->ferry, b->of.peer, b->of.local_id, brought, b) == 1;
}

/* Of all that wait, or the one of this id. */
static void begin_with(struct late *l, const uint8_t *local_id)
{
	struct store_pending found[REGISTRY_PAGE_MAX];
	int n = store_pending_late(store_db(l->node->store), found, REGISTRY_PAGE_MAX);

	for (int i = 0; i < n; i++)
		if (local_id == NULL || memcmp(found[i].local_id, local_id, RXP_ID_OCTETS) == 0)
			begin(l, &found[i]);
}

void late_changed(struct late *l, const uint8_t local_id[RXP_ID_OCTETS])
{
	begin_with(l, local_id);
}

void late_tick(struct late *l)
{
	begin_with(l, NULL);
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
