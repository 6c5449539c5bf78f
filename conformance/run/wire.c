/* The plan `wire`: each case is a script of octets and frames (script.h), tried by script_trial.h. */
#include "conformance/run/again.h"
#include "conformance/run/plan.h"
#include "conformance/run/script_trial.h"

size_t wire_total(void)
{
	return script_total();
}

const struct case_facts *wire_facts(size_t i)
{
	return &script_at(i)->facts;
}

void wire_describe(struct outcome *out, size_t i)
{
	const struct script *s = script_at(i);

	outcome_init(out, &s->facts, "a Ping on a connection of its own", s->stage);
	script_trial_wanted(out->expected, &s->wanted);
}

static void run(struct outcome *out, size_t i, const struct target *target)
{
	script_trial_run(out, script_at(i), target);
}

void wire_run(struct outcome *out, size_t i, const struct target *target)
{
	static const struct again script = {wire_describe, run};

	again_run(out, &script, i, target);
}
