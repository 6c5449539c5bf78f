#include "daemon/registry/in/admit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/base/link.h"
#include "daemon/base/log.h"
#include "daemon/base/work.h"
#include "daemon/registry/in/admission.h"
#include "daemon/registry/in/heard.h"
#include "daemon/registry/in/judge.h"
#include "daemon/registry/in/judge_case.h"
#include "daemon/registry/in/known.h"
#include "daemon/registry/in/reseal.h"
#include "daemon/registry/in/share.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/peers/publish.h"
#include "daemon/registry/peers/refresh.h"
#include "daemon/registry/store/store.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/message/answer.h"

#define HTTP_BUSY 503

struct admit {
	struct admit_config config;
	struct reseal *reseal; /* owned, as known */
	struct known *known;
	struct admission *first; /* all that are in work */
	bool paused; /* the gateway's link rests */
	struct admit_counts count;
};

static void answered(void *arg, int result, const struct link_message *answer);
static void go_on(struct admission *m);

static const struct bytes nothing;

/* --- ends ---------------------------------------------------------------------------------------- */

static void to_gateway(void *arg, uint64_t request, const struct admit_answer *a)
{
	struct node *n = arg;
	const struct msg_admitted m = {.http_status = a->http_status, .answer = a->octets};

	link_answer(n->gateway, IPC_admitted, request, &m, NULL, 0);
}

static void unlink_admission(struct admit *a, struct admission *m)
{
	struct admission **at = &a->first;

	while (*at != NULL && *at != m)
		at = &(*at)->next;
	if (*at == NULL)
		abort(); /* every admission in work is in the list */
	*at = m->next;
}

/* Those that waited for this one are decided anew, and may wait for one another then: now there is an
 * answer, or there is none and the next one may give it. */
static void release_waiting(struct admit *a, const struct admission *ended)
{
	for (struct admission *m = a->first; m != NULL; m = m->next)
		if (m->stage == ADMISSION_WAIT && admission_depends(m, ended))
			m->stage = ADMISSION_DECIDE;
}

static bool lacks_files(const struct admission *m)
{
	return m->verdict.refusal != NULL && m->verdict.code == RXP_REFUSAL_ATTACHMENT;
}

/* Answer everybody who asked, and forget it. */
static void end(struct admission *m, int status, struct bytes answer)
{
	struct admit *a = m->admit;
	const struct admit_answer said = {.http_status = (uint32_t)status,
	    .octets = answer,
	    .message_id = admission_has_id(m) ? m->facts.message_id : NULL,
	    .attachments = answer.len == 0 && lacks_files(m) ? m->facts.attachments : nothing};

	for (size_t i = 0; i < m->n_askers; i++)
		m->askers[i].answered(m->askers[i].arg, m->askers[i].request, &said);
	unlink_admission(a, m);
	release_waiting(a, m);
	admission_free(m);
}

static void answer_busy(struct admit *a, const struct admit_asker *asker)
{
	a->count.busy++;
	asker->answered(
	    asker->arg, asker->request, &(struct admit_answer){.http_status = HTTP_BUSY});
}

/* Not decided, and no word of a peer is needed for the reason: it sends again. */
static void end_busy(struct admission *m)
{
	m->admit->count.busy++;
	end(m, HTTP_BUSY, nothing);
}

/* A refusal that cannot be sealed, since there is no message id to name. */
static void end_unsigned(struct admission *m, enum rxp_refusal code)
{
	end(m, rxp_refusal_row(code)->http_status, nothing);
}

/* Once for each answer that is given, and only when it is: nothing is said of what a failed commit takes
 * back, or of a stored answer that is given again. */
static void log_refusal(const struct admission *m)
{
	if (m->verdict.code == RXP_REFUSAL_SENDER)
		log_event(
		    LOG_SENDER_FALSE, LOG_S(m->party), LOG_S(m->facts.from), LOG_S(m->id_text));
	log_event(LOG_MESSAGE_TURNED_AWAY, LOG_S(m->party), LOG_S(m->id_text),
	    LOG_S(m->verdict.refusal), LOG_S(m->verdict.why));
}

/* --- quarantine ---------------------------------------------------------------------------------- */

static int quarantine_apply(void *arg, struct db *db)
{
	const struct admission *m = arg;

	return store_quarantine_put(db, m->local_id, m->party, m->digest,
	    (struct bytes){.data = m->envelope.data, .len = m->envelope.len}, m->received_ms);
}

/* Refused even if there is no room to keep it: only the octets for analysis are missing then. */
static void quarantine_done(void *arg, int result)
{
	struct admission *m = arg;
	struct peer *peer = peers_find(m->admit->config.peers, m->party);

	if (result != 0 && result != RXP_ERR_FULL) {
		end_busy(m);
		return;
	}
	if (result == 0)
		peers_count(peer, STATE_NONE, STATE_QUARANTINED);
	m->admit->count.quarantined++;
	log_event(LOG_MESSAGE_QUARANTINED, LOG_S(m->party), LOG_X(m->digest, sizeof m->digest));
	end_unsigned(m, RXP_REFUSAL_UNOPENABLE);
}

static void quarantine(struct admission *m)
{
	m->stage = ADMISSION_COMMIT;
	m->item = (struct store_item){.apply = quarantine_apply, .done = quarantine_done, .arg = m};
	store_submit(m->admit->config.node->store, &m->item);
}

/* It was stored. */
static void count_stored(struct admission *m, struct peer *peer)
{
	const struct admit_config *c = &m->admit->config;

	peers_count(peer, STATE_NONE, m->state);
	if (m->erased.documents > 0 || m->erased.n_files > 0)
		erase_end(&m->erased, c->node, c->peers, m->party);
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
		end_busy(m);
		return;
	}
	peer->log = m->log;
	if (m->verdict.refusal == NULL) {
		count_stored(m, peer);
		a->count.receipted++;
		log_event(
		    LOG_MESSAGE_RECEIVED, LOG_S(m->party), LOG_S(m->id_text), LOG_S(m->facts.type));
		heard_tell(store_db(a->config.node->store), m->party, &m->facts);
		a->config.received(a->config.arg);
	} else {
		a->count.refused++;
		log_refusal(m);
	}
	end(m, m->verdict.http_status,
	    (struct bytes){.data = m->answer.data, .len = m->answer.len});
}

static void answered(void *arg, int result, const struct link_message *answer)
{
	struct admission *m = arg;
	const struct msg_answer_sealed *sealed = answer != NULL ? answer->body : NULL;

	if (result != 0 || sealed == NULL || sealed->result != 0 ||
	    rxp_buf_put(&m->answer, sealed->octets.data, sealed->octets.len) != 0) {
		end_busy(m);
		return;
	}
	if (!m->verdict.final) {
		m->admit->count.later++;
		log_refusal(m);
		end(m, m->verdict.http_status, sealed->octets);
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
		end_busy(m);
		return;
	}
	m->admit->count.repeated++;
	end(m, (int)known_status(answer->refusal), octets);
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
		end_busy(m);
		return;
	}
	peer->came_back_mono = clock_mono_ms();
	if (!is_trayed(m)) {
		count_stored(m, peer);
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
		end_busy(m);
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

static int judge(struct admission *m)
{
	struct node *n = m->admit->config.node;
	int rc = judge_message(&m->verdict, &m->facts, m->conflict, m->received_ms);

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

/* The order of RXP-ANS-011: what is known, then times, then what the sealer found, then the case. */
static void decide(struct admission *m)
{
	struct node *n = m->admit->config.node;
	const struct peer *peer = peers_active(m->admit->config.peers, m->party);

	if (peer == NULL) {
		end_busy(m); /* distrusted meanwhile */
		return;
	}
	if (m->facts.opened) {
		if (other_is_deciding(m)) {
			m->stage = ADMISSION_WAIT;
			return;
		}
		if (give_stored(m))
			return;
		if (m->facts.lapsed && !m->back)
			admission_lapse(m);
	}
	if (judge(m) != 0) {
		end_busy(m);
		return;
	}
	if (lacks_files(m) && all_fetch(m)) {
		end(m, rxp_refusal_row(m->verdict.code)->http_status, nothing);
		return;
	}
	if (m->back && !lacks_files(m)) {
		go_back(m);
		return;
	}
	if (!admission_has_id(m)) {
		m->admit->count.later++;
		log_refusal(m);
		end_unsigned(m, m->verdict.code);
		return;
	}
	m->stage = ADMISSION_SEAL;
	if (admission_seal(m, n, m->admit->config.keys, peer, answered) != 0)
		end_busy(m);
}

static void descriptor_came(void *arg, enum refresh_outcome outcome, const char *why)
{
	struct admission *m = arg;

	(void)outcome; /* what is known then is what it is judged by */
	(void)why;
	m->stage = ADMISSION_NEW;
	go_on(m);
}

/* Requests and not envelopes: many for the same octets fill the link's window just as well. */
static size_t n_requests(const struct admit *a, const char *party, bool asking)
{
	size_t n = 0;

	for (const struct admission *m = a->first; m != NULL; m = m->next)
		if (strcmp(m->party, party) == 0 && (!asking || m->stage == ADMISSION_ASK))
			n += m->n_askers;
	return n;
}

static bool may_ask(const struct admit *a, const char *party)
{
	return n_requests(a, party, true) < REGISTRY_PEER_ASKS_MAX;
}

/* Those that asked first wait with it. */
static void begin_asking(struct admission *m)
{
	struct admit *a = m->admit;

	m->asked = true;
	m->stage = ADMISSION_ASK;
	while (n_requests(a, m->party, true) > REGISTRY_PEER_ASKS_MAX)
		answer_busy(a, &m->askers[--m->n_askers]);
}

/* Is it to be opened once more, when the peer has said which seals it has now? If it cannot be asked, it is not judged
 * at all. */
static bool ask_for_seal(struct admission *m, const struct msg_opened *facts)
{
	struct peer *peer = peers_active(m->admit->config.peers, m->party);

	struct refresh *refresh = m->admit->config.refresh;
	bool strange = facts->unknown_seal != 0;
	int rc;

	if (m->asked || peer == NULL)
		return false;
	if ((strange || peer->old_at_start) && !may_ask(m->admit, m->party))
		rc = RXP_ERR_FULL;
	else
		rc = strange ? refresh_suspect(refresh, peer, descriptor_came, m)
			     : refresh_first(refresh, peer, descriptor_came, m);
	if (rc < 0)
		end_busy(m);
	else if (rc == 1)
		begin_asking(m);
	else
		m->asked = strange;
	return rc != 0;
}

static void opened(void *arg, int result, const struct link_message *answer)
{
	struct admission *m = arg;
	const struct msg_opened *facts = answer != NULL ? answer->body : NULL;

	if (result == RXP_ERR_DAMAGED) {
		quarantine(m);
		return;
	}
	if (result == 0 && facts != NULL && facts->result == 0 && ask_for_seal(m, facts))
		return;
	if (result != 0 || facts == NULL || facts->result != 0 ||
	    admission_keep_facts(m, facts) != 0) {
		end_busy(m);
		return;
	}
	m->stage = ADMISSION_DECIDE;
	go_on(m);
}

static void open_it(struct admission *m)
{
	struct node *n = m->admit->config.node;
	struct msg_open q = {.received_ms = m->received_ms,
	    .envelope = {.data = m->envelope.data, .len = m->envelope.len}};
	int fd, rc;

	if (!work_has_room(n->work, IPC_open))
		return;
	memcpy(q.party, m->party, sizeof q.party);
	q.register_number = publish_register(m->admit->config.publish, &fd);
	m->stage = ADMISSION_OPEN;
	rc = work_submit(n->work, IPC_open, &q, &fd, 1, opened, m);
	if (rc != 0)
		end_busy(m);
}

/* One step, if the stage is one that waits for nobody else. */
static void go_on(struct admission *m)
{
	if (m->stage == ADMISSION_NEW)
		open_it(m);
	else if (m->stage == ADMISSION_DECIDE)
		decide(m);
}

void admit_round(struct admit *a)
{
	struct admission *next;
	size_t n = 0;
	bool full;

	for (struct admission *m = a->first; m != NULL; m = next) {
		next = m->next;
		go_on(m);
	}
	for (const struct admission *m = a->first; m != NULL; m = m->next)
		n += m->stage != ADMISSION_ASK; /* what it waits for comes over that link */
	full = n >= REGISTRY_ADMITS_MAX;
	if (full != a->paused)
		link_pause(a->config.node->gateway, full);
	a->paused = full;
}

/* --- arrival ------------------------------------------------------------------------------------- */

/* RXP_ERR_EXISTS: it waits with others for the same answer. RXP_ERR_FULL: too many do. */
static int join(
    struct admit *a, const struct admit_asker *asker, const char *party, const uint8_t *digest)
{
	for (struct admission *m = a->first; m != NULL; m = m->next)
		if (strcmp(m->party, party) == 0 &&
		    memcmp(m->digest, digest, sizeof m->digest) == 0 &&
		    m->n_askers < REGISTRY_ADMITS_MAX) {
			if (m->stage == ADMISSION_ASK && !may_ask(a, party))
				return RXP_ERR_FULL;
			m->askers[m->n_askers++] = *asker;
			return RXP_ERR_EXISTS;
		}
	return 0;
}

/* What was answered is answered again, whatever the peer has here. RXP_ERR_EXISTS: the request has
 * found its answer, or is going to. */
static int begin(struct admission **out, struct admit *a, const struct admit_asker *asker,
    const struct msg_admit *q)
{
	struct peer *peer = peers_active(a->config.peers, q->party);
	uint8_t digest[32];
	int rc =
	    peer == NULL ? RXP_ERR_STATE : node_digest(digest, q->envelope.data, q->envelope.len);

	if (rc != 0)
		return rc;
	if (known_give(a->known, asker, q->party, digest))
		return RXP_ERR_EXISTS;
	if (n_requests(a, q->party, false) >= REGISTRY_PEER_ADMITS_MAX)
		return RXP_ERR_FULL;
	rc = join(a, asker, q->party, digest);
	if (rc != 0)
		return rc;
	if (!share_open(a->config.share, peer, REGISTRY_MESSAGE_OCTETS))
		return RXP_ERR_FULL;
	return admission_new(out, a, a->config.node, asker, q, digest);
}

void admit_bring(struct admit *a, const struct admit_asker *asker, const struct msg_admit *q)
{
	struct admission *m = NULL;
	int rc = begin(&m, a, asker, q);

	if (rc == RXP_ERR_EXISTS)
		return;
	if (rc != 0) {
		answer_busy(a, asker);
		return;
	}
	m->next = a->first;
	a->first = m;
	go_on(m);
}

void admit_take(struct admit *a, uint64_t request, const struct msg_admit *q)
{
	const struct admit_asker gateway = {
	    .brings = true, .answered = to_gateway, .arg = a->config.node, .request = request};

	admit_bring(a, &gateway, q);
}

void admit_free(struct admit *a)
{
	if (a == NULL)
		return;
	while (a->first != NULL) {
		struct admission *m = a->first;

		a->first = m->next;
		admission_free(m);
	}
	known_free(a->known);
	reseal_free(a->reseal);
	free(a);
}

int admit_new(struct admit **out, const struct admit_config *config)
{
	struct admit *a = calloc(1, sizeof *a);
	int rc;

	if (a == NULL)
		return RXP_ERR_NOMEM;
	a->config = *config;
	rc = reseal_new(&a->reseal, config->node);
	if (rc == 0)
		rc = known_new(&a->known, config->node, a->reseal, &a->count);
	if (rc == 0)
		*out = a;
	else
		admit_free(a);
	return rc;
}

struct admit_counts admit_counted(const struct admit *a)
{
	return a->count;
}
