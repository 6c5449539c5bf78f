#include "daemon/registry/in/judge_case.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/registry/cases/agreed.h"
#include "daemon/registry/cases/case_facts.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/chapter.h"
#include "daemon/registry/cases/clocks.h"
#include "daemon/registry/in/judge.h"
#include "daemon/registry/in/peer_file.h"
#include "daemon/registry/limits.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/store/store_history.h"
#include "daemon/registry/store/store_pending.h"
#include "daemon/registry/terms/terms.h"
#include "protocol/base/buf.h"
#include "protocol/base/err.h"
#include "protocol/document/document.h"

static int document_of(
    struct rxp_case_document *out, const char *party, const struct msg_opened *facts)
{
	struct rxp_case_document d = {.position = facts->position,
	    .has_previous = facts->has_previous != 0,
	    .has_seen = facts->has_seen != 0};

	memcpy(d.from, party, sizeof d.from);
	memcpy(d.previous, facts->previous, sizeof d.previous);
	memcpy(d.seen, facts->seen, sizeof d.seen);
	memcpy(d.fingerprint, facts->fingerprint, sizeof d.fingerprint);
	if (rxp_type_parse(&d.type, facts->type) != 0 || case_facts_read(&d, facts->facts) != 0)
		return RXP_ERR_BOUND;
	*out = d;
	return 0;
}

/* The case it belongs to; an empty one, in the roles that its type says and under the profile that it names,
 * if none is known with this party. Whether its CaseId is in use with another makes no difference. */
static int load_for(struct cases *c, const struct judge_case *by, const struct rxp_case_document *d,
    const struct msg_opened *facts)
{
	int rc = cases_load(c, by->db, by->own, d->from, facts->case_id);

	if (rc != RXP_ERR_NOT_FOUND)
		return rc;
	cases_init(c, by->own, d->from, !rxp_case_may_send(d->type, RXP_CASE_REQUESTING));
	snprintf(c->row.profile_id, sizeof c->row.profile_id, "%.63s", facts->profile_id);
	snprintf(
	    c->row.profile_version, sizeof c->row.profile_version, "%.63s", facts->profile_version);
	return 0;
}

/* A safeguard is not named, neither to the sender nor here (RXP-ANS-008). */
static void refuse(struct verdict *v, const struct msg_opened *facts,
    const struct rxp_case_verdict *r, const struct rxp_case *folded, const struct cases *c)
{
	static const char *const words[RXP_REFUSAL_COUNT] = {
	    [RXP_REFUSAL_GAP] = "an earlier document of the case is missing",
	    [RXP_REFUSAL_FORK] = "another history of the case",
	    [RXP_REFUSAL_STATE] = "the case does not allow it",
	    [RXP_REFUSAL_NOT_ACCEPTABLE] = JUDGE_SAFEGUARD};

	judge_refuse(v, facts, r->code, words[r->code]);
	if (r->code != RXP_REFUSAL_NOT_ACCEPTABLE)
		v->requirement = r->requirement;
	v->has_view = r->code == RXP_REFUSAL_GAP || r->code == RXP_REFUSAL_FORK;
	if (!v->has_view)
		return;
	rxp_case_last(&v->view[0], folded, c->own);
	rxp_case_last(&v->view[1], folded, c->row.peer);
}

/* RXP-HIS-014: what it has seen of ours may be on its way back. */
static int spare(struct verdict *v, const struct judge_case *by, const struct cases *c,
    const struct rxp_case_document *d, const struct msg_opened *facts)
{
	bool open;
	int rc;

	for (size_t i = 0; i < c->n; i++)
		if (!d->has_seen || (c->entries[i].own && memcmp(c->docs[i].fingerprint, d->seen,
							      sizeof d->seen) == 0))
			return 0;
	rc = store_asked_open(by->db, &open, by->party, facts->case_id);
	if (rc == 0 && open) {
		judge_refuse(v, facts, RXP_REFUSAL_BUSY, "what it has seen may be on its way back");
		v->requirement = "RXP-HIS-014";
		v->retry_ms = by->received_ms + REGISTRY_HISTORY_LOOKED_MS;
	}
	return rc;
}

/* The profile that the document names: one that this node holds if it opens the case (RXP-PRF-023), else that of
 * the case (RXP-PRF-024). */
static void judge_profile(struct verdict *v, const struct terms *terms, const struct cases *c,
    const struct rxp_case_document *d, const struct msg_opened *facts)
{
	struct store_case named = c->row;
	struct terms_why why;

	snprintf(named.profile_id, sizeof named.profile_id, "%.63s", facts->profile_id);
	snprintf(
	    named.profile_version, sizeof named.profile_version, "%.63s", facts->profile_version);
	if (c->n == 0) {
		if (terms_for_new(&why, terms, &named, facts->created_ms) == 0 &&
		    chapter_open(&why, terms, &named, d, facts->created_ms) == 0)
			return;
		judge_refuse(v, facts, RXP_REFUSAL_UNSUPPORTED, why.words);
		v->requirement = why.requirement;
	} else if (strcmp(named.profile_id, c->row.profile_id) != 0 ||
		   strcmp(named.profile_version, c->row.profile_version) != 0) {
		judge_refuse(v, facts, RXP_REFUSAL_STATE, "not the profile of the case");
		v->requirement = "RXP-PRF-024";
	}
}

/* It is taken: what its receipt says of time (RXP-FLG-001), and of what the profile lists (RXP-FLG-010). */
static int flag(struct verdict *v, const struct judge_case *by, struct cases *c,
    const struct rxp_case_document *d, struct bytes facts)
{
	struct rxp_case_judgement j;
	bool off = false;
	int rc = agreed_check(&off, NULL, by->terms, &c->row, facts);

	if (rc == 0)
		rc = clocks_judge(by->clocks, &j, by->db, c, d, by->received_ms);
	if (rc == 0)
		v->flags |= j.flags | (off ? 1u << RXP_FLAG_UNLISTED : 0);
	return rc;
}

static int judge_procedure(
    struct verdict *v, const struct judge_case *by, const struct msg_opened *facts)
{
	struct rxp_case_verdict verdict;
	struct rxp_case_document d;
	struct rxp_case *folded = NULL;
	struct cases c = {.n = 0};
	int rc = document_of(&d, by->party, facts);

	if (rc == 0)
		rc = load_for(&c, by, &d, facts);
	if (rc != 0)
		return rc;
	rc = cases_fold(&folded, &c);
	if (rc != 0)
		goto done;
	rc = rxp_case_check(&verdict, folded, &d, RXP_CASE_RECEIVING);
	if (rc == RXP_ERR_STATE) {
		refuse(v, facts, &verdict, folded, &c);
		rc = verdict.code == RXP_REFUSAL_FORK ? spare(v, by, &c, &d, facts) : 0;
	} else if (rc == 0) {
		v->flags |= verdict.unplanned ? 1u << RXP_FLAG_UNPLANNED : 0;
		judge_profile(v, by->terms, &c, &d, facts);
		if (v->refusal == NULL)
			rc = flag(v, by, &c, &d, facts->facts);
	}
done:
	rxp_case_free(folded);
	cases_clear(&c);
	return rc;
}

/* RXP-ATT-014: does the profile that the document names let its attachments follow? */
static bool may_follow(const struct judge_case *by, const struct msg_opened *facts)
{
	struct store_case named = {.requesting = false};
	struct terms_of_case terms;
	enum rxp_word pending;

	if (!by->brought)
		return false;
	memcpy(named.peer, by->party, sizeof named.peer);
	snprintf(named.profile_id, sizeof named.profile_id, "%.63s", facts->profile_id);
	snprintf(
	    named.profile_version, sizeof named.profile_version, "%.63s", facts->profile_version);
	if (terms_find(&terms, by->terms, &named) != 0)
		return false;
	pending = terms.profile->attachments.pending;
	return pending == RXP_PENDING_CLOCK_WAITS || pending == RXP_PENDING_CLOCK_RUNS;
}

/* What is here of the others must be here for sure. */
static int judge_pending(const struct judge_case *by, const struct msg_opened *facts)
{
	struct rxp_buf held;
	int rc;

	rxp_buf_init(&held, IPC_MESSAGE_MAX / 2);
	rc = store_pending_may(by->db, &held, by->party, facts->attachments);
	if (rc == 0 &&
	    !peer_file_all_there(by->party, (struct bytes){.data = held.data, .len = held.len}))
		rc = RXP_ERR_NOT_FOUND;
	rxp_buf_free(&held);
	return rc;
}

int judge_case(struct verdict *v, const struct judge_case *by, const struct msg_opened *facts)
{
	enum rxp_type type;
	bool in_case;
	int rc;

	if (rxp_type_parse(&type, facts->type) != 0)
		return RXP_ERR_STATE;
	in_case = rxp_type_row(type)->scope == RXP_SCOPE_CASE;
	if (in_case != (facts->in_case != 0))
		return RXP_ERR_STATE;
	if (!in_case)
		return facts->attachments.len == 0 ? 0 : RXP_ERR_STATE;
	rc = store_file_check(by->db, by->party, facts->attachments);
	if (rc == 0 && !peer_file_all_there(by->party, facts->attachments))
		rc = RXP_ERR_NOT_FOUND;
	if (rc == RXP_ERR_NOT_FOUND && may_follow(by, facts)) {
		rc = judge_pending(by, facts);
		v->flags |= rc == 0 ? 1u << RXP_FLAG_PENDING : 0;
	}
	if (rc == RXP_ERR_NOT_FOUND)
		judge_refuse(v, facts, RXP_REFUSAL_ATTACHMENT, "an attachment is missing");
	if (rc == RXP_ERR_EXISTS) {
		judge_refuse(v, facts, RXP_REFUSAL_SCHEMA, "an attachment is another's");
		v->requirement = "RXP-ATT-035";
	}
	if (rc != 0)
		return rc == RXP_ERR_NOT_FOUND || rc == RXP_ERR_EXISTS ? 0 : rc;
	return judge_procedure(v, by, facts);
}
