#include "conformance/run/pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "conformance/run/trigger.h"
#include "conformance/state/product.h"
#include "conformance/wire/tls.h"

#define SLICE_MS 50 /* after which the trigger is looked at again */

const char *pair_party(const struct pair *p, enum pair_side side)
{
	return product_party(p->products[side].product);
}

bool pair_has_keys(const struct pair *p)
{
	return p->products[PAIR_SENDER].tls != NULL && p->products[PAIR_RECEIVER].tls != NULL;
}

/* The receiver is behind the way on, the sender behind the way back. */
static const struct pair_product *behind(const struct pair *p, enum way way)
{
	return &p->products[way == WAY_ON ? PAIR_RECEIVER : PAIR_SENDER];
}

static void stand_down(struct pair *p)
{
	relay_free(p->relay);
	through_free(p->through);
	p->relay = NULL;
	p->through = NULL;
}

enum wire_end pair_below(struct pair *p)
{
	struct way_ends ends[WAY_COUNT];

	if (p->relay != NULL)
		return WIRE_NONE;
	stand_down(p);
	for (enum way way = 0; way < WAY_COUNT; way++)
		ends[way] = (struct way_ends){behind(p, way)->at, behind(p, way)->behind};
	return relay_open(&p->relay, ends);
}

enum wire_end pair_above(struct pair *p)
{
	struct through_ends ends[WAY_COUNT];

	if (!pair_has_keys(p))
		abort();
	if (p->through != NULL)
		return WIRE_NONE;
	stand_down(p);
	for (enum way way = 0; way < WAY_COUNT; way++) {
		const struct pair_product *of = behind(p, way);

		ends[way] = (struct through_ends){{of->at, of->behind}, of->product, of->tls};
	}
	return through_open(&p->through, ends, p->wait_ms);
}

/* With all that it started. */
static void end_trigger(struct pair *p)
{
	if (p->running > 0)
		trigger_end(p->running);
	p->running = 0;
}

void pair_close(struct pair *p)
{
	end_trigger(p);
	stand_down(p);
}

bool pair_prompt(struct pair *p, const char *case_id, const char *wanted, char why[OUTCOME_WHY])
{
	const char *const words[] = {case_id, wanted, NULL};

	if (p->trigger == NULL) {
		(void)snprintf(why, OUTCOME_WHY,
		    "nothing makes %s send: give --trigger a command that does",
		    pair_party(p, PAIR_SENDER));
		return false;
	}
	end_trigger(p); /* of a case before, that waits for what never comes */
	p->gave = 0;
	p->running = trigger_start(p->trigger, pair_party(p, PAIR_RECEIVER), words);
	if (p->running > 0)
		return true;
	p->running = 0;
	(void)snprintf(why, OUTCOME_WHY, "the trigger cannot be started");
	return false;
}

bool pair_prompted(struct pair *p)
{
	int status = 0;

	if (p->running > 0 && waitpid(p->running, &status, WNOHANG) == p->running) {
		p->gave = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
		p->running = 0;
	}
	return p->running == 0;
}

void pair_turn(struct pair *p, int64_t deadline_ms)
{
	int64_t slice_ms = tls_now_ms() + SLICE_MS;

	if (slice_ms < deadline_ms)
		deadline_ms = slice_ms;
	if (p->relay != NULL)
		relay_turn(p->relay, deadline_ms);
	else
		through_turn(p->through, deadline_ms);
}
