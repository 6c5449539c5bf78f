#include "conformance/run/story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/run/control.h"
#include "conformance/run/teller.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"

#define STAGE_WORD "history"

static const struct expect receipt = {EXPECT_RECEIPT, 0};
static const struct expect gap = {EXPECT_REFUSAL, RXP_REFUSAL_GAP};
static const struct expect fork_ = {EXPECT_REFUSAL, RXP_REFUSAL_FORK};
static const struct expect state = {EXPECT_REFUSAL, RXP_REFUSAL_STATE};

/* --- the chain ------------------------------------------------------------------------------- */

/* A case with one document, and the next, not made. The caller clears both. */
static int begin_case(
    struct teller *t, struct draft *first, struct draft *next, enum rxp_case_event event)
{
	int rc = teller_open(t, first);

	if (rc == 0)
		rc = teller_before(t, first);
	return rc == 0 ? teller_say(t, next, first, event) : rc;
}

/* Does View say that the product sent nothing and this State so much (RXP-CHN-012)? */
static int judge_view(struct teller *t, const struct told *got, const struct draft *last)
{
	const struct parties *p = t->line.target->parties;
	struct rxp_answer a;
	const char *wrong = NULL;

	rxp_answer_init(&a);
	if (teller_read(t, &a, got) != 0 || !a.has_view)
		wrong = "the Refusal has no View";
	else if (strcmp(a.view[0].party, product_party(p->product)) != 0 ||
		 strcmp(a.view[1].party, p->own->party) != 0)
		wrong = "View does not name the answering party and then the other";
	else if (a.view[0].position != 0)
		wrong = "View names a document of the product, which sent none";
	else if (a.view[1].position != (last == NULL ? 0 : last->header.position))
		wrong = "View names another Position than that of the last document";
	else if (last != NULL &&
		 memcmp(a.view[1].fingerprint, last->fingerprint, sizeof last->fingerprint) != 0)
		wrong = "View names another document than the last";
	rxp_answer_clear(&a);
	return wrong == NULL ? 0 : teller_against(t, wrong);
}

static int tell_view(struct teller *t, draft_change *change, const struct expect *wanted)
{
	struct draft first = {0}, next = {0};
	struct told got;
	int rc = begin_case(t, &first, &next, RXP_CASE_EVENT_REMIND);

	told_init(&got);
	if (rc == 0)
		rc = change(&next);
	if (rc == 0)
		rc = teller_try(t, &next, wanted, &got);
	if (rc == 0)
		rc = judge_view(t, &got, &first);
	told_clear(&got);
	draft_clear(&next);
	draft_clear(&first);
	return rc;
}

static int leave_one_out(struct draft *d)
{
	d->header.position++;
	return 0;
}

static int take_the_first(struct draft *d)
{
	d->header.position = 1;
	d->header.has_previous = false;
	return 0;
}

static int tell_view_of_gap(struct teller *t)
{
	return tell_view(t, leave_one_out, &gap);
}

static int tell_view_of_fork(struct teller *t)
{
	return tell_view(t, take_the_first, &fork_);
}

static int tell_view_of_nothing(struct teller *t)
{
	struct draft first = {0}, next = {0};
	struct told got;
	int rc = teller_open(t, &first);

	told_init(&got);
	/* It is made, and never sent. */
	if (rc == 0)
		rc = draft_make(&first, NULL);
	if (rc == 0)
		rc = teller_say(t, &next, &first, RXP_CASE_EVENT_REMIND);
	if (rc == 0)
		rc = teller_try(t, &next, &gap, &got);
	if (rc == 0)
		rc = judge_view(t, &got, NULL);
	told_clear(&got);
	draft_clear(&next);
	draft_clear(&first);
	return rc;
}

static int to_the_largest(struct draft *d)
{
	d->header.position = INT64_MAX;
	return 0;
}

static int tell_largest_position(struct teller *t)
{
	return tell_view(t, to_the_largest, &gap);
}

/* gap is not final: the very message is taken when the one before it is there. */
static int tell_out_of_order(struct teller *t)
{
	struct draft first = {0}, second = {0}, third = {0};
	struct told early, late;
	int rc = begin_case(t, &first, &second, RXP_CASE_EVENT_REMIND);

	told_init(&early);
	told_init(&late);
	if (rc == 0)
		rc = draft_make(&second, NULL);
	if (rc == 0)
		rc = teller_say(t, &third, &second, RXP_CASE_EVENT_WITHDRAW);
	if (rc == 0)
		rc = draft_make(&third, NULL);
	if (rc == 0)
		rc = teller_again(t, &third, &early);
	if (rc == 0 && early.seen.what.kind == EXPECT_RECEIPT)
		rc = teller_against(t, "it is taken before the document before it");
	if (rc == 0)
		rc = teller_before(t, &second);
	if (rc == 0)
		rc = teller_try(t, &third, &receipt, &late);
	told_clear(&early);
	told_clear(&late);
	draft_clear(&first);
	draft_clear(&second);
	draft_clear(&third);
	return rc;
}

static int tell_one_place_twice(struct teller *t)
{
	struct draft first = {0}, one = {0}, other = {0}, next = {0};
	struct told got;
	int rc = begin_case(t, &first, &one, RXP_CASE_EVENT_REMIND);

	told_init(&got);
	if (rc == 0)
		rc = teller_say(t, &other, &first, RXP_CASE_EVENT_REMIND);
	if (rc == 0)
		rc = teller_before(t, &one);
	if (rc == 0)
		rc = teller_try(t, &other, &fork_, &got);
	/* The first one stands, and what follows it is taken. */
	if (rc == 0)
		rc = teller_say(t, &next, &one, RXP_CASE_EVENT_REMIND);
	if (rc == 0)
		rc = teller_after(t, &next);
	told_clear(&got);
	draft_clear(&first);
	draft_clear(&one);
	draft_clear(&other);
	draft_clear(&next);
	return rc;
}

static int tell_refused_place(struct teller *t)
{
	struct draft first = {0}, refused = {0}, next = {0};
	struct told no, yes;
	int rc = begin_case(t, &first, &refused, RXP_CASE_EVENT_ACCEPT);

	told_init(&no);
	told_init(&yes);
	if (rc == 0)
		rc = draft_make(&refused, NULL);
	if (rc == 0)
		rc = teller_again(t, &refused, &no);
	if (rc == 0 && no.seen.what.kind == EXPECT_RECEIPT)
		rc = teller_against(t, "a reply of the State that asks is taken");
	if (rc == 0)
		rc = teller_say(t, &next, &first, RXP_CASE_EVENT_WITHDRAW);
	if (rc == 0)
		rc = teller_try(t, &next, &receipt, &yes);
	told_clear(&no);
	told_clear(&yes);
	draft_clear(&first);
	draft_clear(&refused);
	draft_clear(&next);
	return rc;
}

/* One more behind the last, which becomes the last. */
static int go_on(struct teller *t, struct draft *last)
{
	struct draft next = {0};
	int rc = teller_say(t, &next, last, RXP_CASE_EVENT_REMIND);

	if (rc == 0)
		rc = teller_before(t, &next);
	if (rc == 0) {
		draft_clear(last);
		*last = next;
		next = (struct draft){0};
	}
	draft_clear(&next);
	return rc;
}

static int tell_too_long(struct teller *t)
{
	struct draft last = {0}, next = {0};
	struct told got;
	int rc = teller_open(t, &last);

	told_init(&got);
	if (rc == 0)
		rc = teller_before(t, &last);
	for (size_t n = 1; rc == 0 && n < RXP_MAX_CASE_DOCUMENTS; n++)
		rc = go_on(t, &last);
	if (rc == 0)
		rc = teller_say(t, &next, &last, RXP_CASE_EVENT_REMIND);
	if (rc == 0)
		rc = teller_try(t, &next, &state, &got);
	told_clear(&got);
	draft_clear(&last);
	draft_clear(&next);
	return rc;
}

/* --- answers that stand ---------------------------------------------------------------------- */

/* A document that is refused finally, made and sent; got holds the answer. The caller clears both drafts. */
static int be_refused(
    struct teller *t, struct draft *first, struct draft *refused, struct told *got)
{
	int rc = begin_case(t, first, refused, RXP_CASE_EVENT_ACCEPT);

	if (rc == 0)
		rc = draft_make(refused, NULL);
	if (rc == 0)
		rc = teller_again(t, refused, got);
	if (rc == 0 && !got->seen.final) {
		outcome_rule(t->out, VERDICT_INCOMPLETE,
		    "before it, a reply of the State that asks "
		    "is not refused finally");
		rc = 1;
	}
	return rc;
}

static int tell_same_refusal(struct teller *t)
{
	struct draft first = {0}, refused = {0};
	struct told once, again;
	int rc;

	told_init(&once);
	told_init(&again);
	rc = be_refused(t, &first, &refused, &once);
	line_hang_up(&t->line);
	if (rc == 0)
		rc = teller_try(t, &refused, &state, &again);
	if (rc == 0)
		rc = teller_same(t, &once, &again);
	told_clear(&once);
	told_clear(&again);
	draft_clear(&first);
	draft_clear(&refused);
	return rc;
}

static int tell_same_receipt_late(struct teller *t)
{
	struct draft first = {0}, next = {0};
	struct told once, again;
	int rc = teller_open(t, &first);

	told_init(&once);
	told_init(&again);
	if (rc == 0)
		rc = draft_make(&first, NULL);
	if (rc == 0)
		rc = teller_again(t, &first, &once);
	if (rc == 0)
		rc = teller_say(t, &next, &first, RXP_CASE_EVENT_WITHDRAW);
	if (rc == 0)
		rc = teller_before(t, &next);
	if (rc == 0)
		rc = teller_try(t, &first, &receipt, &again);
	if (rc == 0)
		rc = teller_same(t, &once, &again);
	told_clear(&once);
	told_clear(&again);
	draft_clear(&first);
	draft_clear(&next);
	return rc;
}

/* --- Void ------------------------------------------------------------------------------------ */

/* The answer to a Void is about the message that it names, and not about itself (RXP-VOI-005). */
static int judge_void(struct teller *t, const struct told *got, const struct draft *named,
    const uint8_t fingerprint[RXP_DIGEST_OCTETS], enum rxp_refusal code)
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

/* Send a Void of it. */
static int send_void(struct teller *t, struct draft *taking_back, const struct draft *named,
    const uint8_t fingerprint[RXP_DIGEST_OCTETS], struct told *got)
{
	int rc = teller_void(t, taking_back, named->header.outer.message_id, fingerprint);

	if (rc == 0)
		rc = draft_make(taking_back, NULL);
	if (rc != 0)
		return rc;
	(void)rxp_buf_put(&t->out->sent, taking_back->envelope.data, taking_back->envelope.len);
	rc = teller_again(t, taking_back, got);
	(void)rxp_buf_put(&t->out->received, got->octets.data, got->octets.len);
	seen_words(t->out->seen, &got->seen.what);
	return rc;
}

/* A message that got its answer; then a Void of it, which gets the very same. */
static int tell_void_of_answered(
    struct teller *t, const struct draft *named, const struct told *once)
{
	struct draft taking_back = {0};
	struct told got;
	int rc;

	told_init(&got);
	rc = send_void(t, &taking_back, named, named->fingerprint, &got);
	if (rc == 0)
		rc = teller_same(t, once, &got);
	told_clear(&got);
	draft_clear(&taking_back);
	return rc;
}

static int tell_void_of_receipted(struct teller *t)
{
	struct draft first = {0}, next = {0};
	struct told once;
	int rc = teller_open(t, &first);

	told_init(&once);
	if (rc == 0)
		rc = draft_make(&first, NULL);
	if (rc == 0)
		rc = teller_again(t, &first, &once);
	if (rc == 0)
		rc = tell_void_of_answered(t, &first, &once);
	/* It stands: its case goes on. */
	if (rc == 0)
		rc = teller_say(t, &next, &first, RXP_CASE_EVENT_WITHDRAW);
	if (rc == 0)
		rc = teller_after(t, &next);
	told_clear(&once);
	draft_clear(&first);
	draft_clear(&next);
	return rc;
}

static int tell_void_of_refused(struct teller *t)
{
	struct draft first = {0}, refused = {0};
	struct told once;
	int rc;

	told_init(&once);
	rc = be_refused(t, &first, &refused, &once);
	if (rc == 0)
		rc = tell_void_of_answered(t, &refused, &once);
	told_clear(&once);
	draft_clear(&first);
	draft_clear(&refused);
	return rc;
}

static int tell_void_of_unknown(struct teller *t)
{
	struct draft first = {0}, taking_back = {0};
	struct told got;
	int rc = teller_open(t, &first);

	told_init(&got);
	if (rc == 0)
		rc = draft_make(&first, NULL);
	if (rc == 0)
		rc = send_void(t, &taking_back, &first, first.fingerprint, &got);
	if (rc == 0)
		rc = judge_void(t, &got, &first, first.fingerprint, RXP_REFUSAL_VOIDED);
	told_clear(&got);
	draft_clear(&first);
	draft_clear(&taking_back);
	return rc;
}

static int tell_void_first(struct teller *t)
{
	struct draft first = {0}, taking_back = {0}, next = {0};
	struct told once, again;
	int rc = teller_open(t, &first);

	told_init(&once);
	told_init(&again);
	if (rc == 0)
		rc = draft_make(&first, NULL);
	if (rc == 0)
		rc = send_void(t, &taking_back, &first, first.fingerprint, &once);
	line_hang_up(&t->line);
	if (rc == 0)
		rc = teller_again(t, &first, &again);
	if (rc == 0)
		rc = teller_same(t, &once, &again);
	/* Its place is free. */
	if (rc == 0)
		rc = draft_twin(&next, &first);
	if (rc == 0)
		rc = draft_rename(&next);
	if (rc == 0)
		rc = teller_after(t, &next);
	told_clear(&once);
	told_clear(&again);
	draft_clear(&first);
	draft_clear(&taking_back);
	draft_clear(&next);
	return rc;
}

static int tell_void_of_other(struct teller *t)
{
	uint8_t other[RXP_DIGEST_OCTETS] = {0};
	struct draft first = {0}, taking_back = {0}, next = {0};
	struct told got;
	int rc = teller_open(t, &first);

	told_init(&got);
	if (rc == 0)
		rc = teller_before(t, &first);
	if (rc == 0)
		rc = send_void(t, &taking_back, &first, other, &got);
	if (rc == 0)
		rc = judge_void(t, &got, &first, other, RXP_REFUSAL_CONFLICT);
	if (rc == 0)
		rc = teller_say(t, &next, &first, RXP_CASE_EVENT_WITHDRAW);
	if (rc == 0)
		rc = teller_after(t, &next);
	told_clear(&got);
	draft_clear(&first);
	draft_clear(&taking_back);
	draft_clear(&next);
	return rc;
}

/* --- the whole ------------------------------------------------------------------------------- */

static const struct story {
	struct case_facts facts;
	const char *expected;
	int (*tell)(struct teller *t);
} stories[] = {
#define STORY(requirement, number, expected, name, function) \
	{{requirement "." number, "RXP-" requirement, name}, expected, function},
#include "conformance/run/story.def"
#undef STORY
};

size_t story_total(void)
{
	return sizeof stories / sizeof stories[0];
}

const struct case_facts *story_facts(size_t i)
{
	if (i >= story_total())
		abort();
	return &stories[i].facts;
}

void story_describe(struct outcome *out, size_t i)
{
	outcome_init(out, story_facts(i), "a case that is told from its beginning", STAGE_WORD);
	(void)snprintf(out->expected, sizeof out->expected, "%s", stories[i].expected);
}

void story_run(struct outcome *out, size_t i, const struct target *target)
{
	struct teller t = {.out = out, .line = {.target = target}};
	int64_t began_ms = tls_now_ms();
	int rc;

	if (control(out, &t.line, BASE_PING, VERDICT_INCOMPLETE, "before it")) {
		rc = stories[i].tell(&t);
		line_hang_up(&t.line);
		if (rc < 0)
			outcome_rule(out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
		else if (rc == 0)
			(void)control(out, &t.line, BASE_PING, VERDICT_FAIL, "after it");
	}
	line_hang_up(&t.line);
	out->took_ms = (int)(tls_now_ms() - began_ms);
}
