/*
 * sealer_opened - what the sealer of QRB says of an envelope that the party of a connection claims to have sent.
 */
#ifndef TEST_SEALER_OPENED_H
#define TEST_SEALER_OPENED_H

#include "daemon/test/unit/sealer_states.h"

#define PING "<Ping xmlns=\"urn:rxp:1:body\"/>"

static inline void open_received(
    struct reply *opened, const char *party, struct bytes envelope, int64_t received_ms)
{
	struct msg_open q = {
	    .register_number = 1, .received_ms = received_ms, .envelope = envelope};

	memcpy(q.party, party, sizeof q.party);
	reply_init(opened);
	assert_int_equal(open_handle(b.node, &q, opened), 0);
	assert_int_equal(opened->body.opened.result, 0);
}

#endif
