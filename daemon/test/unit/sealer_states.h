/*
 * sealer_states - the States of a sealer test: QRA and QRB, who know each other, and QRC, whom neither knows; and
 * one document that QRA closes and QRB opens.
 *
 * For one test program each: the States are its own variables.
 */
#ifndef UNIT_SEALER_STATES_H
#define UNIT_SEALER_STATES_H

#include "daemon/sealer/close.h"
#include "daemon/sealer/open.h"
#include "daemon/test/unit/sealer_fixture.h"
#include "protocol/init.h"

static struct test_state a, b, c;

/* Three States that do not know each other yet. */
static inline int set_up_strangers(void **state)
{
	(void)state;
	assert_int_equal(rxp_init(), 0);
	state_new(&a, "QRA");
	state_new(&b, "QRB");
	state_new(&c, "QRC");
	return 0;
}

/* QRA and QRB have each other in register 1. */
static inline int set_up_peers(void **state)
{
	set_up_strangers(state);
	introduce(&a, &b, 1, 0);
	introduce(&b, &a, 1, 0);
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	state_free(&a);
	state_free(&b);
	state_free(&c);
	rxp_cleanup();
	return 0;
}

/* The result (0: closed); reply_clear() the reply. */
static inline int close_at_a(struct reply *reply, const struct msg_close *q)
{
	reply_init(reply);
	assert_int_equal(close_handle(a.node, q, reply), 0);
	return (int)reply->body.closed.result;
}

/* QRB opens what came from QRA; reply_clear() the reply. */
static inline void open_at_b(struct reply *reply, struct bytes envelope)
{
	struct msg_open q = {
	    .register_number = 1, .party = "QRA", .received_ms = NOW_MS, .envelope = envelope};

	reply_init(reply);
	assert_int_equal(open_handle(b.node, &q, reply), 0);
	assert_int_equal(reply->body.opened.result, 0);
}

#endif
