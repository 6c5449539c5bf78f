#include "conformance/run/trial.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

/* One case on its way to its outcome. */
struct trial {
	const struct conform_case *tried;
	struct outcome *out;
	struct seen seen; /* of the changed message */
};

static int64_t wall_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- exchanges ------------------------------------------------------------------------------- */

struct line {
	const struct target *target;
	struct wire *wire; /* NULL: none is open */
	struct rxp_buf first; /* the answer to what is sent again; empty: nothing was sent before */
};

static void hang_up(struct line *l)
{
	wire_close(l->wire);
	l->wire = NULL;
}

/* d: the draft that says how; NULL: as ever. */
static enum wire_end connect_for(
    struct wire **out, const struct target *target, const struct draft *d)
{
	const struct rxp_identity *identity = &target->parties->product->descriptor->identity;
	struct wire_target to = {.endpoint = target->endpoint,
	    .pins = identity->pins,
	    .n_pins = identity->n_pins,
	    .own = d == NULL ? &target->parties->own->tls : d->credential,
	    .old_tls = d != NULL && d->old_tls,
	    .protocol = d == NULL ? NULL : d->protocol,
	    .wait_ms = target->wait_ms};

	return wire_open(out, &to);
}

/* Send the draft on the line, or on a connection of its own if that is to be another one. */
static void exchange(
    struct line *l, const struct draft *d, struct seen *seen, struct wire_response *response)
{
	struct wire *own = NULL;
	enum wire_end end = WIRE_NONE;

	if (d->own_line)
		end = connect_for(&own, l->target, d);
	else if (l->wire == NULL)
		end = connect_for(&l->wire, l->target, NULL);
	if (end == WIRE_NONE)
		end = wire_exchange(own != NULL ? own : l->wire, &d->request, response);
	wire_close(own);
	if (end != WIRE_NONE && !d->own_line)
		hang_up(l);
	seen_read(seen, d, end, response);
	if (l->first.len > 0 && response->body.len == l->first.len &&
	    memcmp(response->body.data, l->first.data, l->first.len) == 0)
		seen->what = (struct expect){EXPECT_SAME, 0};
}

/* A draft made without a change and sent; answer, unless it is NULL, gets the body of the response. */
static int send_valid(struct line *l, struct draft *d, struct seen *seen, struct rxp_buf *answer)
{
	struct wire_response response;
	int rc = draft_make(d, NULL);

	if (rc != 0)
		return rc;
	wire_response_init(&response);
	exchange(l, d, seen, &response);
	if (answer != NULL)
		rc = rxp_buf_put(answer, response.body.data, response.body.len);
	wire_response_clear(&response);
	return rc;
}

/* --- the steps ------------------------------------------------------------------------------- */

/* A new valid message. Rules, and returns false, if it is not receipted. */
static bool control(struct trial *t, struct line *l, enum verdict otherwise, const char *when)
{
	/* What follows another is sent behind it later; before that a Ping shows that the product works. */
	enum base base = base_before(t->tried->base) == BASE_NONE ? t->tried->base : BASE_PING;
	char words[SEEN_WORDS];
	struct seen seen;
	struct draft d;
	int rc = draft_begin(&d, l->target->parties, base, wall_ms());

	if (rc == 0) {
		rc = send_valid(l, &d, &seen, NULL);
		draft_clear(&d);
	}
	if (rc != 0) {
		outcome_rule(t->out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
		return false;
	}
	if (seen.what.kind == EXPECT_RECEIPT)
		return true;
	seen_words(words, &seen.what);
	outcome_rule(t->out, otherwise, "%s, a valid message gets %s (%s)", when, words,
	    wire_end_words(seen.end));
	return false;
}

static bool is_equal(const struct expect *a, const struct expect *b)
{
	return a->kind == b->kind && a->value == b->value;
}

/* Nothing was taken, however it was said. */
static bool is_refused(const struct expect *what)
{
	return what->kind == EXPECT_REFUSAL || what->kind == EXPECT_NO_HTTP ||
	       (what->kind == EXPECT_STATUS && what->value >= 400);
}

static void judge(struct trial *t)
{
	const struct conform_case *c = t->tried;
	const char *wanted = t->out->expected, *got = t->out->seen;

	seen_words(t->out->seen, &t->seen.what);
	if (is_equal(&c->expected, &t->seen.what) && c->place != NULL &&
	    strcmp(c->place, t->seen.place) != 0)
		outcome_rule(t->out, VERDICT_WEAK, "wanted %s at '%s', got it at '%s'", wanted,
		    c->place, t->seen.place);
	else if (is_equal(&c->expected, &t->seen.what))
		t->out->verdict = VERDICT_PASS;
	else if (facts_negative(&c->facts) && is_refused(&t->seen.what))
		outcome_rule(t->out, VERDICT_WEAK, "wanted %s, got %s", wanted, got);
	else
		outcome_rule(t->out, outcome_against(t->out), "wanted %s, got %s", wanted, got);
}

static int try_changed(struct trial *t, struct line *l, struct draft *d)
{
	struct wire_response response;
	int rc = draft_make(d, &t->tried->change);

	if (rc != 0)
		return rc;
	if (d->request.body != NULL)
		(void)rxp_buf_put(&t->out->sent, d->request.body, d->request.body_len);
	wire_response_init(&response);
	exchange(l, d, &t->seen, &response);
	(void)rxp_buf_put(&t->out->received, response.body.data, response.body.len);
	wire_response_clear(&response);
	judge(t);
	return 0;
}

/* Does a Document of the name and place of the changed one get what it must? */
static int probe_one(
    struct trial *t, struct line *l, struct draft *twin, bool takes, const char *what)
{
	char words[SEEN_WORDS];
	struct seen seen;
	int rc = send_valid(l, twin, &seen, NULL);

	if (rc != 0)
		return rc;
	seen_words(words, &seen.what);
	if ((seen.what.kind == EXPECT_RECEIPT) != takes)
		outcome_rule(t->out, VERDICT_FAIL,
		    takes ? "it had an effect: %s gets %s"
			  : "it was answered finally, and %s gets %s",
		    what, words);
	return 0;
}

/* Its MessageId is dead, and its place in the case is free: the next Document takes it under another. */
static int probe_successor(struct trial *t, struct line *l, const struct draft *twin)
{
	struct draft next;
	int rc = draft_twin(&next, twin);

	if (rc != 0)
		return rc;
	rc = draft_rename(&next);
	if (rc == 0)
		rc = probe_one(t, l, &next, true, "the valid message under another MessageId");
	draft_clear(&next);
	return rc;
}

/* The same message without the change, under the same MessageId. */
static int probe(struct trial *t, struct line *l, const struct draft *changed, struct draft *twin)
{
	bool same =
	    memcmp(changed->outer.message_id, twin->header.outer.message_id, RXP_ID_OCTETS) == 0;
	bool is_taken = t->seen.what.kind == EXPECT_RECEIPT;
	bool is_used = same && (t->seen.final || is_taken);
	int rc = probe_one(t, l, twin, !is_used,
	    is_used ? "another document under its MessageId"
		    : "the same message without the change");

	if (rc == 0 && is_used && !is_taken)
		rc = probe_successor(t, l, twin);
	return rc;
}

/* What was receipted first keeps its answer, whatever came under its MessageId since. */
static int probe_first(struct trial *t, struct line *l, const struct draft *sent)
{
	struct wire_response response;
	char words[SEEN_WORDS];
	struct seen seen;

	wire_response_init(&response);
	exchange(l, sent, &seen, &response);
	wire_response_clear(&response);
	seen_words(words, &seen.what);
	if (seen.what.kind != EXPECT_SAME)
		outcome_rule(t->out, VERDICT_FAIL,
		    "it had an effect: what was receipted first gets %s now", words);
	return 0;
}

/* The message itself, receipted before it is changed. Rules, and returns a positive number, if it is not. */
static int send_first(
    struct trial *t, struct line *l, struct draft *sent, const struct draft *message)
{
	char words[SEEN_WORDS];
	struct seen seen;
	int rc = draft_twin(sent, message);

	if (rc != 0)
		return rc;
	rc = send_valid(l, sent, &seen, &l->first);
	if (rc == 0 && seen.what.kind != EXPECT_RECEIPT) {
		seen_words(words, &seen.what);
		outcome_rule(t->out, VERDICT_INCOMPLETE, "the first time, it gets %s", words);
		rc = 1;
	}
	return rc;
}

static int try_again(struct trial *t, struct line *l, struct draft *changed, struct draft *sent)
{
	int rc = send_first(t, l, sent, changed);

	if (rc == 0) {
		changed->sent = sent;
		rc = try_changed(t, l, changed);
	}
	hang_up(l);
	if (rc == 0 && t->out->verdict != VERDICT_FAIL)
		rc = probe_first(t, l, sent);
	return rc;
}

/* What must be receipted before the message in its case. Rules, and returns a positive number, if it is not. */
static int open_case(struct trial *t, struct line *l, struct draft *message)
{
	enum base before = base_before(t->tried->base);
	char words[SEEN_WORDS];
	struct draft first;
	struct seen seen;
	int rc;

	if (before == BASE_NONE)
		return 0;
	rc = draft_begin(&first, l->target->parties, before, wall_ms());
	if (rc != 0)
		return rc;
	rc = send_valid(l, &first, &seen, NULL);
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

/* Of a level that the product does not claim it may refuse all. */
static bool is_claimed(const struct trial *t, const struct draft *changed)
{
	const struct rxp_identity *i = &changed->parties->product->descriptor->identity;
	enum rxp_type type;

	return t->tried->change.example == NULL ||
	       rxp_type_parse(&type, changed->header.type) != 0 ||
	       (i->levels & 1U << rxp_type_row(type)->level) != 0;
}

static int try_and_probe(struct trial *t, struct line *l, struct draft *changed)
{
	struct draft twin;
	int rc = draft_twin(&twin, changed);

	if (rc != 0)
		return rc;
	rc = try_changed(t, l, changed);
	/* What follows is tried on a connection that has seen nothing. */
	hang_up(l);
	if (rc == 0 && !is_claimed(t, changed) && t->out->verdict != VERDICT_PASS)
		outcome_rule(t->out, VERDICT_NA, "the product does not claim the level of %s",
		    changed->header.type);
	else if (rc == 0 && t->out->verdict != VERDICT_FAIL)
		rc = probe(t, l, changed, &twin);
	draft_clear(&twin);
	return rc;
}

static void run(struct trial *t, struct line *l)
{
	struct draft changed, sent = {0};
	int rc = draft_begin(&changed, l->target->parties, t->tried->base, wall_ms());

	if (rc == 0) {
		rc = open_case(t, l, &changed);
		if (rc == 0 && base_again(t->tried->base))
			rc = try_again(t, l, &changed, &sent);
		else if (rc == 0)
			rc = try_and_probe(t, l, &changed);
		draft_clear(&changed);
		draft_clear(&sent);
	}
	if (rc == RXP_ERR_KEY)
		outcome_rule(
		    t->out, VERDICT_NA, "the product has no key for an office of the content");
	else if (rc < 0)
		outcome_rule(t->out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
}

void trial_run(struct outcome *out, const struct conform_case *c, const struct target *target)
{
	struct trial t = {.tried = c, .out = out};
	struct line l = {.target = target};
	int64_t began_ms = tls_now_ms();

	rxp_buf_init(&l.first, WIRE_MAX_RESPONSE_OCTETS);
	if (control(&t, &l, VERDICT_INCOMPLETE, "before it")) {
		run(&t, &l);
		if (out->verdict == VERDICT_PASS || out->verdict == VERDICT_WEAK)
			(void)control(&t, &l, VERDICT_FAIL, "after it");
	}
	hang_up(&l);
	rxp_buf_free(&l.first);
	out->took_ms = (int)(tls_now_ms() - began_ms);
}
