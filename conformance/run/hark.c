#include "conformance/run/hark.h"

#include <stdio.h>
#include <string.h>

#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

#define EVER 1000 /* tries */

void hark_incomplete(const struct tale *t, const char *why)
{
	outcome_rule(t->out, VERDICT_INCOMPLETE, "%s", why);
}

void hark_against(const struct tale *t, const char *why)
{
	outcome_rule(t->out, outcome_against(t->out), "%s", why);
}

bool hark_went_well(const struct tale *t, int rc)
{
	if (rc < 0)
		outcome_rule(t->out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
	return rc == 0;
}

/* Until the condition holds, each try of the message, and the end of the trigger, giving it its whole time again. */
bool hark_await(const struct tale *t, bool (*holds)(const struct heard *h))
{
	int64_t deadline_ms = tls_now_ms() + t->s->target->wait_ms;
	unsigned made = 0;

	for (;;) {
		const struct heard *h = ear_taken(t->s->ear);
		bool misfired = sender_misfired(t->s);
		unsigned now =
		    ear_counted(t->s->ear)->lines + t->s->ended + (h == NULL ? 0 : h->tries);

		if (h != NULL && holds(h))
			return true;
		if (h == NULL && misfired)
			return false;
		if (now != made)
			deadline_ms = tls_now_ms() + t->s->target->wait_ms;
		if (h == NULL)
			deadline_ms = sender_until(t->s, deadline_ms);
		made = now;
		if (tls_now_ms() >= deadline_ms)
			return false;
		ear_turn(t->s->ear, sender_next_look(t->s, deadline_ms));
	}
}

bool hark_is_tried(const struct heard *h)
{
	return h->tries > 0;
}

bool hark_is_ended(const struct heard *h)
{
	return h->ended;
}

/* What keeps others from coming; wish as of sender_prompt(), type the message that comes of it. NULL: the
 * outcome says why. */
const struct heard *hark_take(const struct tale *t, const struct sender_wish *wish,
    const char *type, const struct retort *retort, bool is_final)
{
	char why[OUTCOME_WHY];
	bool came;

	ear_arm_for(t->s->ear, type, retort, retort == NULL ? 0 : 1, is_final);
	came = ear_taken(t->s->ear) != NULL || sender_prompt(t->s, t->out->facts->id, wish, why);
	if (!came) {
		ear_hold(t->s->ear);
		hark_incomplete(t, why);
		return NULL;
	}
	if (hark_await(t, hark_is_ended)) {
		ear_hold(t->s->ear);
		return ear_taken(t->s->ear);
	}
	ear_hold(t->s->ear);
	(void)snprintf(why, sizeof why,
	    "%s did not come, or not again, within %d seconds; --wait gives it more",
	    type == NULL ? "a message" : type, t->s->target->wait_ms / 1000);
	if (ear_taken(t->s->ear) != NULL && ear_taken(t->s->ear)->stage != HEARD_OPENED)
		hark_against(t, "its message does not open, or is not valid");
	else if (ear_taken(t->s->ear) == NULL && t->s->gave != 0)
		outcome_rule(
		    t->out, VERDICT_INCOMPLETE, "the trigger ended with the status %d", t->s->gave);
	else
		hark_incomplete(t, why); /* it may pause longer */
	return NULL;
}

const struct heard *hark_any(const struct tale *t, const struct retort *retort, bool is_final)
{
	return hark_take(t, NULL, NULL, retort, is_final);
}

const struct heard *hark_copy(const struct tale *t, const struct retort *retort, bool is_final)
{
	return hark_take(t, NULL, "HistoryCopy", retort, is_final);
}

const struct heard *hark_doubted(const struct tale *t, const struct sender_wish *wish,
    const char *type, const struct retort *answer)
{
	char why[OUTCOME_WHY] = "the message did not come; --wait gives it more time";
	const struct heard *h = NULL;

	ear_arm_for(t->s->ear, type, answer, EVER, false);
	if (sender_prompt(t->s, t->out->facts->id, wish, why) && hark_await(t, hark_is_tried)) {
		h = ear_taken(t->s->ear);
		ear_doubt(t->s->ear, h, answer);
	} else {
		hark_incomplete(t, why);
	}
	ear_hold(t->s->ear);
	return h;
}

bool hark_rest(const struct tale *t)
{
	while (sender_expects(t->s) && t->out->verdict == VERDICT_PASS)
		(void)hark_any(t, NULL, false);
	ear_rest(t->s->ear, HARK_SOON_MS);
	return t->out->verdict == VERDICT_PASS;
}

const struct sender_wish hark_opens = {BASE_OPENS, NULL, false, 0, 0},
			 hark_ping = {BASE_PING, NULL, false, 0, 0};

const struct heard *hark_application(const struct tale *t)
{
	return hark_take(t, &hark_opens, "ReadmissionApplication", NULL, false);
}

struct sender_wish hark_behind(const struct heard *first)
{
	return (struct sender_wish){BASE_FOLLOWS, first->header.case_id, false, 0, 0};
}

const struct heard *hark_withdrawal(
    const struct tale *t, const struct heard *first, const struct retort *retort, bool is_final)
{
	struct sender_wish wish = hark_behind(first);

	return hark_take(t, &wish, "Withdrawal", retort, is_final);
}
