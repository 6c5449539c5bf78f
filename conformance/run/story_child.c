/* A story of a person who is known as a child from then on (RXP-CAS-012). */
#include "conformance/message/history.h"
#include "conformance/run/story_tell.h"
#include "conformance/state/moment.h"

static const struct expect state = {EXPECT_REFUSAL, RXP_REFUSAL_STATE};

/* The next document of the case, receipted. */
static int goes_on(struct teller *t, struct history *h, struct draft *d)
{
	int rc = history_follow(h, d);

	if (rc == 0)
		rc = teller_before(t, d);
	return rc == 0 ? history_add(h, &d->header, true, d->fingerprint) : rc;
}

/* Of a transfer that was announced the date could be changed; the child is back before the notification. */
int tell_made_child(struct teller *t)
{
	static const struct edit of_the_first[] = {{"Person[2]", NULL, "Person[1]"},
	    {"<Person key=\"P2\">", NULL, "<Person key=\"P1\">"}, {NULL, NULL, NULL}};
	const struct parties *parties = t->line.target->parties;
	struct draft *notice = teller_draft(t), *found = teller_draft(t), *change = teller_draft(t);
	struct history h = {.n = 0};
	int rc = saying_begin(
	    notice, parties, RXP_CASE_EVENT_ANNOUNCE, RXP_CASE_REQUESTING, moment_now_ms());

	if (rc == 0)
		rc = goes_on(t, &h, notice);
	if (rc == 0)
		rc = draft_begin_example(
		    found, parties, "data-correction-minor.xml", of_the_first, moment_now_ms());
	if (rc == 0)
		rc = goes_on(t, &h, found);
	if (rc == 0)
		rc = saying_begin(change, parties, RXP_CASE_EVENT_CHANGE_TRANSFER,
		    RXP_CASE_REQUESTING, moment_now_ms());
	if (rc == 0)
		rc = history_follow(&h, change);
	return rc == 0 ? teller_try(t, change, &state, teller_told(t)) : rc;
}
