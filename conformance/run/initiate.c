/* The plan `initiate`: the product sends, and the suite answers; then what it sent is looked at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conformance/hear/answered.h"
#include "conformance/hear/sent.h"
#include "conformance/run/plan.h"
#include "conformance/run/sender.h"
#include "conformance/run/tale.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

#define LINGER_MS 2000 /* in which nothing may come again, if nothing else comes that shows it */
#define SHORT_MS 200

/* The cases are answers, then tales, then looks at what came of both. */
struct number {
	const struct answered_case *answered;
	const struct sent_case *sent;
	size_t tale;
};

static struct number number_of(size_t i)
{
	size_t answers = answered_total(), tales = tale_total();

	if (i < answers)
		return (struct number){answered_at(i), NULL, 0};
	if (i < answers + tales)
		return (struct number){NULL, NULL, i - answers};
	return (struct number){NULL, sent_at(i - answers - tales), 0};
}

size_t initiate_total(void)
{
	return answered_total() + tale_total() + sent_total();
}

const struct case_facts *initiate_facts(size_t i)
{
	struct number n = number_of(i);

	if (n.answered != NULL)
		return &n.answered->facts;
	return n.sent != NULL ? &n.sent->facts : tale_facts(n.tale);
}

void initiate_describe(struct outcome *out, size_t i)
{
	struct number n = number_of(i);

	if (n.answered == NULL && n.sent == NULL) {
		tale_describe(out, n.tale);
		return;
	}
	outcome_init(out, initiate_facts(i), n.sent != NULL ? "any message" : "the right Receipt",
	    n.sent != NULL ? "sent" : retort_word(n.answered->retort.stage));
	(void)snprintf(out->expected, sizeof out->expected, "%s",
	    n.sent != NULL ? "it is so" : want_words(n.answered->want));
}

/* --- one answer ------------------------------------------------------------------------------ */

/* What is watched while a case is tried. */
struct watch {
	struct outcome *out;
	const struct answered_case *of;
	struct sender *s;
	struct ear_counts before; /* as it began */
};

static bool is_done(const struct watch *w)
{
	const struct heard *h = ear_taken(w->s->ear);

	return h != NULL && (h->ended || h->stage != HEARD_OPENED || h->differs) &&
	       ear_left(w->s->ear) == 0;
}

/* It went on as if the answer had been the Receipt. */
static bool went_on(const struct watch *w)
{
	const struct heard *h = ear_taken(w->s->ear), *next = ear_waiting(w->s->ear);

	return h != NULL && !h->ended && next != NULL && next != h && h->copies && next->copies &&
	       next->number > h->number;
}

/* It sent the same under another MessageId before that had its end: the place in a history or a case is one (RXP-MSG-005, RXP-CHN-005,
 * RXP-HIS-008). */
static bool sent_anew(const struct watch *w)
{
	const struct heard *h = ear_taken(w->s->ear), *next = ear_waiting(w->s->ear);

	if (h == NULL || h->ended || next == NULL || next == h)
		return false;
	if (h->copies && next->copies)
		return next->number == h->number &&
		       memcmp(next->request, h->request, sizeof h->request) == 0;
	return h->header.in_case && next->header.in_case &&
	       next->header.position == h->header.position &&
	       memcmp(next->header.case_id, h->header.case_id, sizeof h->header.case_id) == 0;
}

/* The steps that were made: each gives the next one its whole time. */
static unsigned steps(const struct watch *w)
{
	const struct heard *h = ear_taken(w->s->ear);

	return ear_counted(w->s->ear)->lines + w->s->ended + (h == NULL ? 0 : 1 + h->tries);
}

static void await(const struct watch *w)
{
	int64_t deadline_ms = tls_now_ms() + w->s->target->wait_ms;
	unsigned made = steps(w);

	while (!is_done(w) && !went_on(w) && !sent_anew(w) && tls_now_ms() < deadline_ms &&
	       (ear_taken(w->s->ear) != NULL || !sender_misfired(w->s))) {
		ear_turn(w->s->ear, sender_next_look(w->s, deadline_ms));
		if (ear_taken(w->s->ear) == NULL)
			deadline_ms = sender_until(w->s, deadline_ms);
		if (steps(w) == made)
			continue;
		made = steps(w);
		deadline_ms = tls_now_ms() + w->s->target->wait_ms;
	}
}

/* Nothing comes again: the next message shows it, or some time without one. */
static void linger(const struct watch *w)
{
	const struct heard *h = ear_taken(w->s->ear);
	bool more = w->of->want != WANT_AGAIN && !sender_expects(w->s);
	int64_t deadline_ms = tls_now_ms() + (sender_expects(w->s) ? w->s->target->wait_ms
						 : more            ? LINGER_MS
								   : SHORT_MS);

	ear_hold(w->s->ear);
	while (h->after == 0 && ear_waiting(w->s->ear) == NULL && tls_now_ms() < deadline_ms)
		ear_turn(w->s->ear, deadline_ms);
}

/* Where the suite broke HTTP/2 the product ends the connection, as soon as it has read that. */
static void await_parting(const struct watch *w)
{
	int64_t deadline_ms = tls_now_ms() + w->s->target->wait_ms;

	while (ear_broken(w->s->ear) > 0 && tls_now_ms() < deadline_ms)
		ear_turn(w->s->ear, deadline_ms);
}

/* Which of two answers it took nobody can see; that it goes on shows by its next step, or by another message. */
static bool goes_on(const struct watch *w)
{
	const struct heard *h = ear_taken(w->s->ear);
	int64_t deadline_ms = tls_now_ms() + w->s->target->wait_ms;
	unsigned tries = h->tries;
	char ignored[OUTCOME_WHY];

	if (ear_waiting(w->s->ear) == NULL)
		(void)sender_prompt(w->s, w->out->facts->id, NULL, ignored);
	while (ear_waiting(w->s->ear) == NULL && h->tries == tries && !sender_misfired(w->s) &&
	       tls_now_ms() < deadline_ms) {
		ear_turn(w->s->ear, sender_next_look(w->s, deadline_ms));
		deadline_ms = sender_until(w->s, deadline_ms);
	}
	return ear_waiting(w->s->ear) != NULL || h->tries > tries;
}

static void fail(const struct watch *w, const char *why)
{
	outcome_rule(w->out, outcome_against(w->out), "%s", why);
}

/* Before anything was taken. */
static void judge_nothing(const struct watch *w)
{
	int seconds = w->s->target->wait_ms / 1000;

	if (w->s->gave != 0)
		outcome_rule(
		    w->out, VERDICT_INCOMPLETE, "the trigger ended with the status %d", w->s->gave);
	else
		outcome_rule(w->out, VERDICT_INCOMPLETE,
		    "no message came%s within %d seconds; --wait gives it more",
		    ear_left(w->s->ear) > 0 ? "" : " any more", seconds);
}

static void judge(const struct watch *w)
{
	const struct heard *h = ear_taken(w->s->ear);
	const struct ear_counts *now = ear_counted(w->s->ear);

	if (now->failed != 0)
		outcome_rule(w->out, VERDICT_ERROR, "the suite: %s", rxp_err_text(now->failed));
	else if (now->odd > w->before.odd)
		fail(w, "it sent a message on that connection");
	else if (ear_broken(w->s->ear) > 0)
		fail(w, "its connection stands behind an error of HTTP/2");
	else if (now->elsewhere > w->before.elsewhere)
		fail(w, "it asked for a path that RXP/1 has not");
	else if (h == NULL)
		judge_nothing(w);
	else if (h->stage != HEARD_OPENED)
		outcome_rule(w->out, outcome_against(w->out), "its message does not open: %s",
		    rxp_err_text(h->why));
	else if (h->differs)
		fail(w, "it sent other octets under the same MessageId");
	else if (went_on(w) && w->of->want != WANT_TAKEN_OR_AGAIN)
		fail(w, "it took that for the final answer, and went on");
	else if (sent_anew(w))
		fail(w, "it sent the same again under another MessageId");
	else if (!h->ended && w->of->want == WANT_TAKEN_OR_AGAIN && goes_on(w))
		ear_settle(w->s->ear, h); /* both will do */
	else if (!h->ended)
		outcome_rule(w->out, VERDICT_INCOMPLETE,
		    "it did not send the message again within %d seconds, and may pause longer; --wait gives it more",
		    w->s->target->wait_ms / 1000);
	else if (h->after > 0 && w->of->want != WANT_EITHER)
		fail(w, "it sent the message again after its final answer");
}

static void keep(const struct watch *w)
{
	const struct heard *h = ear_taken(w->s->ear);
	const struct rxp_buf *said = ear_said(w->s->ear);

	(void)rxp_buf_put(&w->out->sent, said->data, said->len);
	if (h == NULL)
		return;
	(void)rxp_buf_put(&w->out->received, h->envelope.data, h->envelope.len);
	(void)snprintf(w->out->seen, sizeof w->out->seen, "%u tries, %s", h->tries,
	    h->ended ? "and then the final answer" : "without a final answer");
}

static void run_answered(struct outcome *out, const struct answered_case *c, struct sender *s)
{
	struct watch w = {out, c, s, *ear_counted(s->ear)};
	char why[OUTCOME_WHY];

	(void)snprintf(out->seen, sizeof out->seen, "nothing");
	ear_arm(s->ear, &c->retort, c->times, want_is_final(c->want));
	if (ear_taken(s->ear) == NULL && !sender_prompt(s, c->facts.id, NULL, why)) {
		ear_hold(s->ear);
		outcome_rule(out, VERDICT_INCOMPLETE, "%s", why);
		return;
	}
	await(&w);
	if (ear_taken(s->ear) != NULL && ear_taken(s->ear)->ended)
		linger(&w);
	await_parting(&w);
	judge(&w);
	keep(&w);
	ear_hold(s->ear);
	ear_end_broken(s->ear); /* what a case left standing is no other's */
}

/* --- a look ---------------------------------------------------------------------------------- */

/* Until so many messages were heard, or so many more (target.h). false: they do not come, and why says so. */
static bool gather(struct sender *s, const struct sent_case *c, char why[OUTCOME_WHY])
{
	const unsigned from = s->target->anew ? ear_counted(s->ear)->messages : 0;

	while (ear_counted(s->ear)->messages - from < c->least) {
		unsigned before = ear_counted(s->ear)->messages;
		int64_t deadline_ms;

		ear_arm(s->ear, NULL, 0, false);
		if (ear_taken(s->ear) == NULL && !sender_prompt(s, c->facts.id, NULL, why))
			return false;
		deadline_ms =
		    tls_now_ms() + s->target->wait_ms; /* to prompt it takes its own time */
		while ((ear_taken(s->ear) == NULL || !ear_taken(s->ear)->ended) &&
		       tls_now_ms() < deadline_ms) {
			ear_turn(s->ear, sender_next_look(s, deadline_ms));
			if (!sender_misfired(s) && ear_taken(s->ear) == NULL)
				deadline_ms = sender_until(s, deadline_ms);
		}
		ear_hold(s->ear);
		/* One that waited was counted when it came. */
		if (ear_taken(s->ear) == NULL && ear_counted(s->ear)->messages == before) {
			(void)snprintf(why, OUTCOME_WHY,
			    "%u of %u messages came; --wait gives it more", before, c->least);
			return false;
		}
	}
	return true;
}

/* A look is at all that came, so that alone it may not see again what it saw: in which case that was sent tells what to select too. */
static void show(struct outcome *out, const struct sent_look *look)
{
	const struct heard *h = look->at;
	const char *type = h->stage == HEARD_OPENED ? h->header.type : "message";

	if (h->during == NULL || strcmp(h->during, out->facts->id) == 0)
		(void)snprintf(out->seen, sizeof out->seen, "%.80s, in a %.28s", look->why, type);
	else
		(void)snprintf(out->seen, sizeof out->seen,
		    "%.56s, in a %.28s of %.15s; select that too", look->why, type, h->during);
	(void)rxp_buf_put(&out->received, h->envelope.data, h->envelope.len);
	(void)rxp_buf_put(&out->inside, h->document.data, h->document.len);
}

static void run_sent(struct outcome *out, const struct sent_case *c, struct sender *s)
{
	struct sent_look look = {.parties = s->target->parties};
	char why[OUTCOME_WHY];
	bool good;

	if (!gather(s, c, why)) {
		outcome_rule(out, VERDICT_INCOMPLETE, "%s", why);
		return;
	}
	look.first = ear_first(s->ear);
	good = c->look(&look);
	if (good) {
		(void)snprintf(out->seen, sizeof out->seen, "%s", out->expected);
		return;
	}
	outcome_rule(out, c->advised ? VERDICT_WARN : outcome_against(out), "%s", look.why);
	show(out, &look);
}

void initiate_run(struct outcome *out, size_t i, const struct target *target)
{
	struct number n = number_of(i);
	int64_t began_ms = tls_now_ms();

	if (target->sender == NULL)
		abort();
	initiate_describe(out, i);
	ear_begin(target->sender->ear, out->facts->id);
	if (n.answered != NULL)
		run_answered(out, n.answered, target->sender);
	else if (n.sent != NULL)
		run_sent(out, n.sent, target->sender);
	else
		tale_run(out, n.tale, target->sender);
	out->took_ms = (int)(tls_now_ms() - began_ms);
}
