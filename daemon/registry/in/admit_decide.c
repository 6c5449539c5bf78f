#include "daemon/registry/in/admit_inner.h"

#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/registry/in/heard.h"
#include "daemon/registry/in/judge.h"
#include "daemon/registry/in/judge_case.h"
#include "daemon/registry/in/known.h"
#include "daemon/registry/in/reseal.h"
#include "daemon/registry/in/share.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store.h"
#include "daemon/registry/store/store_unproved.h"
#include "daemon/registry/store/store_watch.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/message/type.h"

static const struct bytes nothing;

/* It was stored. */
static void count_stored(struct admission *m, struct peer *peer)
{
	const struct admit_config *c = &m->admit->config;

	peers_count(peer, STATE_NONE, m->state);
	if (m->erased.documents > 0 || m->erased.n_files > 0)
		erase_end(&m->erased, c->node, c->peers, m->party);
}

/* What a notice says of a loss explains differences (RXP-LOG-026): those are told no more. */
static void recount(const struct admission *m, struct peer *peer)
{
	enum rxp_type type;

	if (rxp_type_parse(&type, m->facts.type) == 0 && type == RXP_TYPE_NODE_NOTICE)
		(void)store_difference_open(
		    store_db(m->admit->config.node->store), &peer->differences, m->party);
}

/* --- commit -------------------------------------------------------------------------------------- */

static int final_apply(void *arg, struct db *db)
{
	struct admission *m = arg;
	const struct admit_config *c = &m->admit->config;
	int rc = admission_store(m, db, c->node, c->clocks);

	return rc != 0 ? rc : share_check(c->share, db, m->party);
}

static void final_done(void *arg, int result)
{
	struct admission *m = arg;
	struct admit *a = m->admit;
	struct peer *peer = peers_find(a->config.peers, m->party);

	if (result == RXP_ERR_FULL)
		share_overrun(a->config.share, peer);
	if (result != 0) {
		admit_end_busy(m);
		return;
	}
	peer->log = m->log;
	if (m->verdict.refusal == NULL) {
		count_stored(m, peer);
		a->count.receipted++;
		log_event(
		    LOG_MESSAGE_RECEIVED, LOG_S(m->party), LOG_S(m->id_text), LOG_S(m->facts.type));
		heard_tell(store_db(a->config.node->store), m->party, &m->facts);
		recount(m, peer);
		a->config.received(a->config.arg);
	} else {
		a->count.refused++;
		admit_log_refusal(m);
	}
	admit_end(m, m->verdict.http_status,
	    (struct bytes){.data = m->answer.data, .len = m->answer.len});
}

static void answered(void *arg, int result, const struct link_message *answer)
{
	struct admission *m = arg;
	const struct msg_answer_sealed *sealed = answer != NULL ? answer->body : NULL;

	if (result != 0 || sealed == NULL || sealed->result != 0 ||
	    rxp_buf_put(&m->answer, sealed->octets.data, sealed->octets.len) != 0) {
		admit_end_busy(m);
		return;
	}
	if (!m->verdict.final) {
		m->admit->count.later++;
		admit_log_refusal(m);
		admit_end(m, m->verdict.http_status, sealed->octets);
		return;
	}
	m->stage = ADMISSION_COMMIT;
	m->item = (struct store_item){.apply = final_apply, .done = final_done, .arg = m};
	store_submit(m->admit->config.node->store, &m->item);
}

/* --- decision ------------------------------------------------------------------------------------ */

static void given_again(
    void *arg, int result, const struct store_answer *answer, struct bytes octets)
{
	struct admission *m = arg;

	if (result != 0) {
		admit_end_busy(m);
		return;
	}
	m->admit->count.repeated++;
	admit_end(m, (int)known_status(answer->refusal), octets);
}

/* What a refusal of it means: it was receipted once, so that it is never refused for good now (RXP-RCV-005). */
static bool is_trayed(const struct admission *m)
{
	return m->back && m->facts.in_case && m->facts.refusal == 0 && m->verdict.refusal != NULL &&
	       m->verdict.code != RXP_REFUSAL_ATTACHMENT;
}

/* The receipt that it has, whatever became of it here. */
static void end_with_receipt(struct admission *m)
{
	struct store_answer stored = {.received_ms = m->received_ms};

	memcpy(stored.message_id, m->facts.message_id, sizeof stored.message_id);
	memcpy(stored.fingerprint, m->facts.fingerprint, sizeof stored.fingerprint);
	m->stage = ADMISSION_SEAL;
	reseal_give(m->admit->reseal, m->party, &stored,
	    (struct bytes){.data = m->answer.data, .len = m->answer.len}, given_again, m);
}

static int back_apply(void *arg, struct db *db)
{
	struct admission *m = arg;
	const struct admit_config *c = &m->admit->config;
	int rc;

	if (is_trayed(m))
		return admission_store_trayed(m, db);
	rc = admission_store_back(m, db, c->node, c->clocks);
	return rc != 0 ? rc : share_check(c->share, db, m->party);
}

static void back_done(void *arg, int result)
{
	struct admission *m = arg;
	struct admit *a = m->admit;
	struct peer *peer = peers_find(a->config.peers, m->party);

	if (result != 0) {
		admit_end_busy(m);
		return;
	}
	peer->came_back_mono = clock_mono_ms();
	if (!is_trayed(m)) {
		count_stored(m, peer);
		recount(m, peer);
		log_event(LOG_MESSAGE_CAME_BACK, LOG_S(m->party), LOG_S(m->id_text),
		    LOG_S(m->facts.type));
	}
	a->config.received(a->config.arg);
	end_with_receipt(m);
}

/* The verdict is on what was receipted once. Outside any case, or of what no sealer takes any more, the receipt is all. */
static void go_back(struct admission *m)
{
	bool placed = m->verdict.refusal == NULL || is_trayed(m);

	if (!placed) {
		end_with_receipt(m);
		return;
	}
	m->stage = ADMISSION_COMMIT;
	m->item = (struct store_item){.apply = back_apply, .done = back_done, .arg = m};
	store_submit(m->admit->config.node->store, &m->item);
}

/* A repetition in other octets, or after an answer that was under way. */
static bool give_stored(struct admission *m)
{
	struct store_answer stored;
	struct rxp_buf octets;
	int rc;

	rxp_buf_init(&octets, RXP_MAX_ANSWER_OCTETS);
	rc = store_answer_of_document(store_db(m->admit->config.node->store), &stored, &octets,
	    m->party, m->facts.message_id, m->facts.fingerprint);
	m->conflict = rc == 0 && memcmp(stored.fingerprint, m->facts.fingerprint,
				     sizeof stored.fingerprint) != 0;
	if (rc == 0 && !m->conflict && stored.lacks && !m->voids) {
		rc = admission_take_back(
		    m, stored.received_ms, (struct bytes){.data = octets.data, .len = octets.len});
		if (rc == 0) {
			rxp_buf_free(&octets);
			return false;
		}
	}
	if (rc != 0 && rc != RXP_ERR_NOT_FOUND) {
		admit_end_busy(m);
	} else if (rc == 0 && !m->conflict) {
		m->stage = ADMISSION_SEAL;
		reseal_give(m->admit->reseal, m->party, &stored,
		    (struct bytes){.data = octets.data, .len = octets.len}, given_again, m);
	} else {
		rxp_buf_free(&octets);
		return false;
	}
	rxp_buf_free(&octets);
	return true;
}

static bool other_is_deciding(const struct admission *m)
{
	for (const struct admission *o = m->admit->first; o != NULL; o = o->next)
		if (o != m && (o->stage == ADMISSION_SEAL || o->stage == ADMISSION_COMMIT) &&
		    admission_depends(o, m))
			return true;
	return false;
}

/* What came back under a revoked seal stands before it: its own answer, or a document of its case. Those that wait longest come
 * least often. */
static void put_off(struct admission *m, int64_t began_ms)
{
	int64_t now = clock_wall_ms(), wait_ms = (now - began_ms) / REGISTRY_COMPARE_PART;

	if (wait_ms < REGISTRY_COMPARE_FIRST_MS)
		wait_ms = REGISTRY_COMPARE_FIRST_MS;
	if (wait_ms > REGISTRY_COMPARE_LAST_MS)
		wait_ms = REGISTRY_COMPARE_LAST_MS;
	judge_refuse(&m->verdict, &m->facts, RXP_REFUSAL_BUSY, "a person has not compared yet");
	m->verdict.requirement = "RXP-RCV-014";
	m->verdict.retry_ms = now + wait_ms;
}

static int look_for_unproved(struct admission *m)
{
	int64_t began_ms;
	int rc = store_unproved_to(store_db(m->admit->config.node->store), &began_ms, m->party,
	    m->facts.message_id, m->facts.fingerprint);

	m->unproved = rc == 0;
	if (rc == 0)
		put_off(m, began_ms);
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* Nothing new is built on a document of ours that is not proved. */
static int judge_unproved(struct admission *m)
{
	int64_t began_ms;
	int rc = RXP_ERR_NOT_FOUND;

	if (m->facts.in_case && !m->back)
		rc = store_unproved_in_case(
		    store_db(m->admit->config.node->store), &began_ms, m->party, m->facts.case_id);
	if (rc == 0)
		put_off(m, began_ms);
	return rc == RXP_ERR_NOT_FOUND ? 0 : rc;
}

/* Of a document that says something to the node itself. */
static int judge_heard(struct admission *m)
{
	struct heard_objection o;
	int rc = heard_judge(&o, store_db(m->admit->config.node->store), m->party, &m->facts,
	    m->received_ms, m->back);

	if (rc != 0 || o.why == NULL)
		return rc;
	judge_refuse(&m->verdict, &m->facts, o.code, o.why);
	m->verdict.requirement = o.requirement;
	m->verdict.retry_ms = o.retry_ms;
	return 0;
}

static bool is_brought(const struct admission *m)
{
	bool any = false;

	for (size_t i = 0; i < m->n_askers; i++)
		any = any || m->askers[i].brings;
	return any;
}

/* Under a seal that the peer may list by now. */
static void await_seal(struct admission *m)
{
	judge_refuse(&m->verdict, &m->facts, RXP_REFUSAL_BUSY,
	    "its seal is not known, and the peer was asked a moment ago");
	m->verdict.requirement = "RXP-DSC-046";
	m->verdict.retry_ms = m->ask_ms;
}

static int judge(struct admission *m)
{
	struct node *n = m->admit->config.node;
	int rc = judge_message(&m->verdict, &m->facts, m->conflict, m->received_ms);

	if (rc == 0 && m->ask_ms != 0)
		await_seal(m);
	if (rc == 0 && m->verdict.refusal == NULL)
		rc = judge_unproved(m);
	if (rc == 0 && m->verdict.refusal == NULL)
		rc = judge_heard(m);
	if (rc != 0 || m->verdict.refusal != NULL)
		return rc;
	if (!m->voids)
		return judge_case(&m->verdict,
		    &(struct judge_case){store_db(n->store), m->admit->config.terms,
			m->admit->config.clocks, n->own, m->party, m->received_ms, is_brought(m)},
		    &m->facts);
	judge_refuse(&m->verdict, &m->facts, RXP_REFUSAL_VOIDED, "its sender took it back");
	return 0;
}

static bool all_fetch(const struct admission *m)
{
	bool all = true;

	for (size_t i = 0; i < m->n_askers; i++)
		all = all && m->askers[i].fetches;
	return all;
}

/* The order of RXP-ANS-011: what is known, or may be, then times, then what the sealer found, then the case. */
void admit_decide(struct admission *m)
{
	struct node *n = m->admit->config.node;
	struct peer *peer = peers_active(m->admit->config.peers, m->party);

	if (peer == NULL) {
		admit_end_busy(m); /* distrusted meanwhile */
		return;
	}
	if (m->facts.opened) {
		if (other_is_deciding(m)) {
			m->stage = ADMISSION_WAIT;
			return;
		}
		if (look_for_unproved(m) != 0) {
			admit_end_busy(m);
			return;
		}
		if (!m->unproved && give_stored(m))
			return;
		if (m->facts.lapsed && !m->back && !m->unproved)
			admission_lapse(m);
	}
	if (!m->unproved && judge(m) != 0) {
		admit_end_busy(m);
		return;
	}
	if (admission_lacks_files(m) && all_fetch(m)) {
		admit_end(m, rxp_refusal_row(m->verdict.code)->http_status, nothing);
		return;
	}
	if (m->back && !admission_lacks_files(m)) {
		go_back(m);
		return;
	}
	if (!admission_has_id(m)) {
		m->admit->count.later++;
		admit_log_refusal(m);
		admit_end_unsigned(m, m->verdict.code);
		return;
	}
	m->stage = ADMISSION_SEAL;
	if (admission_seal(m, n, m->admit->config.keys, peer, answered) != 0)
		admit_end_busy(m);
}
