#include "daemon/registry/history/history.h"

#include <stdbool.h>
#include <stdlib.h>

#include "daemon/registry/history/give.h"
#include "daemon/registry/history/take.h"
#include "protocol/base/err.h"

struct history {
	struct history_config config;
	struct give *give;
	struct take *take;
	bool kicked;
};

void history_kick(struct history *h)
{
	h->kicked = true;
}

void history_round(struct history *h)
{
	if (!h->kicked)
		return;
	h->kicked = false;
	give_round(h->give);
	take_round(h->take);
}

int history_more(struct history *h, const struct peer *peer, history_more_done *heard, void *arg)
{
	return give_more(h->give, peer, heard, arg);
}

int history_settle(struct history *h, const struct peer *peer, history_more_done *heard, void *arg)
{
	return give_settle(h->give, peer, heard, arg);
}

void history_tick(struct history *h)
{
	h->kicked = true;
	give_tick(h->give);
}

int history_new(struct history **out, const struct history_config *config)
{
	struct history *h = calloc(1, sizeof *h);
	int rc;

	if (h == NULL)
		return RXP_ERR_NOMEM;
	h->config = *config;
	h->kicked = true; /* what a crash left */
	rc = give_new(&h->give, &h->config);
	if (rc == 0)
		rc = take_new(&h->take, &h->config);
	if (rc != 0) {
		history_free(h);
		return rc;
	}
	*out = h;
	return 0;
}

void history_free(struct history *h)
{
	if (h == NULL)
		return;
	take_free(h->take);
	give_free(h->give);
	free(h);
}
