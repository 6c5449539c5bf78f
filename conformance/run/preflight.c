#include "conformance/run/preflight.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conformance/run/line.h"
#include "conformance/run/outcome.h"
#include "conformance/run/seen.h"
#include "conformance/run/sender.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"
#include "protocol/message/answer.h"

#define MAX_SKEW_MS 60000
#define OWNER "the product's owner"

/* What is known while the checks are made. */
struct flight {
	const struct target *target;
	struct wire *wire;
	int64_t sent_ms, answered_ms;
	struct seen seen;
	char words[OUTCOME_WHY]; /* of what was seen */
	const char *side, *hint; /* better ones than the table's, or NULL */
};

static bool check_TEST(struct flight *f)
{
	const struct rxp_identity *i = &f->target->parties->product->descriptor->identity;

	(void)snprintf(
	    f->words, sizeof f->words, "party %s, %s test node", i->party, i->test ? "a" : "no");
	return i->test && rxp_party_is_test(i->party);
}

static bool check_PARTIES(struct flight *f)
{
	const char *other = product_party(f->target->parties->product);

	(void)snprintf(f->words, sizeof f->words, "both are %s", other);
	return strcmp(other, f->target->parties->own->party) != 0;
}

static bool check_KEY(struct flight *f)
{
	(void)snprintf(f->words, sizeof f->words, "none of its keys is in use now");
	return product_key(f->target->parties->product, moment_now_ms()) != NULL;
}

static bool check_ENDPOINT(struct flight *f)
{
	(void)snprintf(f->words, sizeof f->words, "it names none");
	return f->target->endpoint != NULL || f->target->sender != NULL;
}

/* A product that opens no port fetches from the suite. */
static bool comes_itself(struct flight *f)
{
	struct ear *ear = f->target->sender->ear;
	int64_t deadline_ms = tls_now_ms() + f->target->wait_ms;

	while (ear_counted(ear)->fetches == 0 && tls_now_ms() < deadline_ms)
		ear_turn(ear, deadline_ms);
	(void)snprintf(f->words, sizeof f->words,
	    "%u connections in %d seconds, and nothing was asked for", ear_counted(ear)->lines,
	    f->target->wait_ms / 1000);
	f->side = OWNER;
	f->hint = "give the product the descriptor of this State, whose endpoint it must reach; it "
		  "opens no port, and has to fetch from there. --wait gives it more time";
	return ear_counted(ear)->fetches > 0;
}

const char *preflight_endpoint(const struct rxp_identity *i, int wait_ms)
{
	for (size_t n = 0; i->n_endpoints > 1 && n < i->n_endpoints; n++) {
		int fd;

		if (tls_dial(&fd, i->endpoints[n], tls_now_ms() + wait_ms) == WIRE_NONE) {
			close(fd);
			return i->endpoints[n];
		}
	}
	return i->n_endpoints == 0 ? NULL : i->endpoints[0];
}

static bool check_CONNECTION(struct flight *f)
{
	const struct rxp_identity *i = &f->target->parties->product->descriptor->identity;
	struct wire_target to = {.endpoint = f->target->endpoint,
	    .pins = i->pins,
	    .n_pins = i->n_pins,
	    .own = &f->target->parties->own->tls,
	    .wait_ms = f->target->wait_ms};
	enum wire_end end;

	if (target_pulls(f->target))
		return comes_itself(f);
	end = wire_open(&f->wire, &to);
	(void)snprintf(
	    f->words, sizeof f->words, "%s: %s", f->target->endpoint, wire_end_words(end));
	f->side = wire_end_side(end);
	f->hint = wire_end_hint(end);
	return end == WIRE_NONE;
}

static void advise(struct flight *f, const char *side, const char *hint)
{
	f->side = side;
	f->hint = hint;
}

/* What it usually comes of that a first Ping is not receipted. */
static void advise_of(struct flight *f, const struct seen *seen)
{
	if (seen->what.kind == EXPECT_REFUSAL)
		advise(f, "the tester and the product's owner, together",
		    rxp_refusal_row((enum rxp_refusal)seen->what.value)->action);
	else if (seen->what.kind == EXPECT_BAD_ANSWER)
		advise(f, "the tester, or the product's makers",
		    "take the product's present descriptor: its seal is not in the one given. Is it the present one, then the product's answer is wrong");
	else if (seen->what.kind == EXPECT_STATUS)
		advise(f, "the product's owner, or who runs the network in between",
		    "look whether a proxy or another program answers in the product's place");
	else if (seen->end == WIRE_CLOSED)
		advise(f, OWNER,
		    "give the product the descriptor of this State: a product that does not know a State ends its connections. "
		    "Does it know it, then look at its log");
	else
		advise(f, wire_end_side(seen->end), wire_end_hint(seen->end));
}

/* On the connection that there is, or on another one: between two requests a product may end it. */
static int ping(struct flight *f, struct draft *d)
{
	struct line line = {.target = f->target, .wire = f->wire};
	int rc;

	f->sent_ms = moment_now_ms();
	rc = line_send_valid(&line, d, &f->seen, NULL);
	f->answered_ms = moment_now_ms();
	f->wire = line.wire;
	return rc;
}

static bool check_PING(struct flight *f)
{
	char words[SEEN_WORDS];
	struct draft d;
	int rc = draft_begin(&d, f->target->parties, BASE_PING, moment_now_ms());

	if (rc == 0) {
		rc = ping(f, &d);
		draft_clear(&d);
	}
	if (rc != 0) {
		(void)snprintf(
		    f->words, sizeof f->words, "the suite could not make it: %s", rxp_err_text(rc));
		return false;
	}
	seen_words(words, &f->seen.what);
	(void)snprintf(f->words, sizeof f->words, "it got %s%s%s", words,
	    f->seen.what.kind == EXPECT_NO_HTTP ? ": " : "",
	    f->seen.what.kind == EXPECT_NO_HTTP ? wire_end_words(f->seen.end) : "");
	advise_of(f, &f->seen);
	return f->seen.what.kind == EXPECT_RECEIPT;
}

/* Both times are of one clock, whatever that says: a product that made the Receipt now did not get the Ping long before or behind. */
static bool check_RECEIVED(struct flight *f)
{
	int64_t apart_ms = f->seen.received_ms - f->seen.created_ms;

	(void)snprintf(f->words, sizeof f->words,
	    "ReceivedAt lies %lld seconds %s Created of the same Receipt",
	    llabs((long long)apart_ms) / 1000, apart_ms < 0 ? "before" : "behind");
	return llabs((long long)apart_ms) < MAX_SKEW_MS;
}

static bool check_CLOCK(struct flight *f)
{
	/* Somewhere between both it was received. */
	int64_t ahead_ms = f->seen.received_ms < f->sent_ms ? f->seen.received_ms - f->sent_ms
			   : f->seen.received_ms > f->answered_ms
			       ? f->seen.received_ms - f->answered_ms
			       : 0;

	(void)snprintf(f->words, sizeof f->words, "the product's is %lld seconds %s",
	    llabs((long long)ahead_ms) / 1000, ahead_ms < 0 ? "behind" : "ahead");
	return llabs((long long)ahead_ms) < MAX_SKEW_MS;
}

static const struct {
	bool (*check)(struct flight *f);
	const char *words, *side, *hint;
} checks[] = {
#define PREFLIGHT(name, words, side, hint) {check_##name, words, side, hint},
#include "conformance/run/preflight.def"
#undef PREFLIGHT
};
_Static_assert(sizeof checks / sizeof checks[0] == PREFLIGHT_COUNT, "every check has a function");

/* party: NULL of the first State. */
static bool check_all(
    const struct target *target, const char *party, preflight_told *told, void *arg)
{
	struct flight f = {.target = target};
	bool good = true;

	for (size_t i = 0; i < PREFLIGHT_COUNT && good; i++) {
		f.side = f.hint = NULL;
		good = checks[i].check(&f);
		told(arg, &(struct preflight_said){.words = checks[i].words,
			      .party = party,
			      .holds = good,
			      .seen = f.words,
			      .side = f.side != NULL ? f.side : checks[i].side,
			      .hint = f.hint != NULL ? f.hint : checks[i].hint});
	}
	wire_close(f.wire);
	return good;
}

bool preflight(const struct target *target, preflight_told *told, void *arg)
{
	struct target second = *target;

	bool good = check_all(target, NULL, told, arg);

	if (!good || target->second == NULL)
		return good;
	second.parties = target->second;
	return check_all(&second, second.parties->own->party, told, arg);
}
