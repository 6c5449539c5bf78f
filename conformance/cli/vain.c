#include "conformance/cli/vain.h"

#include "conformance/run/control.h"
#include "conformance/run/desk.h"
#include "conformance/run/sender.h"

/* Does anything make the product send that can be given up? Between two products nothing is tried without it. */
static bool has_trigger(const struct target *t)
{
	return (t->sender != NULL && t->sender->trigger != NULL) || t->desk != NULL;
}

static void give_up(const struct target *t)
{
	if (t->sender != NULL)
		t->sender->is_given_up = true;
	if (t->desk != NULL)
		desk_give_up(t->desk);
	if (t->second_desk != NULL)
		desk_give_up(t->second_desk);
}

static bool answers(const struct target *t, const struct case_facts *facts)
{
	struct line line = {.target = t};
	struct outcome o;
	bool good;

	outcome_init(&o, facts, "a Ping", "");
	good = control(&o, &line, BASE_PING, VERDICT_INCOMPLETE, "before it");
	line_hang_up(&line);
	outcome_clear(&o);
	return good;
}

void vain_try(struct vain *v, struct outcome *out, const struct plan *plan, size_t i,
    const struct target *target)
{
	if (v->n == VAIN_MOST && !v->gave_up && has_trigger(target) &&
	    answers(target, plan->facts(i))) {
		*v = (struct vain){.gave_up = true};
		give_up(target);
	}
	if (v->n == VAIN_MOST) {
		plan->describe(out, i);
		outcome_rule(out, VERDICT_INCOMPLETE,
		    "not tried: %d cases in a row waited in vain for an answer", VAIN_MOST);
		return;
	}
	plan->run(out, i, target);
	v->n = out->verdict == VERDICT_INCOMPLETE && out->took_ms >= target->wait_ms ? v->n + 1 : 0;
}
