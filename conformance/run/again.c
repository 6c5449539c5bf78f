#include "conformance/run/again.h"

void again_run(struct outcome *out, const struct again *what, size_t i, const struct target *target)
{
	struct target patient = *target;
	bool was_away, was_late;

	what->describe(out, i);
	what->run(out, i, target);
	was_late = out->was_late && out->verdict == VERDICT_FAIL;
	if ((!out->was_cut && !was_late) || outcome_goes_on(out))
		return;
	if (was_late)
		patient.wait_ms *= AGAIN_PATIENCE;
	was_away = out->was_away;
	outcome_clear(out);
	what->describe(out, i);
	what->run(out, i, &patient);
	if (was_away && !out->was_away && outcome_goes_on(out))
		outcome_rule(out, VERDICT_INCOMPLETE,
		    "the product ended: nothing listened there for a while, but not when it was tried once more");
}
