#include "daemon/registry/recovery/came_back.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/log.h"
#include "daemon/registry/in/share.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/pace.h"
#include "daemon/registry/out/returned.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/recovery/loss.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_log.h"
#include "daemon/registry/store/store_unproved.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/base/timestamp.h"
#include "protocol/message/answer.h"

#define FLAGS_OCTETS ((size_t)RXP_MAX_FLAGS * RXP_FLAG_TEXT)

/* One on its way to its commit. */
struct taking {
	struct store_item item;
	const struct came_back *by;
	struct peer *peer;
	struct msg_answer_checked m; /* its BYTES are not kept */
	char flags[FLAGS_OCTETS];
	struct bytes octets;
	int64_t now_ms;
	struct loss loss;
	struct store_log log;
	bool twice; /* another one stands */
	bool lacks; /* it is here, and what it answers is not */
	bool proves; /* it is here, under a seal that is revoked since, and comes under another */
	came_back_done *done;
	void *arg;
};

/* RXP-ANS-009: only what was final was ever stored. */
static bool is_final(const struct msg_answer_checked *m)
{
	return m->has_fingerprint && (m->kind == RXP_ANSWER_RECEIPT || m->final != 0);
}

static const char *word_of(const struct msg_answer_checked *m)
{
	return m->kind == RXP_ANSWER_RECEIPT
		   ? ""
		   : rxp_refusal_row((enum rxp_refusal)(m->refusal - 1))->wire;
}

/* A refusal names the time of receipt in Created (RXP-ANS-018). */
static struct store_final final_of(const struct taking *t)
{
	bool receipt = t->m.kind == RXP_ANSWER_RECEIPT;

	return (struct store_final){.peer = t->peer->party,
	    .message_id = t->m.message_id,
	    .fingerprint = t->m.fingerprint,
	    .envelope_digest = t->m.envelope_digest,
	    .refusal = word_of(&t->m),
	    .flags = t->flags,
	    .received_ms = receipt ? t->m.received_ms : t->m.created_ms,
	    .lacks = receipt,
	    .octets = t->octets};
}

/* Whoever stole the key may have made it, with whatever date (RXP-RCV-014). */
static bool is_unproved(const struct taking *t)
{
	return t->m.revoked_ms != 0;
}

static struct store_back_row back_of(const struct taking *t)
{
	return (struct store_back_row){.peer = t->peer->party,
	    .message_id = t->m.message_id,
	    .fingerprint = t->m.fingerprint,
	    .seal = t->m.seal,
	    .back_ms = t->now_ms};
}

/* Among those that wait for a person. One that is proved takes the place of any. */
static int look_at_unproved(struct taking *t, struct db *db, const struct store_final *final)
{
	int rc = store_unproved_says(db, final);

	if (rc == RXP_ERR_NOT_FOUND || ((rc == 0 || rc == RXP_ERR_MISMATCH) && !is_unproved(t)))
		return 0;
	t->lacks = rc == 0;
	t->twice = rc == RXP_ERR_MISMATCH;
	return rc == 0 ? RXP_ERR_EXISTS : rc;
}

/* RXP_ERR_EXISTS: it is here, perhaps under another seal (RXP-DSC-035), which stays: whoever gives it again sees to that.
 * RXP_ERR_MISMATCH: another one to the same document is. */
static int look(struct taking *t, struct db *db)
{
	const struct store_final final = final_of(t);
	const struct store_back_row back = back_of(t);
	struct store_answer stored;
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_ANSWER_OCTETS);
	rc = store_answer_of_document(
	    db, &stored, &octets, t->peer->party, t->m.message_id, t->m.fingerprint);
	rxp_buf_free(&octets);
	if (rc != 0 && rc != RXP_ERR_NOT_FOUND)
		return rc;
	if (rc != 0 || memcmp(stored.fingerprint, t->m.fingerprint, sizeof stored.fingerprint) != 0)
		return look_at_unproved(t, db, &final);
	t->lacks = stored.lacks;
	rc = store_answer_says(db, &final);
	t->twice = rc == RXP_ERR_NOT_FOUND;
	if (rc == 0 && !is_unproved(t))
		rc = store_back_unproved(db, &t->proves, &back);
	if (rc == 0)
		return t->proves ? 0 : RXP_ERR_EXISTS;
	return t->twice ? RXP_ERR_MISMATCH : rc;
}

static int put(struct taking *t, struct db *db)
{
	const struct store_final final = final_of(t);
	const struct store_back_row back = back_of(t);
	int rc = is_unproved(t) ? store_unproved_answer(db, &final, t->now_ms)
				: store_unproved_give_way(db, &final);

	if (rc == 0 && !is_unproved(t))
		rc = store_answer_put(db, &final, &t->log);
	if (rc == 0 && !is_unproved(t))
		rc = store_back_put(db, &back);
	if (rc == RXP_ERR_EXISTS)
		rc = RXP_ERR_MISMATCH; /* the same envelope has another answer */
	if (rc == 0)
		rc = store_recovery_count(db, t->peer->party, STORE_BACK_ANSWER);
	return rc != 0 ? rc : share_check(t->by->share, db, t->peer->party);
}

/* Held from now on by the seal that proves it: that may be revoked as well (RXP-RCV-018). With the last of them nothing
 * waits for a person any more, and all is asked for once more, so that the hold can end. */
static int prove(const struct taking *t, struct db *db)
{
	const struct store_back_row back = back_of(t);
	struct store_recovery row;
	int rc = store_back_put(db, &back);

	if (rc == 0)
		rc = store_recovery_get(db, &row, t->peer->party);
	if (rc != 0 || row.unproved > 0)
		return rc;
	row.before = row.disputed ? 0 : STORE_ASK_AGAIN;
	return store_recovery_put(db, &row);
}

/* May it be a refusal of the log, whose id is that in the database? What the node does not know was lost before it started, so
 * that a log which began since has none of it. One that no receipt names yet, or only later ones, proves nothing of the refusal, under
 * whatever date that is (RXP-EVI-033). */
static bool may_refuse(const struct taking *t, const uint8_t log_id[RXP_ID_OCTETS])
{
	bool began_now = memcmp(log_id, t->peer->log_id, sizeof t->peer->log_id) != 0;

	return !began_now && t->m.created_ms >= t->peer->log_named_ms;
}

/* May it have been given since the loss that is open began? The log is that of the database: another answer that came with this
 * one may have begun it in the same commit. */
static int is_since(bool *out, const struct taking *t, struct db *db)
{
	struct store_log_of present = {.peer = t->peer->party};
	uint8_t head[RXP_DIGEST_OCTETS];
	uint64_t n;
	int rc = store_log_end(db, &present, &n, head);

	if (rc == 0)
		*out = t->m.kind == RXP_ANSWER_RECEIPT
			   ? memcmp(t->m.log_id, present.log_id, sizeof present.log_id) == 0
			   : may_refuse(t, present.log_id);
	return rc;
}

/* One that was given since is lost as well, and is none of the log that began with the loss (RXP-RCV-021). */
static int begin(struct taking *t, struct db *db)
{
	bool since = false;
	int rc = is_unproved(t) ? 0 : is_since(&since, t, db);

	return rc != 0 ? rc
		       : (since ? loss_begin_anew : loss_begin)(
			     &t->loss, db, t->by->node, t->peer, RECOVERY_WHY_RECEIPT, t->now_ms);
}

static int apply(void *arg, struct db *db)
{
	struct taking *t = arg;
	int rc = look(t, db);

	if (rc == 0 && t->proves)
		return prove(t, db);
	if (rc == 0 && is_unproved(t) && !store_recovery_sure(db, t->peer->party))
		rc = RXP_ERR_SIGNER;
	if (rc == 0)
		rc = begin(t, db);
	return rc != 0 ? rc : put(t, db);
}

/* Of one that is not proved all that people need to compare it. */
static void tell(const struct taking *t, const char *id)
{
	const struct store_final final = final_of(t);
	char received[RXP_TIME_TEXT];

	if (!is_unproved(t)) {
		log_event(LOG_ANSWER_CAME_BACK, LOG_S(t->peer->party), LOG_S(id));
		return;
	}
	rxp_time_text(received, final.received_ms);
	log_event(LOG_ANSWER_UNPROVED, LOG_S(t->peer->party), LOG_S(id),
	    LOG_S(t->m.kind == RXP_ANSWER_RECEIPT ? "receipt" : final.refusal), LOG_S(received));
}

static void taken(void *arg, int result)
{
	struct taking *t = arg;
	char id[RXP_ID_TEXT];

	rxp_id_text(id, t->m.message_id);
	if (result == 0 && t->proves) {
		result = RXP_ERR_EXISTS;
		t->peer->came_back_mono = clock_mono_ms();
		pace_kick(t->by->pace);
	} else if (result == 0) {
		loss_begun(&t->loss, t->peer);
		if (!is_unproved(t))
			t->peer->log = t->log;
		t->peer->came_back_mono = clock_mono_ms();
		tell(t, id);
		pace_kick(t->by->pace);
	} else if (t->twice) {
		log_event(LOG_ANSWER_TWICE, LOG_S(t->peer->party), LOG_S(id));
	} else if (result == RXP_ERR_FULL) {
		share_overrun(t->by->share, t->peer);
	}
	if (result == 0 || (result == RXP_ERR_EXISTS && t->lacks))
		result = RETURNED_LOST;
	else if (result == RXP_ERR_SIGNER)
		result = RETURNED_REVOKED;
	t->done(t->arg, result == RXP_ERR_EXISTS ? 0 : result);
	free(t);
}

static int check(
    const struct came_back *by, const struct peer *peer, const struct msg_answer_checked *m)
{
	if (peer == NULL)
		return RXP_ERR_STATE;
	if (strcmp(m->from, by->node->own) != 0 || strcmp(m->to, peer->party) != 0 ||
	    !is_final(m) || m->flags.len >= FLAGS_OCTETS ||
	    (m->kind != RXP_ANSWER_RECEIPT && (m->refusal == 0 || m->refusal > RXP_REFUSAL_COUNT)))
		return RXP_ERR_MISMATCH;
	return 0;
}

void came_back_take(void *arg, const char *party, struct bytes octets,
    const struct msg_answer_checked *m, came_back_done *done, void *done_arg)
{
	const struct came_back *by = arg;
	struct peer *peer = peers_active(by->peers, party);
	int rc = check(by, peer, m);
	struct taking *t = rc == 0 ? calloc(1, sizeof *t) : NULL;

	if (t == NULL) {
		done(done_arg, rc != 0 ? rc : RXP_ERR_NOMEM);
		return;
	}
	*t = (struct taking){.by = by,
	    .peer = peer,
	    .m = *m,
	    .octets = octets,
	    .now_ms = clock_wall_ms(),
	    .done = done,
	    .arg = done_arg};
	memcpy(t->flags, m->flags.data, m->flags.len);
	t->item = (struct store_item){.apply = apply, .done = taken, .arg = t};
	store_submit(by->node->store, &t->item);
}
