/* Stories of answers that stand (section 6), and of Void (section 31). */
#include <stdio.h>
#include <string.h>

#include "conformance/message/changes.h"
#include "conformance/run/story_tell.h"

static const struct expect receipt = {EXPECT_RECEIPT, 0};
static const struct expect state = {EXPECT_REFUSAL, RXP_REFUSAL_STATE};

/* --- answers that stand ---------------------------------------------------------------------- */

/* A document that is refused finally, made and sent; got holds the answer. The caller clears both drafts. */
static int be_refused(
    struct teller *t, struct draft *first, struct draft *refused, struct told *got)
{
	int rc = teller_begin(t, first, refused, RXP_CASE_EVENT_ACCEPT);

	if (rc == 0)
		rc = teller_send(t, refused, got);
	if (rc == 0 && !got->seen.final) {
		outcome_rule(t->out, VERDICT_INCOMPLETE,
		    "before it, a reply of the State that asks "
		    "is not refused finally");
		rc = 1;
	}
	return rc;
}

int tell_same_refusal(struct teller *t)
{
	struct draft *first = teller_draft(t), *refused = teller_draft(t);
	struct told *once = teller_told(t), *again = teller_told(t);
	int rc;

	rc = be_refused(t, first, refused, once);
	line_hang_up(&t->line);
	if (rc == 0)
		rc = teller_try(t, refused, &state, again);
	if (rc == 0)
		rc = teller_same(t, once, again);
	return rc;
}

int tell_same_receipt_late(struct teller *t)
{
	struct draft *first = teller_draft(t), *next = teller_draft(t);
	struct told *once = teller_told(t), *again = teller_told(t);
	int rc = teller_open(t, first);

	if (rc == 0)
		rc = teller_send(t, first, once);
	if (rc == 0)
		rc = teller_say(t, next, first, RXP_CASE_EVENT_WITHDRAW);
	if (rc == 0)
		rc = teller_before(t, next);
	if (rc == 0)
		rc = teller_try(t, first, &receipt, again);
	if (rc == 0)
		rc = teller_same(t, once, again);
	return rc;
}

/* One that is not final: nobody stored it, and it can come back to nobody. */
int tell_later_brought(struct teller *t)
{
	struct draft *first = teller_draft(t), *next = teller_draft(t);
	struct told *got = teller_told(t);
	struct wire_request request = {
	    .method = "POST", .path = "/rxp/1/answers", .content_type = "application/rxp+xml"};
	int status = 0, rc = teller_begin(t, first, next, RXP_CASE_EVENT_WITHDRAW);

	next->header.position++;
	if (rc == 0)
		rc = teller_send(t, next, got);
	if (rc == 0 && (got->seen.what.kind != EXPECT_REFUSAL || got->seen.final)) {
		outcome_rule(t->out, VERDICT_INCOMPLETE,
		    "before it, a Position that is left out gets no Refusal that is not final");
		return 1;
	}
	request.body = got->octets.data;
	request.body_len = got->octets.len;
	if (rc == 0)
		rc = teller_ask(t, &request, &status);
	return rc == 0 ? teller_status(t, 422, status) : rc;
}

/* --- Void ------------------------------------------------------------------------------------ */

/* The answer to a Void is about the message that it names, and not about itself (RXP-VOI-005). */
static int judge_void(struct teller *t, const struct told *got, const struct draft *taking_back,
    const struct draft *named, const uint8_t fingerprint[RXP_DIGEST_OCTETS], enum rxp_refusal code)
{
	const char *wrong = NULL;
	struct rxp_answer a;

	rxp_answer_init(&a);
	if (teller_read(t, &a, got) != 0)
		wrong = "it is no answer under the product's seal";
	else if (a.kind != RXP_ANSWER_REFUSAL || a.refusal != code)
		wrong = "it is another answer";
	else if (memcmp(a.message_id, named->header.outer.message_id, sizeof a.message_id) != 0)
		wrong = "the answer does not name the message that the Void names";
	else if (memcmp(a.envelope_digest, taking_back->digest, sizeof a.envelope_digest) != 0)
		wrong = "the answer does not name the Envelope of the Void";
	else if (!a.has_fingerprint ||
		 memcmp(a.fingerprint, fingerprint, sizeof a.fingerprint) != 0)
		wrong = "the answer does not name the fingerprint that the Void names";
	rxp_answer_clear(&a);
	if (wrong != NULL)
		return teller_against(t, wrong);
	(void)snprintf(t->out->seen, sizeof t->out->seen, "the Refusal %s of that message",
	    rxp_refusal_row(code)->wire);
	return 0;
}

static int send_made_void(struct teller *t, struct draft *taking_back, struct told *got)
{
	int rc = draft_make(taking_back, NULL);

	if (rc != 0)
		return rc;
	(void)rxp_buf_put(&t->out->sent, taking_back->envelope.data, taking_back->envelope.len);
	rc = teller_again(t, taking_back, got);
	(void)rxp_buf_put(&t->out->received, got->octets.data, got->octets.len);
	seen_words(t->out->seen, &got->seen.what);
	return rc;
}

/* Send a Void of it. */
static int send_void(struct teller *t, struct draft *taking_back, const struct draft *named,
    const uint8_t fingerprint[RXP_DIGEST_OCTETS], struct told *got)
{
	int rc = teller_void(t, taking_back, named->header.outer.message_id, fingerprint);

	return rc == 0 ? send_made_void(t, taking_back, got) : rc;
}

/* A message that got its answer; then a Void of it, which gets the very same. */
static int tell_void_of_answered(
    struct teller *t, const struct draft *named, const struct told *once)
{
	struct draft *taking_back = teller_draft(t);
	struct told *got = teller_told(t);
	int rc;

	rc = send_void(t, taking_back, named, named->fingerprint, got);
	if (rc == 0)
		rc = teller_same(t, once, got);
	return rc;
}

int tell_void_of_receipted(struct teller *t)
{
	struct draft *first = teller_draft(t), *next = teller_draft(t);
	struct told *once = teller_told(t);
	int rc = teller_open(t, first);

	if (rc == 0)
		rc = teller_send(t, first, once);
	if (rc == 0)
		rc = tell_void_of_answered(t, first, once);
	/* It stands: its case goes on. */
	if (rc == 0)
		rc = teller_say(t, next, first, RXP_CASE_EVENT_WITHDRAW);
	if (rc == 0)
		rc = teller_after(t, next);
	return rc;
}

/* Who was off for long says the same Void at last: what is known is looked for before times are judged (RXP-ANS-011). */
int tell_void_expired(struct teller *t)
{
	struct draft *first = teller_draft(t), *taking_back = teller_draft(t);
	struct told *once = teller_told(t), *got = teller_told(t);
	int rc = teller_open(t, first);

	if (rc == 0)
		rc = teller_send(t, first, once);
	if (rc == 0)
		rc =
		    teller_void(t, taking_back, first->header.outer.message_id, first->fingerprint);
	if (rc == 0)
		rc = change_expired(taking_back);
	if (rc == 0)
		rc = send_made_void(t, taking_back, got);
	return rc == 0 ? teller_same(t, once, got) : rc;
}

int tell_void_of_refused(struct teller *t)
{
	struct draft *first = teller_draft(t), *refused = teller_draft(t);
	struct told *once = teller_told(t);
	int rc;

	rc = be_refused(t, first, refused, once);
	if (rc == 0)
		rc = tell_void_of_answered(t, refused, once);
	return rc;
}

int tell_void_of_unknown(struct teller *t)
{
	struct draft *first = teller_draft(t), *taking_back = teller_draft(t);
	struct told *got = teller_told(t);
	int rc = teller_make(t, first);

	if (rc == 0)
		rc = send_void(t, taking_back, first, first->fingerprint, got);
	if (rc == 0)
		rc = judge_void(t, got, taking_back, first, first->fingerprint, RXP_REFUSAL_VOIDED);
	return rc;
}

/* A Void with a change of its times, of a message that never came: that is what the Refusal names (RXP-VOI-005). */
static int be_void(struct teller *t, struct draft *named, struct told *got, draft_change *change,
    enum rxp_refusal code)
{
	struct draft *taking_back = teller_draft(t);
	int rc = teller_make(t, named);

	if (rc == 0)
		rc =
		    teller_void(t, taking_back, named->header.outer.message_id, named->fingerprint);
	if (rc == 0)
		rc = change(taking_back);
	if (rc == 0)
		rc = send_made_void(t, taking_back, got);
	return rc == 0 ? judge_void(t, got, taking_back, named, named->fingerprint, code) : rc;
}

/* It takes the message back all the same. */
int tell_void_too_late(struct teller *t)
{
	struct draft *named = teller_draft(t);
	struct told *once = teller_told(t), *again = teller_told(t);
	int rc = be_void(t, named, once, change_expired, RXP_REFUSAL_VOIDED);

	line_hang_up(&t->line);
	if (rc == 0)
		rc = teller_again(t, named, again);
	return rc == 0 ? teller_same(t, once, again) : rc;
}

/* It takes nothing back yet. */
int tell_void_ahead(struct teller *t)
{
	struct draft *named = teller_draft(t);
	int rc = be_void(t, named, teller_told(t), change_created_301_ahead, RXP_REFUSAL_FUTURE);

	return rc == 0 ? teller_after(t, named) : rc;
}

/* The State that lost the answer says the same again: what is void stays so. */
int tell_void_again(struct teller *t)
{
	struct draft *first = teller_draft(t), *taking_back = teller_draft(t);
	struct told *once = teller_told(t), *again = teller_told(t);
	int rc = teller_make(t, first);

	if (rc == 0)
		rc = send_void(t, taking_back, first, first->fingerprint, once);
	line_hang_up(&t->line);
	if (rc == 0)
		rc = teller_again(t, taking_back, again);
	return rc == 0 ? teller_same(t, once, again) : rc;
}

int tell_void_first(struct teller *t)
{
	struct draft *first = teller_draft(t), *taking_back = teller_draft(t),
		     *next = teller_draft(t);
	struct told *once = teller_told(t), *again = teller_told(t);
	int rc = teller_make(t, first);

	if (rc == 0)
		rc = send_void(t, taking_back, first, first->fingerprint, once);
	line_hang_up(&t->line);
	if (rc == 0)
		rc = teller_again(t, first, again);
	if (rc == 0)
		rc = teller_same(t, once, again);
	/* Its place is free. */
	if (rc == 0)
		rc = draft_another(next, first);
	if (rc == 0)
		rc = teller_after(t, next);
	return rc;
}

int tell_void_of_other(struct teller *t)
{
	uint8_t other[RXP_DIGEST_OCTETS] = {0};
	struct draft *first = teller_draft(t), *taking_back = teller_draft(t),
		     *next = teller_draft(t);
	struct told *got = teller_told(t);
	int rc = teller_open(t, first);

	if (rc == 0)
		rc = teller_before(t, first);
	if (rc == 0)
		rc = send_void(t, taking_back, first, other, got);
	if (rc == 0)
		rc = judge_void(t, got, taking_back, first, other, RXP_REFUSAL_CONFLICT);
	if (rc == 0)
		rc = teller_say(t, next, first, RXP_CASE_EVENT_WITHDRAW);
	if (rc == 0)
		rc = teller_after(t, next);
	return rc;
}
