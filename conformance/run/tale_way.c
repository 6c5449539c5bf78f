/* Tales of the ways on which the State can be reached: its descriptor lists other endpoints before its own, by which no connection comes
 * about (RXP-DSC-048). */
#include <unistd.h>

#include "conformance/run/hark.h"
#include "conformance/run/rolled.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "conformance/wire/vacant.h"

#define TURN_MS 20 /* for which who connects to the first endpoint may have to wait */
#define RETURNS_MS \
	400 /* at least, behind the first time, is who begins anew, and not one of several connections */
#define PAUSES 3 /* by which the pause behind a try in vain may be longer than the wait of a step */

/* Given no time, it ends the connections that stand, and what is next comes on a new one. */
static const struct retort anew = {RETORT_LINE, {{NULL, NULL, NULL}}, NULL, NULL};

struct ways {
	const struct tale *t;
	int first, second; /* the vacant ports; -1: there is none */
	int64_t tried_ms; /* when somebody was hung up on at the first one; 0: nobody yet */
	bool returned; /* and again, later */
};

static void hang_up(struct ways *w)
{
	if (vacant_hang_up(w->first) == 0)
		return;
	if (w->tried_ms == 0)
		w->tried_ms = tls_now_ms();
	else
		w->returned |= tls_now_ms() - w->tried_ms >= RETURNS_MS;
}

/* Does a message come in that time, whatever is tried elsewhere meanwhile? */
static bool comes(struct ways *w, int64_t within_ms)
{
	struct sender *s = w->t->s;
	char why[OUTCOME_WHY] = "";
	int64_t deadline_ms = tls_now_ms() + within_ms;

	ear_arm(s->ear, &anew, 0, false);
	if (ear_taken(s->ear) == NULL && !sender_prompt(s, w->t->out->facts->id, NULL, why)) {
		ear_hold(s->ear);
		hark_incomplete(w->t, why);
		return false;
	}
	while ((ear_taken(s->ear) == NULL || !ear_taken(s->ear)->ended) && !sender_misfired(s) &&
	       tls_now_ms() < deadline_ms) {
		hang_up(w);
		ear_turn(s->ear, tls_now_ms() + TURN_MS);
		if (ear_taken(s->ear) == NULL)
			deadline_ms = sender_until(s, deadline_ms);
	}
	hang_up(w);
	ear_hold(s->ear);
	return ear_taken(s->ear) != NULL && ear_taken(s->ear)->ended;
}

/* Nothing came: who was hung up on at the first endpoint once more, and not at the last in between, leaves that out. Who did not come back may
 * pause between two endpoints. */
static void judge_lost(const struct ways *w, unsigned lines)
{
	if (w->returned && ear_counted(w->t->s->ear)->lines == lines)
		hark_against(
		    w->t, "it came back to the first endpoint, and had not been at the last one");
	else
		hark_incomplete(w->t,
		    "no message came by the last of its endpoints; --wait gives it more time");
}

/* A message by the endpoint that is listed last. */
static void go_round(struct ways *w, const char *const *before)
{
	const struct tale *t = w->t;
	const int64_t wait_ms = t->s->target->wait_ms;
	struct line line = {.target = t->s->target};
	unsigned lines = ear_counted(t->s->ear)->lines;
	bool listed = hark_went_well(t, rolled_list_endpoints(&line, t->out, before));

	/* Who tries one way several times before the next has its time. */
	if (listed && !comes(w, wait_ms) && t->out->verdict == VERDICT_PASS &&
	    !comes(w, PAUSES * wait_ms) && t->out->verdict == VERDICT_PASS)
		judge_lost(w, lines);
	/* The descriptor of before, and what waited: it is no other case's. */
	if (listed && hark_went_well(t, rolled_list_endpoints(&line, t->out, NULL)) &&
	    t->out->verdict != VERDICT_PASS)
		(void)comes(w, PAUSES * wait_ms);
	line_hang_up(&line);
}

/* The message before shows that one comes at all. */
static void leave_ways(struct ways *w, bool two)
{
	const struct tale *t = w->t;
	const char *own = t->s->own->endpoint;
	char first[RXP_MAX_ENDPOINT_LENGTH + 1], second[RXP_MAX_ENDPOINT_LENGTH + 1];
	enum wire_end end;

	if (!hark_rest(t) || hark_any(t, NULL, false) == NULL)
		return;
	end = vacant_open(&w->first, first, own, true);
	if (end == WIRE_NONE && two)
		end = vacant_open(&w->second, second, own, false);
	if (end == WIRE_NONE)
		go_round(w, (const char *[]){first, two ? second : NULL, NULL});
	else
		outcome_rule(t->out, VERDICT_ERROR, "the suite: %s", wire_end_words(end));
	if (w->first >= 0)
		(void)close(w->first);
	if (w->second >= 0)
		(void)close(w->second);
}

void tale_goes_round_one(struct tale *t)
{
	leave_ways(&(struct ways){.t = t, .first = -1, .second = -1}, false);
}

void tale_goes_round_two(struct tale *t)
{
	leave_ways(&(struct ways){.t = t, .first = -1, .second = -1}, true);
}
