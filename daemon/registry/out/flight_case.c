#include "daemon/registry/out/flight_case.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "daemon/registry/cases/case_facts.h"
#include "daemon/registry/cases/cases.h"
#include "daemon/registry/cases/chapter.h"
#include "daemon/registry/cases/clocks.h"
#include "daemon/registry/cases/turn.h"
#include "daemon/registry/node.h"
#include "daemon/registry/out/flight.h"
#include "daemon/registry/peers/peers.h"
#include "daemon/registry/store/store_clock.h"
#include "daemon/registry/store/store_disturbance.h"
#include "daemon/registry/store/store_file.h"
#include "daemon/registry/terms/terms.h"
#include "protocol/base/err.h"
#include "protocol/message/answer.h"
#include "protocol/safeguard/safeguard_table.h"

/* --- before closing ----------------------------------------------------------------------------- */

static int park(struct flight *f, const char *why)
{
	f->end = (struct flight_end){.event = EVENT_PARK};
	snprintf(f->end.why, sizeof f->end.why, "%s", why);
	return RXP_ERR_STATE;
}

/* What was allowed when it was submitted may not be allowed now: a document of the other side came in
 * between, an earlier one of ours was refused, or time has passed. */
static int overtaken(struct flight *f, enum rxp_refusal code, const char *why, int64_t now_ms)
{
	f->end = (struct flight_end){.event = EVENT_OVERTAKEN};
	snprintf(f->end.why, sizeof f->end.why, "%s", why);
	f->end.outcome = (struct store_outcome){.refusal = rxp_refusal_row(code)->wire,
	    .why = f->end.why,
	    .answered_ms = now_ms,
	    .flags = ""};
	return RXP_ERR_STATE;
}

static int not_allowed(
    struct flight *f, enum rxp_refusal code, const char *requirement, int64_t now_ms)
{
	bool is_safeguard = rxp_safeguard_of_case(requirement) != NULL;
	char why[RECORD_NAME_MAX];

	snprintf(why, sizeof why, "not sent: %s, %s",
	    is_safeguard ? "a safeguard of the case forbids it" : "the case does not allow it",
	    requirement);
	return overtaken(f, code, why, now_ms);
}

static int too_early_or_late(struct flight *f, const char *requirement, int64_t now_ms)
{
	char why[RECORD_NAME_MAX];

	snprintf(why, sizeof why, "%s: %s", requirement, clocks_bar_words(requirement));
	return overtaken(f, RXP_REFUSAL_STATE, why, now_ms);
}

static int check(
    struct flight *f, const struct cases *c, const struct rxp_case_document *d, int64_t now_ms)
{
	struct rxp_case_verdict verdict;
	struct rxp_case *folded = NULL;
	int rc = cases_fold(&folded, c);

	if (rc == RXP_ERR_STATE)
		return park(f, "what is stored of the case is damaged");
	if (rc != 0)
		return rc;
	rc = rxp_case_check(&verdict, folded, d, RXP_CASE_SEALING);
	if (rc == RXP_ERR_STATE && verdict.code != RXP_REFUSAL_GAP &&
	    verdict.code != RXP_REFUSAL_FORK)
		rc = not_allowed(f, verdict.code, verdict.requirement, now_ms);
	else if (rc != 0)
		rc = park(f, "what is stored of the case is damaged");
	rxp_case_free(folded);
	return rc;
}

/* The profile of a case that our document opens may have ended since it was submitted. */
static int check_profile(
    struct flight *f, struct cases *c, const struct rxp_case_document *d, int64_t now_ms)
{
	struct terms_why why;

	if (!rxp_case_type(d->type)->opens || c->n > 0 ||
	    (terms_for_new(&why, f->all->terms, &c->row, now_ms) == 0 &&
		chapter_open(&why, f->all->terms, &c->row, d, now_ms) == 0))
		return 0;
	return not_allowed(f, RXP_REFUSAL_UNSUPPORTED, why.requirement, now_ms);
}

/* RXP-FLG-009: the last look before it is sealed. */
static int check_time(struct flight *f, struct db *db, struct cases *c,
    const struct rxp_case_document *d, int64_t now_ms)
{
	struct rxp_case_judgement j;
	int rc = clocks_judge(f->all->clocks, &j, db, c, d, now_ms);

	if (rc == RXP_ERR_STATE)
		return park(f, "what is stored of the case is damaged");
	if (rc == 0 && j.barred != NULL)
		rc = too_early_or_late(f, j.barred, now_ms);
	return rc;
}

static void fill(struct msg_close *q, struct store_place *p, const struct cases *c,
    const struct rxp_case_document *d)
{
	p->position = q->position = d->position;
	p->has_previous = d->has_previous;
	p->has_seen = d->has_seen;
	memcpy(p->previous, d->previous, sizeof p->previous);
	memcpy(p->seen, d->seen, sizeof p->seen);
	q->in_case = 1;
	memcpy(q->case_id, p->case_id, sizeof q->case_id);
	q->has_previous = d->has_previous;
	q->has_seen = d->has_seen;
	memcpy(q->previous, d->previous, sizeof q->previous);
	memcpy(q->seen, d->seen, sizeof q->seen);
	memcpy(q->profile_id, c->row.profile_id, sizeof c->row.profile_id);
	memcpy(q->profile_version, c->row.profile_version, sizeof c->row.profile_version);
}

int flight_case_place(
    struct flight *f, struct msg_close *q, struct rxp_buf *draft, struct db *db, int64_t now_ms)
{
	struct rxp_case_document d = {.position = 0};
	struct cases c = {.n = 0};
	size_t draft_len;
	int rc;

	rxp_buf_reset(&f->facts);
	rc = store_case_draft(db, draft, &f->facts, f->row.local_id);
	draft_len = draft->len;
	if (rc == 0)
		rc = store_file_rows(db, draft, f->row.local_id);
	if (rc == 0)
		rc = cases_load(&c, db, f->all->node->own, f->row.peer, f->row.place.case_id);
	if (rc == RXP_ERR_STATE || rc == RXP_ERR_NOT_FOUND)
		return park(f, "what is stored of the case is damaged");
	if (rc != 0)
		return rc;
	if (rxp_type_parse(&d.type, f->row.type) != 0 ||
	    case_facts_read(&d, (struct bytes){.data = f->facts.data, .len = f->facts.len}) != 0) {
		rc = park(f, "what is stored of the draft is damaged");
		goto done;
	}
	cases_next(&d, &c, c.n);
	rc = check(f, &c, &d, now_ms);
	if (rc == 0)
		rc = check_profile(f, &c, &d, now_ms);
	if (rc == 0)
		rc = check_time(f, db, &c, &d, now_ms);
	if (rc == 0) {
		q->draft = (struct bytes){.data = draft->data, .len = draft_len};
		q->attachments =
		    (struct bytes){.data = draft->data + draft_len, .len = draft->len - draft_len};
		fill(q, &f->changed.place, &c, &d);
	}
done:
	cases_clear(&c);
	return rc;
}

/* --- gap and fork ------------------------------------------------------------------------------- */

/* Is the peer's last document of ours one that we sent? Position 0 is the beginning of every case. */
static bool is_ours(const struct cases *c, const struct msg_answer_checked *a)
{
	if (a->peer_position == 0)
		return true;
	for (size_t i = 0; i < c->n; i++)
		if (c->entries[i].own && c->docs[i].position == a->peer_position)
			return memcmp(c->docs[i].fingerprint, a->peer_fingerprint,
				   sizeof a->peer_fingerprint) == 0;
	return false;
}

/* It counts as a failed try only where sending again leads nowhere (RXP-CHN-014). */
static int plan_resending(struct flight *f, struct db *db, uint64_t lacks_from)
{
	const struct store_place *p = &f->row.place;
	bool under_way;
	int rc =
	    store_case_resending(db, &under_way, f->row.peer, p->case_id, lacks_from, p->position);

	if (rc != 0)
		return rc;
	f->end.strike = !under_way && lacks_from <= f->row.lacks_from;
	f->end.lacks_from = lacks_from;
	f->end.resend_from = under_way ? 0 : lacks_from;
	return 0;
}

static int judge_gap(
    struct flight *f, const struct msg_answer_checked *a, struct db *db, const char *own)
{
	struct cases c = {.n = 0};
	int rc;

	/* It lacks nothing before this one: its view contradicts its answer. */
	if (!a->has_view || a->peer_position + 1 >= f->row.place.position)
		return 0;
	rc = cases_load(&c, db, own, f->row.peer, f->row.place.case_id);
	if (rc == 0 && is_ours(&c, a))
		rc = plan_resending(f, db, a->peer_position + 1);
	else if (rc == 0 || rc == RXP_ERR_STATE)
		park(f, "the peer holds another history of the case");
	cases_clear(&c);
	return rc == RXP_ERR_STATE ? 0 : rc;
}

int flight_case_judge(
    struct flight *f, const struct msg_answer_checked *a, struct db *db, const char *own)
{
	if (!f->row.place.in_case)
		return 0;
	if (f->again && f->end.event != EVENT_NO_ANSWER)
		snprintf(f->end.why, sizeof f->end.why, "sent again after a gap: %s",
		    a->kind == RXP_ANSWER_RECEIPT ? "receipt" : f->end.outcome.refusal);
	if (f->end.event != EVENT_NO_ANSWER)
		return 0;
	if (a->refusal == 1 + RXP_REFUSAL_FORK)
		park(f, "the peer holds another history of the case (fork)");
	else if (a->refusal == 1 + RXP_REFUSAL_GAP)
		return judge_gap(f, a, db, own);
	return 0;
}

/* --- the end of a try --------------------------------------------------------------------------- */

int flight_case_over(
    struct flight *f, struct db *db, const struct store_place *place, bool refused, int64_t now_ms)
{
	int rc = clocks_refresh(f->all->clocks, db, f->row.peer, place->case_id, now_ms);

	/* A receipt is kept even where the rest of the case is damaged. */
	if (rc != 0 && (rc != RXP_ERR_STATE || refused))
		return rc;
	rc = turn_next(db, f->promoted_id, f->row.peer, place->case_id, now_ms);
	f->promoted = rc == 1;
	return rc < 0 ? rc : 0;
}

/* What the peer lacks is sent in its order: each receipt makes the next one due. */
static int send_again(struct flight *f, struct db *db, int64_t now_ms)
{
	uint64_t position = f->end.resend_from;

	if (f->resealed && !f->lacked && !f->peer->pulls)
		return 0;
	if (f->again && (f->end.event == EVENT_RECEIPT || f->end.event == EVENT_RECEIPT_LATE))
		position = f->row.place.position + 1;
	if (position == 0)
		return 0;
	return store_case_due(db, f->row.peer, f->row.place.case_id, position, now_ms);
}

/* It may keep a limit (RXP-CLK-013). */
static int note_attempt(struct flight *f, struct db *db, int64_t now_ms)
{
	int rc;

	if (f->again || f->vain_ms == 0)
		return 0;
	rc = store_attempt_add(db, f->row.local_id, f->vain_ms);
	return rc != 0 ? rc : store_clock_look(db, f->row.peer, f->row.place.case_id, now_ms);
}

int flight_case_end(struct flight *f, struct db *db, int64_t now_ms)
{
	bool refused = f->end.event == EVENT_REFUSAL || f->end.event == EVENT_REFUSAL_EXPIRED;
	int rc;

	f->promoted = false;
	if (!f->row.place.in_case)
		return 0;
	rc = note_attempt(f, db, now_ms);
	if (rc != 0)
		return rc;
	if (f->again || !state_final(f->changed.state))
		return send_again(f, db, now_ms);
	return flight_case_over(f, db, &f->row.place, refused, now_ms);
}
