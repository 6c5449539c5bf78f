#include "daemon/gateway/conn_state.h"

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/base/loop.h"
#include "daemon/gateway/tls.h"

void conns_touch(struct conn *c)
{
	if (c->dirty)
		return;
	c->dirty = true;
	c->next_dirty = c->set->dirty;
	c->set->dirty = c;
	timer_arm(c->set->flush, 0);
}

/* Nobody known was there: the only trace is a line, and an attacker does not fill the log. */
static void log_refused(const struct conn *c)
{
	struct conns *set = c->set;
	int64_t now = clock_mono_ms();

	if (now - set->lines_since_ms >= GATEWAY_BUDGET_MS) {
		set->lines_since_ms = now;
		set->lines = 0;
	}
	if (set->lines++ < GATEWAY_REFUSED_LINES)
		log_event(LOG_TLS_REFUSED, LOG_S(c->address), LOG_S(transport_text(c->why)));
}

/* Ends for which the peer's operator is to be told; those of budgets are told by the budget. */
static bool abusive(enum transport why)
{
	return why == TRANSPORT_TLS_FLOOD || why == TRANSPORT_TOO_MANY ||
	       why == TRANSPORT_STALLED || why == TRANSPORT_HTTP2;
}

void conn_end(struct conn *c, enum transport why)
{
	if (c->state == CONN_CLOSED)
		return;
	c->why = why;
	if (c->state == CONN_HANDSHAKE || (c->state == CONN_SETTLING && why != TRANSPORT_ENDING))
		log_refused(c);
	else if (c->state == CONN_OPEN && abusive(why))
		log_event(LOG_PEER_ABUSE, LOG_S(tls_party(c->tls)), LOG_S(transport_text(why)));
	c->state = CONN_CLOSED;
	watch_free(c->watch);
	c->watch = NULL;
	timer_disarm(c->timer);
	conns_touch(c);
}
