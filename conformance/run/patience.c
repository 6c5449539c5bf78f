#include "conformance/run/patience.h"

#include <poll.h>

#include "conformance/wire/tls.h"
#include "protocol/message/answer.h"

#define SHORTEST_MS 100
#define LONGEST_MS 1000

struct patience patience_of(const struct target *target)
{
	return (struct patience){target, tls_now_ms() + target->wait_ms, SHORTEST_MS};
}

static void rest(const struct target *target, int ms)
{
	int64_t until_ms = tls_now_ms() + ms, left_ms;

	while ((left_ms = until_ms - tls_now_ms()) > 0) {
		struct pollfd aside = {.fd = -1, .events = POLLIN};

		if (target->aside != NULL)
			aside.fd = target->aside->fd;
		if (poll(&aside, 1, (int)left_ms) > 0 && target->aside != NULL)
			target->aside->serve(target->aside->arg);
	}
}

bool patience_bear(struct patience *p)
{
	if (tls_now_ms() + p->pause_ms >= p->until_ms)
		return false;
	rest(p->target, p->pause_ms);
	if (p->pause_ms < LONGEST_MS)
		p->pause_ms *= 2;
	return true;
}

bool patience_asked(const struct seen *seen)
{
	return (seen->what.kind == EXPECT_STATUS && seen->what.value == PATIENCE_STATUS) ||
	       (seen->what.kind == EXPECT_REFUSAL && seen->what.value == RXP_REFUSAL_BUSY);
}

void patience_ended(const struct target *target, struct outcome *out)
{
	outcome_rule(out, VERDICT_INCOMPLETE,
	    "the product could not take it within %d seconds: 503 or `busy`; --wait gives it more",
	    target->wait_ms / 1000);
}
