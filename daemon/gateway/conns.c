#include "daemon/gateway/conn.h"

#include <stdlib.h>

#include "daemon/base/clock.h"
#include "daemon/base/loop.h"
#include "daemon/gateway/conn_state.h"
#include "daemon/gateway/tls.h"
#include "protocol/base/err.h"

static void on_flush(void *arg)
{
	struct conns *set = arg;
	struct conn *c;

	while ((c = set->dirty) != NULL) {
		set->dirty = c->next_dirty;
		c->dirty = false;
		if (c->state == CONN_SETTLING || c->state == CONN_OPEN) {
			conn_step(c);
		} else if (c->state == CONN_CLOSED) {
			conn_bury(c);
		}
	}
}

int conns_new(struct conns **out, const struct conns_config *config)
{
	struct conns *set = calloc(1, sizeof *set);
	int rc;

	if (set == NULL)
		return RXP_ERR_NOMEM;
	set->config = *config;
	rc = timer_new(&set->flush, config->loop, on_flush, set);
	if (rc == 0)
		*out = set;
	else
		free(set);
	return rc;
}

void conns_end(struct conns *set)
{
	struct conn *c;

	/* An owner that hears of the end may start another connection. */
	while (set->first != NULL) {
		for (c = set->first; c != NULL; c = c->next)
			conn_close(c, TRANSPORT_ENDING);
		on_flush(set);
	}
}

void conns_free(struct conns *set)
{
	if (set == NULL)
		return;
	conns_end(set);
	timer_free(set->flush);
	free(set);
}

size_t conns_count(const struct conns *set)
{
	return set->count;
}

bool conns_have_former_key(const struct conns *set)
{
	return tls_may_use_former(set->config.tls);
}

struct loop *conns_loop(const struct conns *set)
{
	return set->config.loop;
}

const struct gateway_times *conns_times(const struct conns *set)
{
	return &set->config.times;
}

void conns_recheck(struct conns *set)
{
	struct conn *c;

	for (c = set->first; c != NULL; c = c->next) {
		if ((c->state == CONN_SETTLING || c->state == CONN_OPEN) && !conn_still_pinned(c))
			conn_close(c, TRANSPORT_PIN_WITHDRAWN);
	}
}

void conns_shutdown(struct conns *set)
{
	struct conn *c;

	for (c = set->first; c != NULL; c = c->next) {
		if (c->state == CONN_OPEN)
			h2_shutdown(c->h2);
		else
			conn_close(c, TRANSPORT_ENDING);
	}
}
