#include "daemon/registry/out/voiding.h"

#include <string.h>

#include "daemon/base/record.h"
#include "daemon/registry/out/flight_void.h"
#include "daemon/registry/out/outbox.h"
#include "protocol/base/err.h"
#include "protocol/document/document.h"

static int judge(struct voiding *v, const struct outbox *o)
{
	v->problem = "";
	if (flight_void_is(&v->row))
		v->problem = "it takes back another message itself";
	else if (state_final(v->row.state))
		v->problem = "it has its end already";
	else if (v->row.state == STATE_VOIDING)
		v->problem = "it is being taken back already";
	else if (v->row.attempts == 0)
		v->problem = "it was never sent: it can be discarded";
	else if (outbox_in_work(o, v->row.local_id))
		v->problem = "it is being worked on now: try again in a moment";
	else if (!state_allows(v->row.state, EVENT_VOID))
		v->problem = "it cannot be taken back as it is";
	return v->problem[0] == '\0' ? 0 : RXP_ERR_STATE;
}

static int add_void(const struct voiding *v, struct db *db, int64_t now_ms)
{
	struct rec_node_void says;

	memcpy(says.message_id, v->row.message_id, sizeof says.message_id);
	memcpy(says.fingerprint, v->row.fingerprint, sizeof says.fingerprint);
	return store_outbox_say(
	    db, v->void_id, v->row.peer, RXP_TYPE_VOID, REC_node_void, &says, now_ms);
}

int voiding_begin(struct voiding *v, struct db *db, const struct outbox *o, int64_t now_ms)
{
	int rc = store_outbox_get(db, &v->row, NULL, v->local_id);

	if (rc == 0)
		rc = judge(v, o);
	if (rc != 0)
		return rc;
	v->before = v->row.state;
	v->row.state = state_next(v->before, EVENT_VOID);
	v->row.strikes = 0;
	rc = store_outbox_plan(db, &v->row, 0, "taken back: a Void asks for its end");
	return rc != 0 ? rc : add_void(v, db, now_ms);
}
