/* The plan `proxy`: the suite stands between two products, passes what comes, and puts faults between them. */
#include <stdio.h>
#include <stdlib.h>

#include "conformance/run/pair_case.h"
#include "conformance/run/plan.h"
#include "conformance/wire/tls.h"

#define W(name) (1U << PAIR_WANTED_##name)

static const struct pair_case cases[] = {
#define BELOW(requirement, number, fault, times, wanted, name) \
	{{requirement "." number, "RXP-" requirement, name}, false, FAULT_##fault, times, wanted},
#include "conformance/proxy/below.def"
#undef BELOW
#define ABOVE(requirement, number, bend, times, wanted, name) \
	{{requirement "." number, "RXP-" requirement, name}, true, BEND_##bend, times, wanted},
#include "conformance/proxy/above.def"
#undef ABOVE
};

size_t proxy_total(void)
{
	return sizeof cases / sizeof cases[0];
}

const struct case_facts *proxy_facts(size_t i)
{
	return &cases[i].facts;
}

/* In the end the message is answered; and what else is looked at. */
static void put_expected(struct outcome *out, const struct pair_case *c)
{
	static const char *const words[] = {
#define WANTED(name, words) words,
#include "conformance/proxy/wanted.def"
#undef WANTED
	};
	size_t len = 0;

	for (unsigned w = 0; w < PAIR_WANTED_COUNT; w++)
		if (pair_case_wants(c, (enum pair_wanted)w) && len < sizeof out->expected)
			len += (size_t)snprintf(out->expected + len, sizeof out->expected - len,
			    "%s%s", len == 0 ? "" : "; ", words[w]);
	if (len == 0)
		(void)snprintf(out->expected, sizeof out->expected, "the message is answered");
}

void proxy_describe(struct outcome *out, size_t i)
{
	const struct pair_case *c = &cases[i];

	outcome_init(out, &c->facts, "a message from one product to the other",
	    c->is_above ? bend_words((enum bend)c->number) : fault_words((enum fault)c->number));
	put_expected(out, c);
}

static void run_case(struct outcome *out, const struct pair_case *c, struct pair *p)
{
	enum wire_end end;

	if (c->is_above && !pair_has_keys(p)) {
		out->keyless = true;
		outcome_rule(out, VERDICT_NA,
		    "it stands above TLS, for which the suite needs the TLS keys of both products");
		return;
	}
	end = c->is_above ? pair_above(p) : pair_below(p);
	if (end != WIRE_NONE)
		outcome_rule(
		    out, VERDICT_ERROR, "the suite cannot listen: %s", wire_end_words(end));
	else if (c->is_above)
		pair_case_above(out, c, p);
	else
		pair_case_below(out, c, p);
}

void proxy_run(struct outcome *out, size_t i, const struct target *target)
{
	int64_t began_ms = tls_now_ms();

	if (target->pair == NULL)
		abort();
	proxy_describe(out, i);
	run_case(out, &cases[i], target->pair);
	out->took_ms = (int)(tls_now_ms() - began_ms);
}
