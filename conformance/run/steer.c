#include "conformance/run/steer.h"

#include <stdio.h>
#include <string.h>

#include "conformance/message/saying.h"
#include "conformance/run/both.h"
#include "conformance/run/seen.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"

#define STAGE_WORD "content"

void steer_describe(struct outcome *out, const struct course *c)
{
	outcome_init(
	    out, &c->facts, "a case that documents of both sides brought there", STAGE_WORD);
	seen_words(out->expected, &c->expected);
	for (unsigned f = 0; f < RXP_FLAG_COUNT; f++)
		if ((c->flags & 1U << f) != 0)
			(void)snprintf(out->expected, sizeof out->expected,
			    "a Receipt with the flag %s", rxp_flag_word((enum rxp_flag)f));
}

static bool is_claimed(const struct teller *t, const struct course_step *s)
{
	enum rxp_level level = rxp_type_row(rxp_case_event_row(s->event)->type)->level;

	return (t->line.target->parties->product->descriptor->identity.levels & 1U << level) != 0;
}

static int begin(struct draft *d, const struct teller *t, const struct course_step *s)
{
	const struct parties *parties = t->line.target->parties;

	return s->example == NULL ? saying_begin(d, parties, s->event, s->side, moment_now_ms())
				  : saying_begin_by(d, parties, s->event, s->side, s->example,
					s->edits, moment_now_ms());
}

static int go(
    struct teller *t, struct history *h, const struct course_step *s, enum rxp_case_side own)
{
	struct draft d = {0};
	int rc;

	if (!is_claimed(t, s)) {
		outcome_rule(t->out, VERDICT_NA, "the product does not claim the level of '%s'",
		    rxp_case_event_row(s->event)->word);
		return 1;
	}
	rc = begin(&d, t, s);
	if (rc == 0)
		rc = s->side == own ? both_own_says(t, h, &d) : both_product_says(t, h, &d);
	draft_clear(&d);
	return rc;
}

static int judge_flags(struct teller *t, const struct course *c, const struct seen *seen)
{
	unsigned wrong = (seen->flags ^ c->flags) & COURSE_FLAGS;

	if (seen->what.kind != EXPECT_RECEIPT || wrong == 0)
		return 0;
	return teller_against(t, (seen->flags & wrong) != 0
				     ? "it is receipted with a flag for which there is no reason"
				     : "it is receipted without the flag that it must have");
}

/* What is refused took no place: the same without what was wrong has it, or a reminder. */
static int probe(struct teller *t, const struct course *c, struct history *h)
{
	struct draft right = {0};
	int rc = c->change.find != NULL ? begin(&right, t, &c->said)
					: saying_begin(&right, t->line.target->parties,
					      RXP_CASE_EVENT_REMIND, c->said.side, moment_now_ms());

	if (rc == 0)
		rc = history_follow(h, &right);
	if (rc == 0)
		rc = teller_after(t, &right);
	draft_clear(&right);
	return rc;
}

static int try_it(struct teller *t, const struct course *c, struct history *h)
{
	struct draft d = {0};
	struct told *got = teller_told(t);
	int rc = begin(&d, t, &c->said);

	if (rc == 0)
		rc = history_follow(h, &d);
	if (rc == 0 && c->change.find != NULL)
		rc = edit_apply(&d.content, &c->change);
	if (rc == 0)
		rc = teller_try(t, &d, &c->expected, got);
	if (rc == 0)
		rc = judge_flags(t, c, &got->seen);
	draft_clear(&d);
	return rc;
}

static int tell(struct teller *t, const void *arg)
{
	const struct course *c = arg;
	struct history h = {.n = 0};
	int rc = 0;

	for (size_t i = 0; i < c->n_before && rc == 0; i++)
		rc = go(t, &h, &c->before[i], c->said.side);
	if (rc == 0)
		rc = try_it(t, c, &h);
	line_hang_up(&t->line);
	return rc == 0 && c->expected.kind != EXPECT_RECEIPT ? probe(t, c, &h) : rc;
}

void steer_run(struct outcome *out, const struct course *c, const struct target *target)
{
	teller_run(out, target, tell, c);
}
