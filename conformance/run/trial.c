#include "conformance/run/trial.h"

#include <stdbool.h>
#include <string.h>

#include "conformance/run/control.h"
#include "conformance/run/line.h"
#include "conformance/run/shown.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"
#include "protocol/message/answer.h"
#include "protocol/message/type.h"

/* One case on its way to its outcome. */
struct trial {
	const struct conform_case *tried;
	const struct target *target;
	struct outcome *out;
	struct seen seen; /* of the changed message */
};

/* The line of a case, and the answer to what is sent again; empty: nothing was sent before. */
struct talk {
	struct line line;
	struct rxp_buf first;
};

/* Send a made draft; the very octets that came the first time are EXPECT_SAME. */
static void exchange(
    struct talk *k, const struct draft *d, struct seen *seen, struct wire_response *response)
{
	line_send_with(&k->line, d, seen, response);
	if (k->first.len > 0 && response->body.len == k->first.len &&
	    memcmp(response->body.data, k->first.data, k->first.len) == 0)
		seen->what = (struct expect){EXPECT_SAME, 0};
}

/* --- the steps ------------------------------------------------------------------------------- */

/* What follows another is sent behind it later; before that a Ping shows that the product works. */
static enum base control_base(const struct trial *t)
{
	return base_before(t->tried->base) == BASE_NONE ? t->tried->base : BASE_PING;
}

static bool is_claimed(const struct target *target, const char *type)
{
	const struct rxp_identity *i = &target->parties->product->descriptor->identity;
	enum rxp_type known;

	return rxp_type_parse(&known, type) != 0 ||
	       (i->levels & 1U << rxp_type_row(known)->level) != 0;
}

/* It may know a type that nodes read themselves and not act on it, and must say so (RXP-DOC-013), once the content is right. */
static bool does_not_act(const struct trial *t, const struct draft *d)
{
	const struct expect *wanted = &t->tried->expected, *seen = &t->seen.what;
	enum rxp_type type;

	return t->tried->change.example != NULL && rxp_type_parse(&type, d->header.type) == 0 &&
	       !rxp_type_row(type)->collected && type != RXP_TYPE_PING &&
	       seen->kind == EXPECT_REFUSAL && seen->value == RXP_REFUSAL_UNSUPPORTED &&
	       (wanted->kind == EXPECT_RECEIPT ||
		   (wanted->kind == EXPECT_REFUSAL && wanted->value == RXP_REFUSAL_STATE));
}

static void judge(struct trial *t, const struct draft *d)
{
	const struct conform_case *c = t->tried;

	if (c->change.example != NULL && !is_claimed(t->target, d->header.type)) {
		seen_judge_unclaimed(t->out, &t->seen, d->header.type);
		return;
	}
	if (does_not_act(t, d) && t->seen.fault == NULL) {
		outcome_rule(t->out, VERDICT_NA, "the product does not act on a %s (RXP-DOC-013)",
		    d->header.type);
		return;
	}
	seen_judge(t->out, &t->seen, &c->expected);
	if (t->out->verdict == VERDICT_PASS && c->place != NULL &&
	    strcmp(c->place, t->seen.place) != 0)
		outcome_rule(t->out, VERDICT_WARN,
		    "RXP-ANS-022 recommends the place '%s', got '%s'", c->place, t->seen.place);
}

static int try_changed(struct trial *t, struct talk *k, struct draft *d)
{
	struct wire_response response;
	int rc = draft_make(d, &t->tried->change);

	if (rc != 0)
		return rc;
	shown_put(t->out, d);
	wire_response_init(&response);
	exchange(k, d, &t->seen, &response);
	(void)rxp_buf_put(&t->out->received, response.body.data, response.body.len);
	wire_response_clear(&response);
	if (d->in_time_ms != 0 && t->seen.what.kind == EXPECT_RECEIPT &&
	    t->seen.received_ms >= d->in_time_ms)
		outcome_rule(
		    t->out, VERDICT_INCOMPLETE, "it was so long on its way that it came in time");
	else
		judge(t, d);
	return 0;
}

/* Does a Document of the name and place of the changed one get what it must? */
static int probe_one(
    struct trial *t, struct talk *k, struct draft *twin, bool takes, const char *what)
{
	char words[SEEN_WORDS];
	struct seen seen;
	int rc = line_send_valid(&k->line, twin, &seen, NULL);

	if (rc != 0)
		return rc;
	seen_words(words, &seen.what);
	if ((seen.what.kind == EXPECT_RECEIPT) != takes)
		outcome_rule(t->out, line_verdict(&k->line, t->out, VERDICT_FAIL),
		    takes ? "it had an effect: %s gets %s"
			  : "it was answered finally, and %s gets %s",
		    what, words);
	return 0;
}

/* Its MessageId is dead, and its place in the case is free: the next Document takes it under another. */
static int probe_successor(struct trial *t, struct talk *k, const struct draft *twin)
{
	struct draft next;
	int rc = draft_another(&next, twin);

	if (rc == 0)
		rc = probe_one(t, k, &next, true, "the valid message under another MessageId");
	draft_clear(&next);
	return rc;
}

/* The same message without the change, under the same MessageId. */
static int probe(struct trial *t, struct talk *k, const struct draft *changed, struct draft *twin)
{
	bool same =
	    memcmp(changed->outer.message_id, twin->header.outer.message_id, RXP_ID_OCTETS) == 0;
	bool is_taken = t->seen.what.kind == EXPECT_RECEIPT;
	bool is_used = same && (t->seen.final || is_taken);
	int rc = probe_one(t, k, twin, !is_used,
	    is_used ? "another document under its MessageId"
		    : "the same message without the change");

	if (rc == 0 && is_used && !is_taken)
		rc = probe_successor(t, k, twin);
	return rc;
}

/* What was receipted first keeps its answer, whatever came under its MessageId since. */
static int probe_first(struct trial *t, struct talk *k, const struct draft *sent)
{
	struct wire_response response;
	char words[SEEN_WORDS];
	struct seen seen;

	wire_response_init(&response);
	exchange(k, sent, &seen, &response);
	wire_response_clear(&response);
	seen_words(words, &seen.what);
	if (seen.what.kind != EXPECT_SAME)
		outcome_rule(t->out, line_verdict(&k->line, t->out, VERDICT_FAIL),
		    "it had an effect: what was receipted first gets %s now", words);
	return 0;
}

/* The message itself, receipted before it is changed. Rules, and returns a positive number, if it is not. */
static int send_first(
    struct trial *t, struct talk *k, struct draft *sent, const struct draft *message)
{
	char words[SEEN_WORDS];
	struct seen seen;
	int rc = draft_twin(sent, message);

	if (rc != 0)
		return rc;
	rc = line_send_valid(&k->line, sent, &seen, &k->first);
	if (rc == 0 && seen.what.kind != EXPECT_RECEIPT) {
		seen_words(words, &seen.what);
		outcome_rule(t->out, VERDICT_INCOMPLETE, "the first time, it gets %s", words);
		rc = 1;
	}
	return rc;
}

static int try_again(struct trial *t, struct talk *k, struct draft *changed, struct draft *sent)
{
	int rc = send_first(t, k, sent, changed);

	if (rc == 0) {
		changed->sent = sent;
		rc = try_changed(t, k, changed);
	}
	line_hang_up(&k->line);
	if (rc == 0 && outcome_goes_on(t->out))
		rc = probe_first(t, k, sent);
	return rc;
}

/* What must be receipted before the message in its case. Rules, and returns a positive number, if it is not. */
static int open_case(struct trial *t, struct talk *k, struct draft *message)
{
	enum base before = base_before(t->tried->base);
	char words[SEEN_WORDS];
	struct draft first;
	struct seen seen;
	int rc;

	if (before == BASE_NONE)
		return 0;
	rc = draft_begin(&first, k->line.target->parties, before, moment_now_ms());
	if (rc != 0)
		return rc;
	rc = line_send_valid(&k->line, &first, &seen, NULL);
	if (rc == 0 && seen.what.kind == EXPECT_RECEIPT)
		draft_follow(message, &first);
	else if (rc == 0) {
		seen_words(words, &seen.what);
		outcome_rule(
		    t->out, VERDICT_INCOMPLETE, "before it, %s gets %s", base_words(before), words);
		rc = 1;
	}
	draft_clear(&first);
	return rc;
}

static int try_and_probe(struct trial *t, struct talk *k, struct draft *changed)
{
	struct draft twin;
	int rc = draft_twin(&twin, changed);

	if (rc != 0)
		return rc;
	rc = try_changed(t, k, changed);
	/* What follows is tried on a connection that has seen nothing. */
	line_hang_up(&k->line);
	if (rc == 0 && outcome_goes_on(t->out))
		rc = probe(t, k, changed, &twin);
	draft_clear(&twin);
	return rc;
}

static void run(struct trial *t, struct talk *k)
{
	struct draft changed, sent = {0};
	int rc = draft_begin(&changed, k->line.target->parties, t->tried->base, moment_now_ms());

	if (rc == 0) {
		changed.clock = k->line.clock;
		rc = open_case(t, k, &changed);
		if (rc == 0 && base_again(t->tried->base))
			rc = try_again(t, k, &changed, &sent);
		else if (rc == 0)
			rc = try_and_probe(t, k, &changed);
		draft_clear(&changed);
		draft_clear(&sent);
	}
	if (rc == RXP_ERR_KEY)
		outcome_rule(
		    t->out, VERDICT_NA, "the product has no key for an office of the content");
	else if (rc < 0)
		outcome_rule(t->out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
}

/* Is the valid message that it changes of a level that the product claims? */
static bool is_asked(struct trial *t)
{
	struct draft d;
	bool asked = true;

	if (draft_begin(&d, t->target->parties, t->tried->base, moment_now_ms()) != 0)
		return true; /* that is told later */
	if (!is_claimed(t->target, d.header.type)) {
		outcome_rule(t->out, VERDICT_NA, "the product does not claim the level of %s",
		    d.header.type);
		asked = false;
	}
	draft_clear(&d);
	return asked;
}

void trial_run(struct outcome *out, const struct conform_case *c, const struct target *target)
{
	struct trial t = {.tried = c, .target = target, .out = out};
	struct talk k = {.line = {.target = target}};
	int64_t began_ms = tls_now_ms();

	rxp_buf_init(&k.first, WIRE_MAX_RESPONSE_OCTETS);
	if (is_asked(&t) &&
	    control(out, &k.line, control_base(&t), VERDICT_INCOMPLETE, "before it")) {
		run(&t, &k);
		if (out->verdict == VERDICT_PASS || out->verdict == VERDICT_WEAK)
			(void)control(out, &k.line, control_base(&t), VERDICT_FAIL, "after it");
	}
	line_judge(&k.line, out);
	line_hang_up(&k.line);
	rxp_buf_free(&k.first);
	out->took_ms = (int)(tls_now_ms() - began_ms);
}
