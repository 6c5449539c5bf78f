#include "daemon/registry/out/flight_rekey.h"

#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/flight_end.h"
#include "daemon/registry/out/flight_key.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/peers/refresh.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

static void strike(struct flight *f, const char *why)
{
	flight_end_unanswered(f, true, flight_end_delay(f), why);
}

static int rekey_apply(void *arg, struct db *db)
{
	struct flight *f = arg;

	return store_outbox_rekey(db, &f->changed, f->made_envelope, clock_wall_ms());
}

static void rekey_done(void *arg, int result)
{
	struct flight *f = arg;

	rxp_buf_reset(&f->envelope);
	if (result != 0 ||
	    rxp_buf_put(&f->envelope, f->made_envelope.data, f->made_envelope.len) != 0) {
		flight_end_rest(f);
		return;
	}
	flight_committed(f);
	rxp_buf_reset(&f->made);
	rxp_buf_reset(&f->answer);
	log_event(LOG_MESSAGE_REKEYED, LOG_S(f->row.peer), LOG_S(f->id_text));
	f->go_on(f);
}

static void made(void *arg, int result, const struct link_message *answer)
{
	struct flight *f = arg;
	const struct msg_rekeyed *m = answer != NULL ? answer->body : NULL;
	int rc = result != 0 || m == NULL ? RXP_ERR_DAMAGED : (int)(int32_t)m->result;

	if (rc == 0)
		rc = flight_keep_envelope(f, m->envelope);
	if (rc == RXP_ERR_NOMEM) {
		flight_end_rest(f);
		return;
	}
	if (rc != 0) {
		strike(f, "the content key cannot be wrapped for the peer's key");
		return;
	}
	memcpy(f->changed.earlier[f->changed.n_earlier++], f->row.envelope_digest,
	    sizeof f->row.envelope_digest);
	memcpy(f->changed.envelope_digest, m->envelope_digest, sizeof f->changed.envelope_digest);
	if (!f->again)
		f->changed.state = state_next(f->row.state, EVENT_REKEY);
	flight_commit(f, rekey_apply, rekey_done);
}

/* With what is known of the peer now. */
static void wrap_anew(struct flight *f)
{
	struct node *n = f->all->node;
	struct msg_rekey q = {.envelope = {.data = f->envelope.data, .len = f->envelope.len}};
	struct rxp_buf wrapped;
	int fd, rc;

	f->changed = f->row;
	if (peers_agreement_key(f->peer, clock_wall_ms(), q.key_id) != 0) {
		flight_key_lacks(f, flight_end_delay(f));
		return;
	}
	if (memcmp(q.key_id, f->row.key_id, sizeof q.key_id) == 0) {
		strike(f, "the peer does not hold the key that it offers");
		return;
	}
	if (f->row.n_earlier == STORE_OUTBOX_REKEYS_MAX) {
		strike(f, "the peer asks for another key again and again");
		return;
	}
	memcpy(f->changed.key_id, q.key_id, sizeof f->changed.key_id);
	memcpy(q.peer, f->row.peer, sizeof q.peer);
	q.register_number = publish_register(f->all->renew.publish, &fd);
	rxp_buf_init(&wrapped, IPC_INLINE_MAX);
	rc = store_outbox_wrapped(store_db(n->store), &wrapped, f->row.local_id);
	q.wrapped_key = (struct bytes){.data = wrapped.data, .len = wrapped.len};
	if (rc == 0)
		rc = work_submit(n->work, IPC_rekey, &q, &fd, 1, made, f);
	rxp_buf_free(&wrapped);
	if (rc != 0)
		flight_end_unanswered(
		    f, false, flight_end_delay(f), "no room to wrap the content key anew");
}

/* Is it a fault of this machine, and not of the working part? */
static bool is_own_fault(int why)
{
	return why == RXP_ERR_NOMEM || why == RXP_ERR_IO || why == RXP_ERR_FULL ||
	       why == RXP_ERR_DAMAGED;
}

static void false_working(struct flight *f)
{
	const char *why =
	    "the working part of a refusal `rekey` is not the peer's, or not of today";

	log_event(LOG_ANSWER_FALSE, LOG_S(f->row.peer), LOG_S(f->id_text), LOG_S(why));
	strike(f, why);
}

/* It may belong to an identity part that was not known: the descriptor has both. */
static void descriptor_came(void *arg, enum refresh_outcome outcome, const char *why)
{
	struct flight *f = arg;
	uint8_t key_id[32];

	(void)why;
	if (!f->peer->active || outcome == REFRESH_OWN)
		flight_end_rest(f);
	else if (peers_agreement_key(f->peer, clock_wall_ms(), key_id) == 0 &&
		 memcmp(key_id, f->row.key_id, sizeof key_id) == 0)
		false_working(f);
	else
		wrap_anew(f);
}

static void renewed(void *arg, int result, const char *problem)
{
	struct flight *f = arg;
	int rc;

	(void)problem; /* whatever is wrong with it is told alike */
	if (is_own_fault(result) || peers_active(f->all->renew.peers, f->row.peer) == NULL) {
		flight_end_rest(f);
	} else if (result == 0 || result == RXP_ERR_EXISTS) {
		wrap_anew(
		    f); /* with EXISTS another message may have brought a newer one meanwhile */
	} else {
		rc = refresh_suspect(f->all->refresh, f->peer, descriptor_came, f);
		if (rc < 0)
			flight_end_unanswered(f, false, flight_end_delay(f),
			    "no room to ask the peer for its descriptor");
		else if (rc == 0)
			false_working(f);
	}
}

void flight_rekey(struct flight *f, struct bytes working, flight_rekeyed *go_on)
{
	int rc;

	f->go_on = go_on;
	rc = renew_working(&f->all->renew, f->peer, working, renewed, f);
	if (rc != 0)
		flight_end_unanswered(
		    f, false, flight_end_delay(f), "no room to verify the peer's working part");
}
