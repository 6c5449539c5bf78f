/* Stories of the chain of a case (section 10). */
#include <stdint.h>
#include <string.h>

#include "conformance/run/both.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/limits.h"

static const struct expect receipt = {EXPECT_RECEIPT, 0};
static const struct expect gap = {EXPECT_REFUSAL, RXP_REFUSAL_GAP};
static const struct expect fork_ = {EXPECT_REFUSAL, RXP_REFUSAL_FORK};
static const struct expect state = {EXPECT_REFUSAL, RXP_REFUSAL_STATE};

static int tell_view(struct teller *t, draft_change *change, const struct expect *wanted)
{
	struct draft *first = teller_draft(t), *next = teller_draft(t);
	struct told *got = teller_told(t);
	int rc = teller_begin(t, first, next, RXP_CASE_EVENT_REMIND);

	if (rc == 0)
		rc = change(next);
	if (rc == 0)
		rc = teller_try(t, next, wanted, got);
	if (rc == 0)
		rc = teller_view(t, got, first);
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

int tell_view_of_gap(struct teller *t)
{
	return tell_view(t, leave_one_out, &gap);
}

int tell_view_of_fork(struct teller *t)
{
	return tell_view(t, take_the_first, &fork_);
}

int tell_view_of_nothing(struct teller *t)
{
	struct draft *first = teller_draft(t), *next = teller_draft(t);
	struct told *got = teller_told(t);
	int rc = teller_make(t, first);

	/* It is made, and never sent. */
	if (rc == 0)
		rc = teller_say(t, next, first, RXP_CASE_EVENT_REMIND);
	if (rc == 0)
		rc = teller_try(t, next, &gap, got);
	if (rc == 0)
		rc = teller_view(t, got, NULL);
	return rc;
}

static int to_the_largest(struct draft *d)
{
	d->header.position = INT64_MAX;
	return 0;
}

int tell_largest_position(struct teller *t)
{
	return tell_view(t, to_the_largest, &gap);
}

/* gap is not final: the very message is taken when the one before it is there. */
int tell_out_of_order(struct teller *t)
{
	struct draft *first = teller_draft(t), *second = teller_draft(t), *third = teller_draft(t);
	struct told *early = teller_told(t), *late = teller_told(t);
	int rc = teller_begin(t, first, second, RXP_CASE_EVENT_REMIND);

	if (rc == 0)
		rc = draft_make(second, NULL);
	if (rc == 0)
		rc = teller_say(t, third, second, RXP_CASE_EVENT_WITHDRAW);
	if (rc == 0)
		rc = teller_send(t, third, early);
	if (rc == 0 && early->seen.what.kind == EXPECT_RECEIPT)
		rc = teller_against(t, "it is taken before the document before it");
	if (rc == 0)
		rc = teller_before(t, second);
	if (rc == 0)
		rc = teller_try(t, third, &receipt, late);
	return rc;
}

int tell_one_place_twice(struct teller *t)
{
	struct draft *first = teller_draft(t), *one = teller_draft(t), *other = teller_draft(t),
		     *next = teller_draft(t);
	struct told *got = teller_told(t);
	int rc = teller_begin(t, first, one, RXP_CASE_EVENT_REMIND);

	if (rc == 0)
		rc = teller_say(t, other, first, RXP_CASE_EVENT_REMIND);
	if (rc == 0)
		rc = teller_before(t, one);
	if (rc == 0)
		rc = teller_try(t, other, &fork_, got);
	/* The first one stands, and what follows it is taken. */
	if (rc == 0)
		rc = teller_say(t, next, one, RXP_CASE_EVENT_REMIND);
	if (rc == 0)
		rc = teller_after(t, next);
	return rc;
}

int tell_refused_place(struct teller *t)
{
	struct draft *first = teller_draft(t), *refused = teller_draft(t), *next = teller_draft(t);
	struct told *no = teller_told(t), *yes = teller_told(t);
	int rc = teller_begin(t, first, refused, RXP_CASE_EVENT_ACCEPT);

	if (rc == 0)
		rc = teller_send(t, refused, no);
	if (rc == 0 && no->seen.what.kind == EXPECT_RECEIPT)
		rc = teller_against(t, "a reply of the State that asks is taken");
	if (rc == 0)
		rc = teller_say(t, next, first, RXP_CASE_EVENT_WITHDRAW);
	if (rc == 0)
		rc = teller_try(t, next, &receipt, yes);
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

static int own_says(struct teller *t, struct history *h, enum rxp_case_event event)
{
	struct draft d = {0};
	int rc =
	    saying_begin(&d, t->line.target->parties, event, RXP_CASE_REQUESTING, moment_now_ms());

	if (rc == 0)
		rc = both_own_says(t, h, &d);
	draft_clear(&d);
	return rc;
}

static int product_says(struct teller *t, struct history *h, enum rxp_case_event event)
{
	struct draft wanted = {0};
	int rc = saying_begin(
	    &wanted, t->line.target->parties, event, RXP_CASE_REQUESTED, moment_now_ms());

	if (rc == 0)
		rc = both_product_says(t, h, &wanted);
	draft_clear(&wanted);
	return rc;
}

/* The documents of both sides count, if something makes the product send one. */
int tell_too_long(struct teller *t)
{
	struct history h = {.n = 0};
	struct draft *next = teller_draft(t);
	int rc = own_says(t, &h, RXP_CASE_EVENT_APPLY);

	if (rc == 0 && t->line.target->desk != NULL)
		rc = product_says(t, &h, RXP_CASE_EVENT_REGISTER);
	while (rc == 0 && h.n < RXP_MAX_CASE_DOCUMENTS)
		rc = own_says(t, &h, RXP_CASE_EVENT_REMIND);
	if (rc == 0)
		rc = saying_begin(next, t->line.target->parties, RXP_CASE_EVENT_REMIND,
		    RXP_CASE_REQUESTING, moment_now_ms());
	if (rc == 0)
		rc = history_follow(&h, next);
	return rc == 0 ? teller_try(t, next, &state, teller_told(t)) : rc;
}

/* Numbers that have another digit than the one before: as text it comes before that. */
int tell_tenth(struct teller *t)
{
	struct draft *last = teller_draft(t), *next = teller_draft(t);
	int rc = teller_open(t, last);

	if (rc == 0)
		rc = teller_before(t, last);
	for (size_t n = 1; rc == 0 && n < 9; n++)
		rc = go_on(t, last);
	if (rc == 0)
		rc = teller_say(t, next, last, RXP_CASE_EVENT_REMIND);
	return rc == 0 ? teller_try(t, next, &receipt, teller_told(t)) : rc;
}
