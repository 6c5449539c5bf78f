/* Stories of what documents say of the persons of a case (section 11). */
#include "conformance/message/history.h"
#include "conformance/message/saying.h"
#include "conformance/run/both.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"

static const struct expect receipt = {EXPECT_RECEIPT, 0};
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

static int product_says(struct teller *t, struct history *h, enum rxp_case_event event)
{
	struct draft *wanted = teller_draft(t);
	int rc = saying_begin(
	    wanted, t->line.target->parties, event, RXP_CASE_REQUESTING, moment_now_ms());

	if (rc == 0)
		rc = history_about(h, wanted, false);
	return rc == 0 ? both_product_says(t, h, wanted) : rc;
}

/* A reply of this State, which is asked, behind all of it. */
static int reply(struct teller *t, struct history *h, struct draft *d, enum rxp_case_event event)
{
	int rc =
	    saying_begin(d, t->line.target->parties, event, RXP_CASE_REQUESTED, moment_now_ms());

	return rc == 0 ? history_follow(h, d) : rc;
}

/* The transfer was announced, another date was asked for, and it was notified anew: who agrees agrees to that. */
int tell_concerns_former(struct teller *t)
{
	struct draft *counter = teller_draft(t), *former = teller_draft(t),
		     *latest = teller_draft(t);
	struct history h = {.n = 0};
	int rc = product_says(t, &h, RXP_CASE_EVENT_ANNOUNCE);

	if (rc == 0)
		rc = saying_begin(counter, t->line.target->parties, RXP_CASE_EVENT_COUNTER_TRANSFER,
		    RXP_CASE_REQUESTED, moment_now_ms());
	if (rc == 0)
		rc = both_own_says(t, &h, counter);
	if (rc == 0)
		rc = product_says(t, &h, RXP_CASE_EVENT_NOTIFY_OWN_DOCUMENT);
	if (rc == 0)
		rc = reply(t, &h, former, RXP_CASE_EVENT_AGREE_TRANSFER);
	if (rc == 0)
		rc = saying_about(former, h.documents[0].fingerprint);
	if (rc == 0)
		rc = teller_try(t, former, &state, teller_told(t));
	if (rc == 0)
		rc = reply(t, &h, latest, RXP_CASE_EVENT_AGREE_TRANSFER);
	return rc == 0 ? teller_after(t, latest) : rc;
}

/* The transfer was changed and notified anew, which Seen does not reach: nobody agrees to what was not read. Of the first notice it
 * would be legal. */
int tell_concerns_unseen(struct teller *t)
{
	struct draft *unseen = teller_draft(t), *latest = teller_draft(t);
	struct history h = {.n = 0}, before;
	int rc = product_says(t, &h, RXP_CASE_EVENT_ANNOUNCE);

	before = h;
	if (rc == 0)
		rc = product_says(t, &h, RXP_CASE_EVENT_CHANGE_TRANSFER);
	if (rc == 0)
		rc = product_says(t, &h, RXP_CASE_EVENT_NOTIFY_OWN_DOCUMENT);
	if (rc == 0)
		rc = reply(t, &before, unseen, RXP_CASE_EVENT_AGREE_TRANSFER);
	if (rc == 0)
		rc = saying_about(unseen, h.documents[h.n - 1].fingerprint);
	if (rc == 0)
		rc = teller_try(t, unseen, &state, teller_told(t));
	if (rc == 0)
		rc = reply(t, &h, latest, RXP_CASE_EVENT_AGREE_TRANSFER);
	return rc == 0 ? teller_after(t, latest) : rc;
}

/* This State says it, which asks, by an example. */
static int own_says_by(struct teller *t, struct history *h, enum rxp_case_event event,
    const char *example, const struct edit *edits)
{
	struct draft *d = teller_draft(t);
	int rc = saying_begin_by(d, t->line.target->parties, event, RXP_CASE_REQUESTING, example,
	    edits, moment_now_ms());

	return rc == 0 ? both_own_says(t, h, d) : rc;
}

/* It is of the whole case: of three persons one is withdrawn, of whom it can say nothing. */
int tell_whole_of_some(struct teller *t)
{
	static const struct edit without_files[] = {{"<Attachment>2</Attachment>", NULL, ""},
	    {"<Photograph>", "</Photograph>", ""}, {"<Photograph>", "</Photograph>", ""},
	    {NULL, NULL, NULL}};
	struct draft *remind = teller_draft(t);
	struct history h = {.n = 0};
	int rc = own_says_by(t, &h, RXP_CASE_EVENT_APPLY, "application-family.xml", without_files);

	if (rc == 0)
		rc = own_says_by(t, &h, RXP_CASE_EVENT_WITHDRAW, "withdrawal.xml", as_it_is);
	if (rc == 0)
		rc = saying_begin(remind, t->line.target->parties, RXP_CASE_EVENT_REMIND_REPLY,
		    RXP_CASE_REQUESTING, moment_now_ms());
	if (rc == 0)
		rc = history_follow(&h, remind);
	return rc == 0 ? teller_try(t, remind, &receipt, teller_told(t)) : rc;
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
