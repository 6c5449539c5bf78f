/* Cases below TLS: what passes is known by its size and its time alone. */
#include <stdio.h>

#include "conformance/run/pair_case.h"
#include "conformance/wire/tls.h"

#define SOON_MS 80 /* less than the 100 of RXP-HTTP-009 by what this machine may be late */
#define REPLAY_MS 5000
#define SETTLED_MS 1000
#define FILE_OCTETS 1000000UL
#define RESUMED_PART 5 /* what goes beyond this part of the whole was sent twice */

struct seen_below {
	unsigned struck;
	const struct relay_try *passed; /* the first behind those that were struck; NULL: none */
	const struct relay_try *open; /* that was asked and got no answer; NULL: none */
};

static struct seen_below see(const struct relay *r)
{
	struct seen_below s = {0};

	for (size_t i = 0; i < relay_tries(r); i++) {
		const struct relay_try *t = relay_try_at(r, i);

		s.struck += t->struck;
		if (t->passed && s.passed == NULL)
			s.passed = t;
		if (!t->struck && !t->passed)
			s.open = t;
	}
	return s;
}

/* Anything that was seen gives the next step its whole time. */
static size_t steps(const struct relay *r)
{
	struct seen_below s = see(r);

	return relay_tries(r) + relay_lines(r, WAY_ON) + s.struck + (s.passed != NULL);
}

static void await(struct pair *p)
{
	int64_t deadline_ms = tls_now_ms() + p->wait_ms;
	size_t made = steps(p->relay);

	while (tls_now_ms() < deadline_ms && (see(p->relay).passed == NULL || !pair_prompted(p))) {
		pair_turn(p, deadline_ms);
		if (pair_prompted(p) && p->gave != 0 && see(p->relay).passed == NULL &&
		    relay_tries(p->relay) == 0)
			return;
		if (steps(p->relay) == made || relay_tries(p->relay) == RELAY_TRIES)
			continue;
		made = steps(p->relay);
		deadline_ms = tls_now_ms() + p->wait_ms;
	}
}

static void judge_pauses(struct outcome *out, const struct pair *p)
{
	const struct relay *r = p->relay;

	for (size_t i = 1; i < relay_tries(r); i++) {
		int64_t pause = relay_try_at(r, i)->began_ms - relay_try_at(r, i - 1)->ended_ms;

		if (relay_try_at(r, i - 1)->struck && pause < SOON_MS) {
			pair_case_against(out, p, PAIR_SENDER,
			    "tried again after %lld milliseconds", (long long)pause);
			return;
		}
	}
}

static void judge_replay(struct outcome *out, struct pair *p)
{
	size_t came = 0;
	enum wire_end end = relay_replay(p->relay, &came, tls_now_ms() + REPLAY_MS);

	if (end != WIRE_NONE && end != WIRE_TIMEOUT)
		outcome_rule(out, VERDICT_INCOMPLETE, "the receiver: %s", wire_end_words(end));
	else if (relay_is_answer(p->relay, came))
		pair_case_against(out, p, PAIR_RECEIVER, "answered them with %zu octets", came);
}

static void judge_unanswered(struct outcome *out, struct pair *p, const struct seen_below *s)
{
	int seconds = p->wait_ms / 1000;

	if (relay_failed(p->relay) != WIRE_NONE)
		outcome_rule(out, VERDICT_INCOMPLETE, "the product behind cannot be reached: %s",
		    wire_end_words(relay_failed(p->relay)));
	else if (relay_lines(p->relay, WAY_ON) == 0)
		outcome_rule(out, VERDICT_INCOMPLETE,
		    "no connection came within %d seconds; the trigger ended with %d", seconds,
		    p->gave);
	else if (s->open != NULL)
		pair_case_against(
		    out, p, PAIR_RECEIVER, "did not answer within %d seconds", seconds);
	else if (s->struck == 0)
		outcome_rule(out, VERDICT_INCOMPLETE, "no message came within %d seconds", seconds);
	else
		pair_case_unrepeated(out, p);
}

static void judge(struct outcome *out, const struct pair_case *c, struct pair *p)
{
	struct seen_below s = see(p->relay);

	(void)snprintf(out->seen, sizeof out->seen, "%zu tries, %u of them struck, %s",
	    relay_tries(p->relay), s.struck,
	    s.passed != NULL ? "and then an answer" : "and no answer");
	if (s.passed == NULL)
		judge_unanswered(out, p, &s);
	else if (s.struck < c->times)
		outcome_rule(out, VERDICT_INCOMPLETE, "it was to be struck %u times", c->times);
	else if (!pair_prompted(p) || p->gave != 0)
		pair_case_against(out, p, PAIR_SENDER, "does not know of a Receipt: its trigger %s",
		    pair_prompted(p) ? "failed" : "did not end");
	if (out->verdict == VERDICT_PASS && pair_case_wants(c, PAIR_WANTED_PAUSE))
		judge_pauses(out, p);
	if (out->verdict == VERDICT_PASS && pair_case_wants(c, PAIR_WANTED_REPLAY))
		judge_replay(out, p);
}

static bool send_and_await(
    struct outcome *out, const struct pair_case *c, const char *wanted, struct pair *p)
{
	char why[OUTCOME_WHY];

	if (!pair_prompt(p, c->facts.id, wanted, why)) {
		outcome_rule(out, VERDICT_INCOMPLETE, "%s", why);
		return false;
	}
	await(p);
	return true;
}

/* Until nothing more comes: an answer in between may have looked like the last. */
static void settle(struct pair *p)
{
	int64_t deadline_ms = tls_now_ms() + p->wait_ms, quiet_ms = tls_now_ms() + SETTLED_MS;
	size_t sent = relay_sent(p->relay);

	while (tls_now_ms() < quiet_ms && tls_now_ms() < deadline_ms) {
		pair_turn(p, quiet_ms);
		if (relay_sent(p->relay) == sent)
			continue;
		sent = relay_sent(p->relay);
		quiet_ms = tls_now_ms() + SETTLED_MS;
	}
}

/* A file passes, so that its size is known; then another is cut at half of that. What went before the cut need not go again. */
static void try_upload(struct outcome *out, const struct pair_case *c, struct pair *p)
{
	size_t whole;

	relay_arm(p->relay, FAULT_NOTHING, 0);
	if (!send_and_await(out, c, "file", p))
		return;
	settle(p);
	whole = relay_sent(p->relay);
	if (see(p->relay).passed == NULL || whole < FILE_OCTETS) {
		outcome_rule(out, VERDICT_INCOMPLETE,
		    "no document with a file of a megabyte passed (%zu octets); the trigger was told `file`, and ended with %d",
		    whole, p->gave);
		return;
	}
	relay_arm_at(p->relay, whole / 2);
	if (!send_and_await(out, c, "file", p))
		return;
	settle(p);
	judge(out, c, p);
	(void)snprintf(out->seen, sizeof out->seen,
	    "%zu octets in all, and %zu where nothing was cut", relay_sent(p->relay), whole);
	if (out->verdict == VERDICT_PASS && relay_sent(p->relay) > whole + whole / RESUMED_PART)
		pair_case_against(
		    out, p, PAIR_SENDER, "sent again what had arrived: %s", out->seen);
}

void pair_case_below(struct outcome *out, const struct pair_case *c, struct pair *p)
{
	if (pair_case_wants(c, PAIR_WANTED_RESUMED)) {
		try_upload(out, c, p);
		return;
	}
	relay_arm(p->relay, (enum fault)c->number, c->times);
	if (send_and_await(out, c, "ping", p))
		judge(out, c, p);
}
