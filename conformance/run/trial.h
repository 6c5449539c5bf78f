/*
 * trial - one case, tried: a valid message, the changed one, the no-effect probe, a valid message again.
 *
 * The probe shows that what was refused left nothing behind: after a refusal that is not final the same message without
 * the change is receipted; after a final one, or a Receipt, nothing else takes its MessageId.
 */
#ifndef CONFORM_TRIAL_H
#define CONFORM_TRIAL_H

#include "conformance/cases/case.h"
#include "conformance/run/seen.h"
#include "protocol/base/buf.h"

enum verdict {
#define VERDICT(name, word, meaning) VERDICT_##name,
#include "conformance/run/verdict.def"
#undef VERDICT
	VERDICT_COUNT
};

const char *verdict_word(enum verdict v);
const char *verdict_meaning(enum verdict v);

#define TRIAL_WHY 200

struct trial {
	const struct conform_case *tried;
	enum verdict verdict;
	struct seen seen;
	char why[TRIAL_WHY]; /* in words, unless it passed */
	int took_ms;
	struct rxp_buf sent,
	    received; /* the body of the changed message's request, and of what came back */
};

/* The endpoint of the product, and how long a step may take. */
struct trial_target {
	const struct parties *parties;
	const char *endpoint;
	int wait_ms;
};

/* Try it; never fails: what goes wrong is its verdict. The caller clears it. */
void trial_run(struct trial *t, const struct conform_case *c, const struct trial_target *target);
void trial_clear(struct trial *t);

#endif
