#include "conformance/run/preflight_pair.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "conformance/run/pair.h"
#include "conformance/state/keypair.h"
#include "conformance/state/product.h"
#include "conformance/wire/tls.h"

struct flight {
	struct pair *pair;
	char words[OUTCOME_WHY]; /* of what was seen */
	const char *side, *hint; /* better ones than the table's, or NULL */
};

static bool check_TEST(struct flight *f)
{
	const struct rxp_identity *i[PAIR_SIDES];

	for (enum pair_side s = 0; s < PAIR_SIDES; s++) {
		i[s] = &f->pair->products[s].product->descriptor->identity;
		(void)snprintf(f->words, sizeof f->words, "party %s, %s test node", i[s]->party,
		    i[s]->test ? "a" : "no");
		if (!i[s]->test || !rxp_party_is_test(i[s]->party))
			return false;
	}
	(void)snprintf(f->words, sizeof f->words, "both are %s", i[0]->party);
	return strcmp(i[PAIR_SENDER]->party, i[PAIR_RECEIVER]->party) != 0;
}

static bool is_pin(const struct pair_product *p)
{
	const struct rxp_identity *i = &p->product->descriptor->identity;
	uint8_t pin[32];

	keypair_pin(p->tls, pin);
	for (size_t n = 0; n < i->n_pins; n++)
		if (memcmp(pin, i->pins[n], sizeof pin) == 0)
			return true;
	return false;
}

static bool check_KEYS(struct flight *f)
{
	for (enum pair_side s = 0; s < PAIR_SIDES; s++) {
		const struct pair_product *p = &f->pair->products[s];

		(void)snprintf(f->words, sizeof f->words, "the key given for %s is no pin of it",
		    pair_party(f->pair, s));
		if (p->tls != NULL && !is_pin(p))
			return false;
		(void)snprintf(f->words, sizeof f->words, "a key for one of them alone");
		if ((p->tls != NULL) != pair_has_keys(f->pair))
			return false;
	}
	return true;
}

static bool check_LISTEN(struct flight *f)
{
	enum wire_end end = pair_below(f->pair);

	(void)snprintf(f->words, sizeof f->words, "at %s and %s: %s",
	    f->pair->products[PAIR_SENDER].at, f->pair->products[PAIR_RECEIVER].at,
	    wire_end_words(end));
	return end == WIRE_NONE;
}

/* Is the address one at which the suite itself listens? */
static bool is_round(const struct pair *p, const char *behind)
{
	char there[TLS_AUTHORITY], here[TLS_AUTHORITY];

	for (enum pair_side s = 0; s < PAIR_SIDES; s++) {
		const char *at = p->products[s].at;

		if (!tls_authority_of(here, at))
			(void)snprintf(here, sizeof here, "%s", at);
		if (tls_authority_of(there, behind) && strcmp(there, here) == 0)
			return true;
	}
	return false;
}

static bool check_BEHIND(struct flight *f)
{
	for (enum pair_side s = 0; s < PAIR_SIDES; s++) {
		const struct pair_product *p = &f->pair->products[s];
		const char *behind = p->behind;
		int fd = -1;
		enum wire_end end;

		if (p->product->descriptor->identity.n_endpoints == 0)
			continue; /* it opens no port */
		end = is_round(f->pair, behind)
			  ? WIRE_BUSY
			  : tls_dial(&fd, behind, tls_now_ms() + f->pair->wait_ms);
		(void)snprintf(f->words, sizeof f->words, "%s at %s: %s", pair_party(f->pair, s),
		    behind,
		    end == WIRE_BUSY ? "there the suite itself listens" : wire_end_words(end));
		if (end != WIRE_NONE)
			return false;
		(void)close(fd);
	}
	return true;
}

static bool is_come(const struct pair *p)
{
	return relay_lines(p->relay, WAY_ON) > 0;
}

static bool is_passed(const struct pair *p)
{
	for (size_t i = 0; i < relay_tries(p->relay); i++)
		if (relay_try_at(p->relay, i)->passed)
			return true;
	return false;
}

static bool is_prompted(const struct pair *p)
{
	return p->running == 0;
}

/* Until it is so, or nothing will make it so. */
static bool await(struct pair *p, bool (*is_so)(const struct pair *p))
{
	int64_t deadline_ms = tls_now_ms() + p->wait_ms;

	while (!is_so(p) && tls_now_ms() < deadline_ms && (!pair_prompted(p) || p->gave == 0))
		pair_turn(p, deadline_ms);
	return is_so(p);
}

static bool check_COMES(struct flight *f)
{
	char why[OUTCOME_WHY];

	relay_arm(f->pair->relay, FAULT_NOTHING, 0);
	if (!pair_prompt(f->pair, "preflight", "ping", why))
		return true;
	if (await(f->pair, is_come))
		return true;
	f->side = f->pair->gave != 0 ? "the tester" : NULL;
	f->hint =
	    f->pair->gave != 0
		? "look at the command of --trigger: it was given `preflight` and `ping`"
		: "the endpoint of --other must lead to the suite: look at the name, the port and the firewall, and at "
		  "the log of the product that sends; or give --wait more time";
	(void)snprintf(f->words, sizeof f->words,
	    "no connection in %d seconds; the trigger ended with the status %d",
	    f->pair->wait_ms / 1000, f->pair->gave);
	return false;
}

static bool check_PASSES(struct flight *f)
{
	bool good = f->pair->trigger == NULL || await(f->pair, is_passed);

	(void)snprintf(f->words, sizeof f->words,
	    "%u connections, %zu messages, no answer in %d seconds",
	    relay_lines(f->pair->relay, WAY_ON), relay_tries(f->pair->relay),
	    f->pair->wait_ms / 1000);
	if (!good || !await(f->pair, is_prompted) || f->pair->gave == 0)
		return good;
	(void)snprintf(
	    f->words, sizeof f->words, "the trigger ended with the status %d", f->pair->gave);
	return false;
}

static const struct {
	bool (*check)(struct flight *f);
	const char *words, *side, *hint;
} checks[] = {
#define PREFLIGHT(name, words, side, hint) {check_##name, words, side, hint},
#include "conformance/run/preflight_pair.def"
#undef PREFLIGHT
};
#define N_CHECKS (sizeof checks / sizeof checks[0])

bool preflight_pair(struct pair *p, preflight_told *told, void *arg)
{
	struct flight f = {.pair = p};
	bool good = true;

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
