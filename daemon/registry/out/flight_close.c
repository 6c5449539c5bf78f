#include "daemon/registry/out/flight_close.h"

#include <stdio.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/work.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/flight_case.h"
#include "daemon/registry/out/flight_end.h"
#include "daemon/registry/out/flight_key.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

/* Of a copy of a peer's document that was erased here, or is shown to nobody any more (RXP-HIS-009). */
static const char GIVEN_GONE[] = "what it gives is erased or blocked here: give it up";

static int close_apply(void *arg, struct db *db)
{
	struct flight *f = arg;

	return store_outbox_close(db, &f->changed, f->made_envelope, f->made_evidence, f->made_key);
}

static void close_done(void *arg, int result)
{
	struct flight *f = arg;

	if (result != 0 ||
	    rxp_buf_put(&f->envelope, f->made_envelope.data, f->made_envelope.len) != 0) {
		flight_end_rest(f);
		return;
	}
	flight_committed(f);
	rxp_buf_reset(&f->made);
	rxp_id_text(f->id_text, f->row.message_id);
	pace_kick(f->all->pace); /* there is room at the sealers again */
	f->go_on(f);
}

static void closed(void *arg, int result, const struct link_message *answer)
{
	struct flight *f = arg;
	const struct msg_closed *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;
	char why[RECORD_NAME_MAX];

	if (rc == 0)
		rc = flight_keep_closed(f, m);
	if (rc == RXP_ERR_NOMEM) {
		flight_end_rest(f);
		return;
	}
	if (rc == RXP_ERR_LATER) {
		flight_end_keyless(f);
		return;
	}
	if (rc == RXP_ERR_NOT_ACCEPTABLE) { /* and time makes it no better (RXP-SAF-030) */
		flight_end_park(f, "what it attests has become too old; submit it anew");
		return;
	}
	/* By a hand in the database, which time does not mend (sealer/draft.h). */
	if (rc == RXP_ERR_MISMATCH) {
		flight_end_park(
		    f, "its draft is of another case, or of other files; submit it anew");
		return;
	}
	if (rc == RXP_ERR_DECRYPT) {
		flight_end_park(
		    f, "its draft was altered, or is for another State; submit it anew");
		return;
	}
	if (rc == RXP_ERR_KEY) { /* it had one when it was submitted (RXP-CMP-005) */
		flight_end_park(f, "the peer publishes no key of an office any more");
		return;
	}
	if (rc != 0) {
		snprintf(why, sizeof why, "cannot be closed: %s", rxp_err_text(rc));
		flight_end_unanswered(f, true, flight_end_delay(f), why);
		return;
	}
	/* The facts that the case was checked with are those of the sealed document (RXP-CAS-004). */
	if (m->facts.len != f->facts.len ||
	    (f->facts.len > 0 && memcmp(m->facts.data, f->facts.data, f->facts.len) != 0)) {
		flight_end_park(f, "the facts of the sealed document differ from those submitted");
		return;
	}
	memcpy(f->changed.envelope_digest, m->envelope_digest, sizeof f->changed.envelope_digest);
	memcpy(f->changed.fingerprint, m->fingerprint, sizeof f->changed.fingerprint);
	f->changed.strikes = 0;
	f->changed.state = state_next(f->row.state, EVENT_CLOSE);
	flight_commit(f, close_apply, close_done);
}

void flight_close_gone(struct flight *f)
{
	flight_end_park(f, GIVEN_GONE);
}

/* What a document outside any case says. RXP_ERR_STATE: there is nothing left of it, and f->end says so. */
static int read_draft(struct flight *f, struct msg_close *q, struct rxp_buf *draft)
{
	int rc;

	rxp_buf_reset(&f->facts);
	rc = store_case_draft(store_db(f->all->node->store), draft, &f->facts, f->row.local_id);
	q->draft = (struct bytes){.data = draft->data, .len = draft->len};
	rxp_buf_reset(&f->facts); /* no sealer finds facts of a case in it */
	if (rc != 0 || draft->len > 0 ||
	    strcmp(f->row.type, rxp_type_row(RXP_TYPE_PING)->wire) == 0)
		return rc;
	f->end = (struct flight_end){.event = EVENT_PARK};
	snprintf(f->end.why, sizeof f->end.why, "%s", GIVEN_GONE);
	return RXP_ERR_STATE;
}

int flight_close(struct flight *f, flight_closed *go_on)
{
	struct node *n = f->all->node;
	struct msg_close q = {.created_ms = clock_wall_ms()};
	struct rxp_buf draft;
	int fd, rc;

	if (!work_has_room(n->work, IPC_close))
		return RXP_ERR_FULL;
	if (peers_agreement_key(f->peer, q.created_ms, q.key_id) != 0)
		return flight_key_ask(f, go_on);
	rc = rxp_id_make_v7(q.message_id, q.created_ms, &n->random);
	if (rc != 0)
		return rc;
	q.expires_ms = q.created_ms + RXP_DEFAULT_LIFETIME_MS;
	q.register_number = publish_register(f->all->renew.publish, &fd);
	memcpy(q.peer, f->row.peer, sizeof q.peer);
	memcpy(q.type, f->row.type, sizeof f->row.type);
	memcpy(q.from_office, f->row.from_office, sizeof f->row.from_office);
	memcpy(q.to_office, f->row.to_office, sizeof f->row.to_office);
	f->go_on = go_on;
	f->changed = f->row;
	f->changed.created_ms = q.created_ms;
	f->changed.expires_ms = q.expires_ms;
	memcpy(f->changed.message_id, q.message_id, sizeof q.message_id);
	memcpy(f->changed.key_id, q.key_id, sizeof q.key_id);
	rxp_buf_init(&draft, IPC_MESSAGE_MAX);
	if (f->row.place.in_case)
		rc = flight_case_place(f, &q, &draft, store_db(n->store), q.created_ms);
	else
		rc = read_draft(f, &q, &draft);
	if (rc == 0)
		rc = work_submit(n->work, IPC_close, &q, &fd, 1, closed, f);
	rxp_buf_free(&draft);
	if (rc != RXP_ERR_STATE)
		return rc;
	flight_end_try(f, 0); /* as flight_case_place() and read_draft() say */
	return 0;
}
