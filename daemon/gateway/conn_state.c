#include "daemon/gateway/conn_state.h"

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
	c->owed = c->h2 != NULL ? h2_streams(c->h2) > 0 : c->state == CONN_HANDSHAKE;
	if (c->state == CONN_HANDSHAKE || (c->state == CONN_SETTLING && why != TRANSPORT_ENDING))
		log_event(LOG_TLS_REFUSED, LOG_S(c->address), LOG_S(transport_text(why)));
	else if (c->state == CONN_OPEN && abusive(why))
		log_event(LOG_PEER_ABUSE, LOG_S(tls_party(c->tls)), LOG_S(transport_text(why)));
	if (c->state == CONN_HANDSHAKE &&
	    (why == TRANSPORT_PIN_OTHER || why == TRANSPORT_PIN_UNKNOWN))
		c->set->config.unknown(
		    c->set->config.arg, tls_expected(c->tls), tls_digest(c->tls));
	c->state = CONN_CLOSED;
	watch_free(c->watch);
	c->watch = NULL;
	timer_disarm(c->timer);
	conns_touch(c);
}
