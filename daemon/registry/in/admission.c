#include "daemon/registry/in/admission.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/base/clock.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/clocks.h"
#include "daemon/registry/in/arrival.h"
#include "daemon/registry/in/heard.h"
#include "daemon/registry/node.h"
#include "daemon/registry/peers/keys.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/retention/replay.h"
#include "daemon/registry/store/store_pending.h"
#include "daemon/registry/store/store_recovery.h"
#include "daemon/registry/store/store_retention.h"
#include "daemon/registry/store/store_tray.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

int admission_new(struct admission **out, struct admit *a, struct node *n,
    const struct admit_asker *asker, const struct msg_admit *q, const uint8_t digest[32])
{
	struct admission *m = calloc(1, sizeof *m);
	int rc;

	if (m == NULL)
		return RXP_ERR_NOMEM;
	m->admit = a;
	m->askers[m->n_askers++] = *asker;
	memcpy(m->party, q->party, sizeof m->party);
	m->received_ms = node_time_told(q->received_ms, clock_wall_ms() - REGISTRY_GATEWAY_LAG_MS);
	memcpy(m->digest, digest, sizeof m->digest);
	rxp_buf_init(&m->envelope, RXP_MAX_ENVELOPE_OCTETS);
	rxp_buf_init(&m->kept, IPC_MESSAGE_MAX);
	rxp_buf_init(&m->answer, RXP_MAX_ANSWER_OCTETS);
	rc = rxp_id_make_v7(m->local_id, clock_wall_ms(), &n->random);
	if (rc == 0)
		rc = rxp_buf_put(&m->envelope, q->envelope.data, q->envelope.len);
	if (rc != 0) {
		admission_free(m);
		return rc;
	}
	*out = m;
	return 0;
}

void admission_free(struct admission *m)
{
	if (m == NULL)
		return;
	rxp_buf_free(&m->envelope);
	rxp_buf_free(&m->kept);
	rxp_buf_free(&m->answer);
	erase_clear(&m->erased);
	free(m);
}

void admission_lapse(struct admission *m)
{
	struct msg_opened closed = {.result = m->facts.result,
	    .refusal = 1u + (uint32_t)RXP_REFUSAL_UNOPENABLE,
	    .unknown_seal = m->facts.unknown_seal};

	memcpy(closed.message_id, m->voids ? m->own_id : m->facts.message_id,
	    sizeof closed.message_id);
	memcpy(closed.from, m->facts.from, sizeof closed.from);
	memcpy(closed.to, m->facts.to, sizeof closed.to);
	memcpy(closed.envelope_digest, m->facts.envelope_digest, sizeof closed.envelope_digest);
	m->facts = closed;
	m->voids = m->conflict = false;
}

/* The runs one behind the other; the addresses are taken when no more is put. */
int admission_keep_facts(struct admission *m, const struct msg_opened *facts)
{
	struct bytes *runs[] = {&m->facts.place, &m->facts.evidence, &m->facts.wrapped_key,
	    &m->facts.facts, &m->facts.attachments, &m->facts.body};
	size_t at = 0;

	m->facts = *facts;
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++)
		rxp_buf_put(&m->kept, runs[i]->data, runs[i]->len);
	for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
		runs[i]->data = runs[i]->len > 0 ? m->kept.data + at : NULL;
		at += runs[i]->len;
	}
	memcpy(m->own_id, m->facts.message_id, sizeof m->own_id);
	if (rxp_buf_error(&m->kept) == 0 && heard_void(&m->voids, &m->facts) != 0)
		return RXP_ERR_DAMAGED;
	rxp_id_text(m->id_text, m->facts.message_id);
	return rxp_buf_error(&m->kept);
}

bool admission_has_id(const struct admission *m)
{
	static const uint8_t none[RXP_ID_OCTETS];

	return memcmp(m->facts.message_id, none, sizeof none) != 0;
}

/* What the answer to one says depends on the others that the node has had of its kind (RXP-NOT-012, RXP-HIS-010 and
 * 011). */
static bool is_counted(const struct msg_opened *facts)
{
	enum rxp_type type;

	return rxp_type_parse(&type, facts->type) == 0 &&
	       (type == RXP_TYPE_NODE_NOTICE || type == RXP_TYPE_HISTORY_REQUEST ||
		   type == RXP_TYPE_HISTORY_COPY);
}

bool admission_lacks_files(const struct admission *m)
{
	return m->verdict.refusal != NULL && m->verdict.code == RXP_REFUSAL_ATTACHMENT;
}

bool admission_depends(const struct admission *a, const struct admission *b)
{
	const struct msg_opened *x = &a->facts, *y = &b->facts;

	if (!x->opened || !y->opened || strcmp(a->party, b->party) != 0)
		return false;
	if (x->in_case && y->in_case && memcmp(x->case_id, y->case_id, RXP_ID_OCTETS) == 0)
		return true;
	if (is_counted(x) && is_counted(y))
		return true;
	return memcmp(x->message_id, y->message_id, RXP_ID_OCTETS) == 0;
}

/* --- the answer ---------------------------------------------------------------------------------- */

/* RXP-ANS-019, as the sealer and the store have them: words separated by a space. */
static struct bytes write_flags(struct admission *m)
{
	size_t used = 0;

	m->flags[0] = '\0';
	for (unsigned flag = 0; flag < RXP_FLAG_COUNT; flag++)
		if ((m->verdict.flags & 1u << flag) != 0 && used < sizeof m->flags)
			used += (size_t)snprintf(m->flags + used, sizeof m->flags - used, "%s%s",
			    used > 0 ? " " : "", rxp_flag_word((enum rxp_flag)flag));
	return (struct bytes){.data = (const uint8_t *)m->flags, .len = strlen(m->flags)};
}

static void fill_receipt(struct msg_seal_answer *q, struct admission *m, struct peer *peer)
{
	q->flags = write_flags(m);
	q->kind = RXP_ANSWER_RECEIPT;
	q->received_ms = m->received_ms;
	memcpy(q->log_id, peer->log_id, sizeof q->log_id);
	q->log_count = peer->log.count;
	memcpy(q->log_head, peer->log.head, sizeof q->log_head);
	if (peer->log_named_ms > m->received_ms)
		peer->log_named_ms = m->received_ms;
}

static void fill_view(struct msg_seal_answer *q, const struct verdict *v)
{
	q->has_view = v->has_view;
	if (!v->has_view)
		return;
	q->own_position = v->view[0].position;
	memcpy(q->own_fingerprint, v->view[0].fingerprint, sizeof q->own_fingerprint);
	q->peer_position = v->view[1].position;
	memcpy(q->peer_fingerprint, v->view[1].fingerprint, sizeof q->peer_fingerprint);
}

/* RXP-ANS-008: a place only where the sealer named one; RXP-ANS-016: the working part of rekey. */
static void fill_refusal(
    struct msg_seal_answer *q, const struct admission *m, const struct keys *keys)
{
	fill_view(q, &m->verdict);
	snprintf(q->requirement, sizeof q->requirement, "%s", m->verdict.requirement);
	q->kind = RXP_ANSWER_REFUSAL;
	q->refusal = 1u + (uint32_t)m->verdict.code;
	q->retry_ms = m->verdict.retry_ms;
	if (m->verdict.code == RXP_REFUSAL_SCHEMA || m->verdict.code == RXP_REFUSAL_OFFICE_KEY)
		q->place = m->facts.place;
	if (m->verdict.code == RXP_REFUSAL_REKEY)
		q->working = keys_working(keys);
}

int admission_seal(struct admission *m, struct node *n, const struct keys *keys, struct peer *peer,
    work_done *done)
{
	/* A final refusal says in Created what its log entry records (RXP-ANS-018). */
	bool recorded = m->verdict.refusal != NULL && m->verdict.final;
	struct msg_seal_answer q = {.created_ms = recorded ? m->received_ms : clock_wall_ms()};

	memcpy(q.message_id, m->facts.message_id, sizeof q.message_id);
	memcpy(q.to, m->party, sizeof q.to);
	memcpy(q.envelope_digest, m->digest, sizeof q.envelope_digest);
	q.has_fingerprint = m->facts.opened;
	if (m->facts.opened)
		memcpy(q.fingerprint, m->facts.fingerprint, sizeof q.fingerprint);
	if (m->verdict.refusal == NULL)
		fill_receipt(&q, m, peer);
	else
		fill_refusal(&q, m, keys);
	return work_submit(n->work, IPC_seal_answer, &q, NULL, 0, done, m);
}

static struct store_place place_of(const struct msg_opened *facts)
{
	struct store_place p = {.in_case = facts->in_case != 0,
	    .position = facts->position,
	    .has_previous = facts->has_previous != 0,
	    .has_seen = facts->has_seen != 0};

	memcpy(p.case_id, facts->case_id, sizeof p.case_id);
	memcpy(p.previous, facts->previous, sizeof p.previous);
	memcpy(p.seen, facts->seen, sizeof p.seen);
	return p;
}

/* The first document of a case that the peer opens brings its row (RXP-CAS-003). */
static int open_case(const struct admission *m, struct db *db, const char *own)
{
	struct store_case row;
	struct cases c;
	enum rxp_type type;
	int rc = store_case_get(db, &row, m->party, m->facts.case_id);

	if (rc != RXP_ERR_NOT_FOUND)
		return rc;
	if (rxp_type_parse(&type, m->facts.type) != 0)
		return RXP_ERR_DAMAGED;
	cases_init(&c, own, m->party, false);
	memcpy(c.row.case_id, m->facts.case_id, sizeof c.row.case_id);
	snprintf(c.row.profile_id, sizeof c.row.profile_id, "%.63s", m->facts.profile_id);
	snprintf(
	    c.row.profile_version, sizeof c.row.profile_version, "%.63s", m->facts.profile_version);
	c.row.opened_ms = c.row.changed_ms = m->received_ms;
	c.row.kind = cases_kind(type);
	return store_case_add(db, &c.row);
}

/* What the node itself reads waits for nobody. */
static enum state state_of(const struct msg_opened *facts)
{
	enum rxp_type type;

	return rxp_type_parse(&type, facts->type) == 0 && rxp_type_row(type)->collected
		   ? STATE_RECEIVED
		   : STATE_HANDED_OVER;
}

/* What is not here is awaited (RXP-ATT-016), and the receipt, which is sealed, says whether something is: what came
 * meanwhile is told of at once, and what went is decided anew (RXP-ATT-031). */
static int claim_files(const struct admission *m, struct db *db, struct node *n)
{
	bool said = (m->verdict.flags & 1u << RXP_FLAG_PENDING) != 0, awaits = false;
	struct store_pending p = {.own = false};
	int rc = store_pending_claim(db, &awaits, m->party, m->local_id, m->facts.attachments);

	if (rc == 0 && awaits && !said)
		return RXP_ERR_STATE;
	if (rc != 0 || !said)
		return rc;
	memcpy(p.local_id, m->local_id, sizeof p.local_id);
	memcpy(p.peer, m->party, sizeof p.peer);
	memcpy(p.case_id, m->facts.case_id, sizeof p.case_id);
	rc = store_pending_add(db, &p);
	return rc != 0 || awaits ? rc : arrival_tell(db, n, m->party, m->local_id, clock_wall_ms());
}

/* These data are older than its erasure: it goes in the step that brings it. */
static int erase_again_of(struct admission *m, struct db *db, const struct node *n)
{
	struct erasure_document d = {.own = false};

	memcpy(d.peer, m->party, sizeof d.peer);
	memcpy(d.message_id, m->facts.message_id, sizeof d.message_id);
	memcpy(d.fingerprint, m->facts.fingerprint, sizeof d.fingerprint);
	return replay_back(&m->erased, db, n, &d, m->local_id, clock_wall_ms());
}

static int store_message(struct admission *m, struct db *db, const struct store_final *final,
    struct node *n, struct clocks *clocks)
{
	struct store_received r = {.state = state_of(&m->facts),
	    .type = m->facts.type,
	    .created_ms = m->facts.created_ms,
	    .expires_ms = m->facts.expires_ms,
	    .seal_cert = m->facts.seal_cert,
	    .envelope = {.data = m->envelope.data, .len = m->envelope.len},
	    .evidence = m->facts.evidence,
	    .wrapped_key = m->facts.wrapped_key,
	    .place = place_of(&m->facts),
	    .facts = m->facts.facts};
	const struct heard heard = {&m->facts, r.envelope, m->received_ms, m->back};
	int rc;

	/* An id of the moment of the commit: who reads the inbox by ids misses none that was slow. */
	rc = rxp_id_make_v7(m->local_id, clock_wall_ms(), &n->random);
	memcpy(r.local_id, m->local_id, sizeof r.local_id);
	m->state = r.state;
	if (rc == 0 && m->facts.in_case)
		rc = open_case(m, db, n->own);
	if (rc == 0)
		rc = store_inbox_put(db, &r, final);
	if (rc == 0)
		rc = claim_files(m, db, n);
	if (rc == 0 && m->facts.in_case)
		rc = clocks_refresh(clocks, db, m->party, m->facts.case_id, m->received_ms);
	if (rc == 0)
		rc = heard_act(db, m->party, &heard);
	return rc != 0 ? rc : erase_again_of(m, db, n);
}

static struct store_final final_of(const struct admission *m)
{
	return (struct store_final){.peer = m->party,
	    .message_id = m->facts.message_id,
	    .fingerprint = m->facts.fingerprint,
	    .envelope_digest = m->digest,
	    .refusal = m->verdict.refusal != NULL ? m->verdict.refusal : "",
	    .flags = m->verdict.refusal == NULL ? m->flags : "",
	    .received_ms = m->received_ms,
	    .octets = {.data = m->answer.data, .len = m->answer.len}};
}

int admission_take_back(struct admission *m, int64_t received_ms, struct bytes receipt)
{
	m->back = true;
	m->received_ms = received_ms;
	rxp_buf_reset(&m->answer);
	return rxp_buf_put(&m->answer, receipt.data, receipt.len);
}

/* Also what of its case waited for it is due then. */
int admission_store_back(struct admission *m, struct db *db, struct node *n, struct clocks *clocks)
{
	const struct store_final final = final_of(m);
	int rc = store_answer_has(db, &final);

	if (rc == 0)
		rc = store_message(m, db, &final, n, clocks);
	if (rc == 0)
		rc = store_tray_drop(db, m->party, m->facts.message_id);
	if (rc == 0 && m->facts.in_case)
		rc = store_tray_due(db, m->party, m->facts.case_id);
	return rc != 0 ? rc : store_recovery_count(db, m->party, STORE_BACK_DOCUMENT);
}

/* Its case is looked at again: it may be one of which nothing else is left (RXP-RET-021). */
int admission_store_trayed(const struct admission *m, struct db *db)
{
	int64_t now_ms = clock_wall_ms();
	int rc = store_tray_put(db, &(struct store_trayed){.peer = m->party,
					.message_id = m->facts.message_id,
					.case_id = m->facts.case_id,
					.position = m->facts.position,
					.envelope = {m->envelope.data, m->envelope.len},
					.key_id = m->facts.key_id,
					.now_ms = now_ms});

	return rc != 0 ? rc : store_retention_look(db, m->party, m->facts.case_id, now_ms);
}

int admission_store(struct admission *m, struct db *db, struct node *n, struct clocks *clocks)
{
	const struct store_final final = final_of(m);
	int rc;

	rc = store_answer_put(db, &final, &m->log);
	if (rc == 0 && m->verdict.refusal == NULL)
		rc = store_message(m, db, &final, n, clocks);
	return rc;
}
