#include "conformance/cases/exact.h"

#include <stddef.h>

static const bool is_exact[RXP_REFUSAL_COUNT] = {
#define EXACT(code, requirement, does) [RXP_REFUSAL_##code] = true,
#define OPEN(wanted, seen, requirement)
#include "conformance/cases/exact.def"
#undef OPEN
#undef EXACT
};

static const struct {
	enum rxp_refusal wanted, seen;
} open_[] = {
#define EXACT(code, requirement, does)
#define OPEN(wanted, seen, requirement) {RXP_REFUSAL_##wanted, RXP_REFUSAL_##seen},
#include "conformance/cases/exact.def"
#undef OPEN
#undef EXACT
};

bool exact_may_stand(enum rxp_refusal wanted, enum rxp_refusal seen)
{
	if (wanted == seen)
		return true;
	for (size_t i = 0; i < sizeof open_ / sizeof open_[0]; i++)
		if (open_[i].wanted == wanted && open_[i].seen == seen)
			return true;
	return !is_exact[wanted] && !is_exact[seen] &&
	       rxp_refusal_row(wanted)->class == rxp_refusal_row(seen)->class;
}
