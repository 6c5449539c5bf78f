#include "conformance/run/again.h"

void again_run(struct outcome *out, const struct again *what, size_t i, const struct target *target)
{
	bool was_away;

	what->describe(out, i);
	what->run(out, i, target);
	if (!out->was_cut || outcome_goes_on(out))
		return;
	was_away = out->was_away;
	outcome_clear(out);
	what->describe(out, i);
	what->run(out, i, target);
	if (was_away && !out->was_away && outcome_goes_on(out))
		outcome_rule(out, VERDICT_INCOMPLETE,
		    "the product ended: nothing listened there for a while, but not when it was tried once more");
}
