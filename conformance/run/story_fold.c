/* Stories of what documents say of the persons of a case (section 11). */
#include "conformance/message/history.h"
#include "conformance/run/both.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"

static const struct expect state = {EXPECT_REFUSAL, RXP_REFUSAL_STATE};

static int announce(struct teller *t, struct history *h, struct draft *notice)
{
	int rc = saying_begin(notice, t->line.target->parties, RXP_CASE_EVENT_ANNOUNCE,
	    RXP_CASE_REQUESTING, moment_now_ms());

	return rc == 0 ? both_own_says(t, h, notice) : rc;
}

static const struct edit of_the_first[] = {{"Person[2]", NULL, "Person[1]"},
    {"<Person key=\"P2\">", NULL, "<Person key=\"P1\">"}, {NULL, NULL, NULL}};
static const struct edit as_it_is[] = {{NULL, NULL, NULL}};

/* A correction by which a person is a child; the example is of the second. */
static int correct(struct teller *t, struct draft *d, const struct edit *edits)
{
	return draft_begin_example(
	    d, t->line.target->parties, "data-correction-minor.xml", edits, moment_now_ms());
}

/* Nobody sent the document that it corrects. */
int tell_concerns_nothing(struct teller *t)
{
	struct draft *notice = teller_draft(t), *found = teller_draft(t);
	struct history h = {.n = 0};
	int rc = announce(t, &h, notice);

	if (rc == 0)
		rc = correct(t, found, of_the_first);
	if (rc != 0)
		return rc;
	draft_follow(found, notice);
	return teller_try(t, found, &state, teller_told(t));
}

/* The case has one person, and the correction names the second. */
int tell_names_stranger(struct teller *t)
{
	struct draft *notice = teller_draft(t), *found = teller_draft(t);
	struct history h = {.n = 0};
	int rc = announce(t, &h, notice);

	if (rc == 0)
		rc = correct(t, found, as_it_is);
	if (rc == 0)
		rc = history_follow(&h, found);
	return rc == 0 ? teller_try(t, found, &state, teller_told(t)) : rc;
}

/* Of a transfer that was announced the date could be changed; the child is back before the notification. */
int tell_made_child(struct teller *t)
{
	struct draft *notice = teller_draft(t), *found = teller_draft(t), *change = teller_draft(t);
	struct history h = {.n = 0};
	int rc = announce(t, &h, notice);

	if (rc == 0)
		rc = correct(t, found, of_the_first);
	if (rc == 0)
		rc = both_own_says(t, &h, found);
	if (rc == 0)
		rc = saying_begin(change, t->line.target->parties, RXP_CASE_EVENT_CHANGE_TRANSFER,
		    RXP_CASE_REQUESTING, moment_now_ms());
	if (rc == 0)
		rc = history_follow(&h, change);
	return rc == 0 ? teller_try(t, change, &state, teller_told(t)) : rc;
}
