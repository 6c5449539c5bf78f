/* Tales of answers that say when, and of what the product has seen of its case. */
#include <stdio.h>
#include <string.h>

#include "conformance/hear/retorts.h"
#include "conformance/message/history.h"
#include "conformance/message/saying.h"
#include "conformance/run/control.h"
#include "conformance/run/hark.h"
#include "conformance/state/moment.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

#define MOST_AHEAD_MS 2000 /* of the product's clock: beyond, RetryAt has passed too soon */
#define TIMER_MS 50
#define APPLICATION "ReadmissionApplication"
#define EVER 1000 /* tries */
#define TRIES 3 /* after which a message that does not open is parked (RXP-OPN-003) */
#define PAUSES 3 /* by which one pause may be longer than the one before */

static const struct retort busy_for_long = {
    RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_busy_for_long, NULL};
static const struct retort unopenable = {
    RETORT_FIELDS, {{NULL, NULL, NULL}}, retort_unopenable, NULL};

/* --- busy with RetryAt ------------------------------------------------------------------------- */

/* An application that is told to wait, so many times. NULL: the outcome says why none came. */
static const struct heard *let_wait(const struct tale *t, unsigned times)
{
	char why[OUTCOME_WHY] = "no application came; --wait gives it more time";

	ear_arm_for(t->s->ear, APPLICATION, &busy_for_long, times, false);
	if (sender_prompt(t->s, t->out->facts->id, &hark_opens, why) &&
	    hark_await(t, hark_is_tried))
		return ear_taken(t->s->ear);
	hark_incomplete(t, why);
	ear_hold(t->s->ear);
	return NULL;
}

/* The other one, while that is in doubt, as soon as the first came. */
static void await_other(const struct tale *t)
{
	int64_t deadline_ms = tls_now_ms() + t->s->target->wait_ms;

	while (ear_waiting(t->s->ear) == NULL && !sender_misfired(t->s) &&
	       tls_now_ms() < deadline_ms) {
		ear_turn(t->s->ear, sender_next_look(t->s, deadline_ms));
		deadline_ms = sender_until(t->s, deadline_ms);
	}
	if (ear_waiting(t->s->ear) != NULL)
		return;
	if (sender_misfired(t->s))
		hark_incomplete(t, "the trigger has nothing else sent");
	else
		hark_against(t, "the other application does not come, as the first did at once");
}

void tale_holds_back_nothing(struct tale *t)
{
	char why[OUTCOME_WHY];
	const struct heard *first = let_wait(t, EVER);
	int64_t deadline_ms;

	if (first == NULL)
		return;
	if (sender_prompt(t->s, t->out->facts->id, &hark_opens, why))
		await_other(t);
	else
		hark_incomplete(t, why);
	/* Nothing of it is left for the next case. */
	ear_take_all(t->s->ear);
	deadline_ms = tls_now_ms() + RETORT_LONG_MS + t->s->target->wait_ms;
	while (!first->ended && tls_now_ms() < deadline_ms)
		ear_turn(t->s->ear, deadline_ms);
	ear_hold(t->s->ear);
}

/* Until it comes again. */
static void look_on(const struct tale *t, const struct heard *first)
{
	int64_t deadline_ms = tls_now_ms() + RETORT_LONG_MS + t->s->target->wait_ms;

	while (first->tries < 2 && tls_now_ms() < deadline_ms)
		ear_turn(t->s->ear, deadline_ms);
}

/* How far the product's clock is ahead, at most; a negative number: the outcome says why that is not known. */
static int64_t ahead(const struct tale *t)
{
	struct line line = {.target = t->s->target};
	bool good = control(t->out, &line, BASE_PING, VERDICT_INCOMPLETE, "before it");

	line_hang_up(&line);
	if (!good)
		return -1;
	return line.clock.most_ms > 0 ? line.clock.most_ms : 0;
}

void tale_waits_until(struct tale *t)
{
	int64_t most_ms = ahead(t);
	const struct heard *first;

	if (most_ms > MOST_AHEAD_MS) {
		outcome_rule(t->out, VERDICT_NA, "the product's clock is ahead of this one");
		return;
	}
	first = most_ms < 0 ? NULL : let_wait(t, 1);
	if (first != NULL) {
		look_on(t, first);
		if (first->tries < 2)
			hark_incomplete(t, "it did not come again; --wait gives it more time");
		else if (first->differs)
			hark_against(t, "it came again with other octets");
		else if (first->try_ms[1] - first->try_ms[0] + most_ms + TIMER_MS < RETORT_LONG_MS)
			hark_against(t, "it came again before RetryAt");
	}
	ear_hold(t->s->ear);
}

/* --- what does not open --------------------------------------------------------------------------- */

static bool is_tried_thrice(const struct heard *h)
{
	return h->tries >= TRIES;
}

/* The pause before another try is some times the last one, at most. A fourth gets its Receipt, and so is none for the next case. */
void tale_parks_unopened(struct tale *t)
{
	char why[OUTCOME_WHY] = "it did not come three times; --wait gives it more time";
	const struct heard *h = NULL;
	int64_t pause_ms, until_ms;

	ear_arm(t->s->ear, &unopenable, TRIES, false);
	if (sender_prompt(t->s, t->out->facts->id, &hark_ping, why) &&
	    hark_await(t, is_tried_thrice))
		h = ear_taken(t->s->ear);
	if (h == NULL) {
		hark_incomplete(t, why);
		ear_hold(t->s->ear);
		return;
	}
	pause_ms = h->try_ms[TRIES - 1] - h->try_ms[TRIES - 2];
	until_ms = tls_now_ms() + HARK_SOON_MS + PAUSES * pause_ms;
	while (h->tries == TRIES && tls_now_ms() < until_ms)
		ear_turn(t->s->ear, until_ms);
	if (h->tries > TRIES)
		hark_against(t, "it came a fourth time");
	ear_hold(t->s->ear);
	ear_forgive(t->s->ear, h);
}

/* --- what was seen ------------------------------------------------------------------------------- */

/* This State says that behind all of it, and it is receipted. */
static bool say(const struct tale *t, struct history *h, enum rxp_case_event event)
{
	struct line line = {.target = t->s->target};
	struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};
	struct draft d = {0};
	int rc =
	    saying_begin(&d, t->s->target->parties, event, RXP_CASE_REQUESTED, moment_now_ms());

	if (rc == 0)
		rc = history_follow(h, &d);
	if (rc == 0)
		rc = line_send_valid(&line, &d, &seen, NULL);
	if (rc == 0)
		rc = history_add(h, &d.header, true, d.fingerprint);
	draft_clear(&d);
	line_hang_up(&line);
	if (rc != 0)
		outcome_rule(t->out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
	else if (seen.what.kind != EXPECT_RECEIPT)
		hark_incomplete(t, "before it, a document of this State is not receipted");
	return rc == 0 && seen.what.kind == EXPECT_RECEIPT;
}

/* In the case of the application it says two things: the first of them is not the latest. */
static bool answer_twice(const struct tale *t, const struct heard *first, uint8_t *fingerprint)
{
	struct history h = {.n = 0};
	bool good = history_add(&h, &first->header, false, first->fingerprint) == 0 &&
		    say(t, &h, RXP_CASE_EVENT_REGISTER) && say(t, &h, RXP_CASE_EVENT_REMIND);

	if (good)
		memcpy(fingerprint, h.documents[h.n - 1].fingerprint, RXP_DIGEST_OCTETS);
	return good;
}

void tale_names_seen(struct tale *t)
{
	uint8_t fingerprint[RXP_DIGEST_OCTETS];
	const struct heard *first = hark_application(t), *h;

	if (first == NULL || !answer_twice(t, first, fingerprint))
		return;
	h = hark_withdrawal(t, first, NULL, false);
	if (h != NULL &&
	    (!h->header.has_seen || memcmp(h->header.seen, fingerprint, sizeof fingerprint) != 0))
		hark_against(t, h->header.has_seen ? "it names another document" : "it names none");
}

void tale_names_no_seen(struct tale *t)
{
	const struct heard *first = hark_application(t);
	const struct heard *h = first == NULL ? NULL : hark_withdrawal(t, first, NULL, false);

	if (h != NULL && h->header.has_seen)
		hark_against(t, "it names a document");
}
