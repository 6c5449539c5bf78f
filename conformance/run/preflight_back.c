#include "conformance/run/preflight_back.h"

#include <stdio.h>
#include <string.h>

#include "conformance/run/sender.h"
#include "conformance/state/product.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

struct flight {
	struct sender *s;
	char words[OUTCOME_WORDS]; /* of what was seen */
	const char *side, *hint; /* better ones than the table's, or NULL */
};

static bool check_COMES(struct flight *f)
{
	int64_t deadline_ms = tls_now_ms() + f->s->target->wait_ms;
	const struct ear_counts *c = ear_counted(f->s->ear);

	while (ear_waiting(f->s->ear) == NULL && tls_now_ms() < deadline_ms &&
	       !sender_misfired(f->s)) {
		ear_turn(f->s->ear, sender_next_look(f->s, deadline_ms));
		deadline_ms = sender_until(f->s, deadline_ms);
	}
	if (ear_waiting(f->s->ear) != NULL)
		return true;
	if (f->s->gave != 0) {
		f->side = "the tester";
		f->hint = "look at the command of --trigger: it was given `preflight` and `ping`";
		(void)snprintf(
		    f->words, sizeof f->words, "the trigger ended with the status %d", f->s->gave);
		return false;
	}
	f->hint =
	    "the product must reach the endpoint of this State's descriptor: look at the name, the port and the firewall, "
	    "and at the product's log; or give --wait more time";
	if (c->ended) {
		f->side = wire_end_side(c->last_end);
		f->hint = wire_end_hint(c->last_end);
	}
	(void)snprintf(f->words, sizeof f->words,
	    "%u connections in %d seconds, and no message%s%s", c->lines,
	    f->s->target->wait_ms / 1000, c->ended ? ": " : "",
	    c->ended ? wire_end_words(c->last_end) : "");
	return false;
}

static bool check_KNOWN(struct flight *f)
{
	const struct rxp_identity *i = &f->s->target->parties->product->descriptor->identity;
	const struct guest_facts *line = &ear_waiting(f->s->ear)->line;

	(void)snprintf(f->words, sizeof f->words, "%s",
	    line->has_pin ? "the key of another" : "it showed none");
	for (size_t n = 0; n < i->n_pins; n++)
		if (line->has_pin && memcmp(line->pin, i->pins[n], sizeof line->pin) == 0)
			return true;
	return false;
}

static bool check_KEY(struct flight *f)
{
	const struct heard *h = ear_waiting(f->s->ear);

	(void)snprintf(f->words, sizeof f->words, "a key that this State does not hold");
	return h->stage != HEARD_DECRYPT || h->why != RXP_ERR_KEY;
}

static const struct {
	bool (*check)(struct flight *f);
	const char *words, *side, *hint;
} checks[] = {
#define PREFLIGHT(name, words, side, hint) {check_##name, words, side, hint},
#include "conformance/run/preflight_back.def"
#undef PREFLIGHT
};
#define N_CHECKS (sizeof checks / sizeof checks[0])

bool preflight_back(struct sender *s, preflight_told *told, void *arg)
{
	struct flight f = {.s = s};
	char why[OUTCOME_WHY];
	bool good = true;

	ear_hold(s->ear);
	if (!sender_prompt(s, "preflight", NULL, why))
		return true;
	for (size_t i = 0; i < N_CHECKS && good; i++) {
		f.side = f.hint = NULL;
		good = checks[i].check(&f);
		told(arg, &(struct preflight_said){.words = checks[i].words,
			      .holds = good,
			      .seen = f.words,
			      .side = f.side != NULL ? f.side : checks[i].side,
			      .hint = f.hint != NULL ? f.hint : checks[i].hint});
	}
	return good;
}
