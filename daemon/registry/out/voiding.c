#include "daemon/registry/out/voiding.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/record.h"
#include "daemon/registry/out/flight_void.h"
#include "daemon/registry/out/outbox.h"
#include "protocol/buf.h"
#include "protocol/document.h"
#include "protocol/err.h"

#define WORDING_MAX 256 /* octets of the record of one */

static const struct rxp_type_row *void_row(void)
{
	return rxp_type_row(RXP_TYPE_VOID);
}

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
	struct store_outbox row = {.state = STATE_WAITING};
	struct rec_node_void says;
	struct rxp_buf draft;
	int rc;

	memcpy(row.local_id, v->void_id, sizeof row.local_id);
	memcpy(row.peer, v->row.peer, sizeof row.peer);
	snprintf(row.type, sizeof row.type, "%s", void_row()->wire);
	snprintf(row.from_office, sizeof row.from_office, "%s", void_row()->asking_office);
	snprintf(row.to_office, sizeof row.to_office, "%s", void_row()->asked_office);
	memcpy(says.message_id, v->row.message_id, sizeof says.message_id);
	memcpy(says.fingerprint, v->row.fingerprint, sizeof says.fingerprint);
	rxp_buf_init(&draft, WORDING_MAX);
	rc = record_list_put(&draft, REC_node_void, &record_node_void, &says);
	if (rc == 0)
		rc = store_outbox_add(
		    db, &row, (struct bytes){.data = draft.data, .len = draft.len}, now_ms);
	rxp_buf_free(&draft);
	return rc;
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
