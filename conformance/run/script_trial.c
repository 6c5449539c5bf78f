#include "conformance/run/script_trial.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "conformance/message/draft.h"
#include "conformance/run/line.h"
#include "conformance/run/patience.h"
#include "conformance/script/perform.h"
#include "conformance/state/credential.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

#define LEAST_STREAMS 8 /* RXP-HTTP-013 */
#define LEAST_FIELDS 4096
#define SLOW_MS 130000 /* what RXP-HTTP-012 gives, and ten seconds */

/* One script on its way to its outcome. */
struct trial {
	const struct script *tried;
	const struct target *target;
	struct outcome *out;
	struct draft message;
	struct rxp_buf answer; /* the whole one that came on the script's connection; empty: none */
	struct sight sight;
	struct seen seen; /* of that answer, or of a part of it */
	bool spoken; /* the product said more than TLS does */
};

static struct wire_target target_of(const struct target *t)
{
	const struct rxp_identity *i = &t->parties->product->descriptor->identity;

	return (struct wire_target){.endpoint = t->endpoint,
	    .pins = i->pins,
	    .n_pins = i->n_pins,
	    .own = &t->parties->own->tls,
	    .wait_ms = t->wait_ms};
}

/* --- valid messages -------------------------------------------------------------------------- */

/* Send a made draft on a connection of its own; answer, unless it is NULL, gets the body of the response. */
static void post(struct trial *t, const struct draft *d, struct seen *seen, struct rxp_buf *answer)
{
	struct line line = {.target = t->target};
	struct wire_response response;

	wire_response_init(&response);
	line_send(&line, d, seen, &response);
	line_hang_up(&line);
	t->out->was_cut = t->out->was_cut || line.was_cut;
	if (answer != NULL)
		(void)rxp_buf_put(answer, response.body.data, response.body.len);
	wire_response_clear(&response);
}

static void say_error(struct trial *t, int rc)
{
	outcome_rule(t->out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
}

/* A new Ping. Rules, and returns false, if it is not receipted. */
static bool control(struct trial *t, enum verdict otherwise, const char *when)
{
	struct seen seen;
	struct draft d;
	int rc = draft_begin(&d, t->target->parties, BASE_PING, moment_now_ms());

	if (rc == 0) {
		rc = draft_make(&d, NULL);
		if (rc == 0)
			post(t, &d, &seen, NULL);
		draft_clear(&d);
	}
	if (rc != 0) {
		say_error(t, rc);
		return false;
	}
	if (seen.what.kind == EXPECT_RECEIPT)
		return true;
	if (patience_asked(&seen))
		otherwise = VERDICT_INCOMPLETE;
	seen_rule_control(t->out, otherwise, when, &seen);
	return false;
}

/* --- words ----------------------------------------------------------------------------------- */

static size_t add_codes(char *out, size_t n, unsigned codes)
{
	const char *between = " with ";

	for (unsigned code = 0; code < CODE_COUNT && n < OUTCOME_WORDS; code++)
		if ((codes & 1U << code) != 0) {
			n += (size_t)snprintf(
			    out + n, OUTCOME_WORDS - n, "%s%s", between, http2_code_word(code));
			between = " or ";
		}
	return n;
}

void script_trial_wanted(char out[OUTCOME_WORDS], const struct wanted *w)
{
	size_t n = (size_t)snprintf(out, OUTCOME_WORDS, "%s", wanted_words(w->kind));

	if (w->kind == WANTED_STATUS && n < OUTCOME_WORDS)
		(void)snprintf(out + n, OUTCOME_WORDS - n, " %d", w->status);
	else
		(void)add_codes(out, n, w->codes);
}

static void say_sight(const struct trial *t)
{
	static const char *const words[] = {
	    [SIGHT_NOTHING] = "nothing in time",
	    [SIGHT_RESET] = "RST_STREAM",
	    [SIGHT_GOAWAY] = "GOAWAY and the end of the connection",
	    [SIGHT_GOAWAY_ALONE] = "GOAWAY and no end of the connection",
	    [SIGHT_END] = "the end of the connection",
	    [SIGHT_BROKEN] = "octets that are not HTTP/2",
	    [SIGHT_UNREACHABLE] = "no connection",
	    [SIGHT_TOO_MANY] = "a product that sets no bound to it",
	};
	const struct sight *s = &t->sight;
	bool coded =
	    s->kind == SIGHT_RESET || s->kind == SIGHT_GOAWAY || s->kind == SIGHT_GOAWAY_ALONE;
	char answer[SEEN_WORDS];
	size_t n = 0;

	t->out->seen[0] = '\0';
	if (s->stuck != NULL)
		n = (size_t)snprintf(
		    t->out->seen, OUTCOME_WORDS, "waiting for %s: ", await_words(s->stuck->await));
	seen_words(answer, &t->seen.what);
	(void)snprintf(t->out->seen + n, OUTCOME_WORDS - n, "%.60s%s%s",
	    s->kind == SIGHT_ANSWER ? answer : words[s->kind], coded ? ", with " : "",
	    coded ? http2_code_word(s->code) : "");
}

/* --- judging --------------------------------------------------------------------------------- */

static bool is_receipt(const struct trial *t)
{
	return t->sight.kind == SIGHT_ANSWER && t->seen.what.kind == EXPECT_RECEIPT;
}

/* Of an answer that says nothing but that the request was wrong: 400 to 499, unsigned. */
static bool is_denied(const struct trial *t)
{
	return t->sight.kind == SIGHT_ANSWER && t->seen.what.kind == EXPECT_STATUS &&
	       t->seen.what.value >= 400 && t->seen.what.value < 500;
}

static bool is_ended(const struct sight *s)
{
	return s->kind == SIGHT_GOAWAY || s->kind == SIGHT_GOAWAY_ALONE || s->kind == SIGHT_END;
}

/* An end fits if it says why; one that says something else, or nothing, is as safe. */
static enum verdict rate(const struct sight *s, unsigned codes)
{
	bool told = s->kind == SIGHT_RESET || s->kind == SIGHT_GOAWAY;

	if (codes == 0)
		return s->kind == SIGHT_GOAWAY_ALONE ? VERDICT_WEAK : VERDICT_PASS;
	return told && s->code < CODE_COUNT && (codes & 1U << s->code) != 0 ? VERDICT_PASS
									    : VERDICT_WEAK;
}

/* What the steps waited for did not come. */
static enum verdict rate_stuck(const struct trial *t)
{
	enum wanted_kind wanted = t->tried->wanted.kind;
	bool may_end = wanted == WANTED_NO_ANSWER ||
		       (wanted == WANTED_ANYTHING && t->sight.stuck->await == AWAIT_PONG);

	/* Behind an answer a product may end the connection at any time. */
	if (wanted == WANTED_A_RECEIPT && is_receipt(t) && t->sight.over)
		return VERDICT_PASS;
	return may_end && is_ended(&t->sight) ? VERDICT_PASS : VERDICT_FAIL;
}

/* What is no TLS can be the beginning of a record, for the rest of which a product may wait (RXP-HTTP-012). */
static bool may_wait(const struct trial *t)
{
	return t->tried->manner.kind == MANNER_PLAIN && t->tried->group != GROUP_SLOW;
}

static enum verdict rate_all(const struct trial *t)
{
	const struct wanted *w = &t->tried->wanted;
	const struct sight *s = &t->sight;

	if (s->stuck != NULL)
		return rate_stuck(t);
	switch (w->kind) {
	case WANTED_A_RECEIPT:
		return is_receipt(t) ? VERDICT_PASS : VERDICT_FAIL;
	case WANTED_STATUS:
		if (s->kind == SIGHT_RESET || is_ended(s))
			return VERDICT_WEAK;
		if (!is_denied(t))
			return VERDICT_FAIL;
		return t->seen.what.value == w->status ? VERDICT_PASS : VERDICT_WEAK;
	case WANTED_STREAM_ENDS:
		if (is_denied(t))
			return VERDICT_PASS;
		return s->kind == SIGHT_RESET || is_ended(s) ? rate(s, w->codes) : VERDICT_FAIL;
	case WANTED_CONNECTION_ENDS:
		return is_ended(s) ? rate(s, w->codes) : VERDICT_FAIL;
	case WANTED_NO_HTTP:
		if (may_wait(t) && s->kind == SIGHT_NOTHING && !t->spoken)
			return VERDICT_WEAK;
		return s->kind == SIGHT_END && !t->spoken ? VERDICT_PASS : VERDICT_FAIL;
	case WANTED_NO_ANSWER:
		return s->kind == SIGHT_ANSWER && !is_denied(t) ? VERDICT_FAIL : VERDICT_PASS;
	case WANTED_LEFT_OUT:
		return is_receipt(t) || is_denied(t) || s->kind == SIGHT_RESET || is_ended(s)
			   ? VERDICT_PASS
			   : VERDICT_FAIL;
	case WANTED_RECEIPT_OR_END:
		return is_receipt(t) || s->kind == SIGHT_RESET || is_ended(s) ? VERDICT_PASS
									      : VERDICT_FAIL;
	case WANTED_ANYTHING:
	case WANTED_COUNT:
		break;
	}
	return VERDICT_PASS;
}

/* Who obeys SETTINGS sends no more than they allow: to announce less is to let a peer have less, whatever is taken here. */
static bool announces_less(const struct trial *t)
{
	return strcmp(t->tried->facts.requirement, "RXP-HTTP-013") == 0 &&
	       (t->sight.max_streams < LEAST_STREAMS || t->sight.max_fields < LEAST_FIELDS);
}

static void judge(struct trial *t)
{
	enum verdict v = rate_all(t);

	say_sight(t);
	if (v == VERDICT_PASS && announces_less(t)) {
		outcome_rule(t->out, VERDICT_FAIL,
		    "its SETTINGS allow less than %d requests at a time with fields of %d octets",
		    LEAST_STREAMS, LEAST_FIELDS);
		return;
	}
	t->out->was_cut =
	    t->out->was_cut || is_ended(&t->sight) || t->sight.kind == SIGHT_UNREACHABLE;
	if (t->sight.kind == SIGHT_UNREACHABLE)
		outcome_rule(t->out, VERDICT_INCOMPLETE, "the product could not be reached");
	else if (t->sight.kind == SIGHT_TOO_MANY)
		outcome_rule(t->out, VERDICT_NA, "the product sets no bound to it");
	else if (v != VERDICT_PASS)
		outcome_rule(t->out, v == VERDICT_FAIL ? outcome_against(t->out) : v,
		    "wanted %s, got %s", t->out->expected, t->out->seen);
}

/* --- what must be true of the message -------------------------------------------------------- */

static void hold_against(struct trial *t, const struct seen *seen, const char *what)
{
	char words[SEEN_WORDS];

	seen_words(words, &seen->what);
	if (seen->what.kind != EXPECT_RECEIPT)
		outcome_rule(t->out, VERDICT_FAIL, "%s gets %s", what, words);
}

/* Another Document under the same MessageId would be a conflict if the first had been taken. */
static int probe_untaken(struct trial *t)
{
	struct draft twin;
	struct seen seen;
	int rc = draft_twin(&twin, &t->message);

	if (rc != 0)
		return rc;
	rc = draft_make(&twin, NULL);
	if (rc == 0) {
		post(t, &twin, &seen, NULL);
		hold_against(t, &seen, "it was taken: another document under its MessageId");
	}
	draft_clear(&twin);
	return rc;
}

static bool is_same(const struct rxp_buf *a, const struct rxp_buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

/* The same octets twice: a Receipt, each time the same, and the one that came before. */
static int probe_taken(struct trial *t)
{
	struct rxp_buf answers[2];
	struct seen seen;

	rxp_buf_init(&answers[0], WIRE_MAX_RESPONSE_OCTETS);
	rxp_buf_init(&answers[1], WIRE_MAX_RESPONSE_OCTETS);
	for (size_t i = 0; i < 2 && t->out->verdict != VERDICT_FAIL; i++) {
		post(t, &t->message, &seen, &answers[i]);
		hold_against(t, &seen, "the same message again");
	}
	if (t->out->verdict != VERDICT_FAIL &&
	    (!is_same(&answers[0], &answers[1]) ||
		(t->answer.len > 0 && !is_same(&answers[0], &t->answer))))
		outcome_rule(t->out, VERDICT_FAIL, "the same message again gets another answer");
	rxp_buf_free(&answers[0]);
	rxp_buf_free(&answers[1]);
	return 0;
}

static int probe(struct trial *t)
{
	switch (t->tried->probe) {
	case PROBE_UNTAKEN:
		return probe_untaken(t);
	case PROBE_TAKEN:
	case PROBE_ONCE:
		return probe_taken(t);
	case PROBE_AS_TOLD:
		return is_receipt(t) ? probe_taken(t) : probe_untaken(t);
	case PROBE_NONE:
	case PROBE_COUNT:
		break;
	}
	return 0;
}

/* --- the script ------------------------------------------------------------------------------ */

static void keep(struct rxp_buf *to, const struct rxp_buf *from)
{
	size_t len = from->len < OUTCOME_MAX_OCTETS ? from->len : OUTCOME_MAX_OCTETS;

	(void)rxp_buf_put(to, from->data, len);
}

/* Without TLS an alert is all that a product may say. */
static bool has_spoken(const struct trial *t, const struct frames *f)
{
	const struct rxp_buf *received = frames_received(f);
	const uint8_t alert = 0x15;

	if (t->tried->manner.kind == MANNER_PLAIN)
		return received->len > 0 && received->data[0] != alert;
	return received->len > 0;
}

static void take_in(struct trial *t, const struct frames *f)
{
	const struct frames_stream *s = frames_stream(f, t->tried->wanted.stream);
	const struct wire_response nothing = {0};

	keep(&t->out->sent, frames_sent(f));
	keep(&t->out->received, frames_received(f));
	t->spoken = has_spoken(t, f);
	seen_read(&t->seen, &t->message, frames_seen(f)->end, s == NULL ? &nothing : &s->response);
	if (s != NULL && s->ended && t->seen.what.kind == EXPECT_RECEIPT)
		keep(&t->answer, &s->response.body);
}

static int play(struct trial *t)
{
	struct wire_target to = target_of(t->target);
	struct performance with = {.target = &to,
	    .body = t->message.request.body,
	    .body_len = t->message.request.body_len,
	    .patience_ms = t->target->wait_ms};
	struct keypair shown = {0};
	enum wire_end end = WIRE_LOCAL;
	int rc = credential_make(
	    &shown, t->tried->credential, &t->target->parties->own->tls, moment_now_ms());

	if (rc != 0)
		return rc;
	to.manner = t->tried->manner;
	to.own = shown.key == NULL ? NULL : &shown;
	if (t->tried->group == GROUP_SLOW && with.patience_ms < SLOW_MS)
		with.patience_ms = SLOW_MS;
	if (frames_new(&with.frames) == WIRE_NONE)
		end = perform(&t->sight, t->tried, &with);
	if (end == WIRE_NONE)
		take_in(t, with.frames);
	frames_free(with.frames);
	keypair_clear(&shown);
	return end == WIRE_NONE ? 0 : RXP_ERR_IO;
}

/* Did the product say that it did nothing with the message, for a reason of its own? */
static bool is_put_off(const struct trial *t)
{
	const struct sight *s = &t->sight;

	return (s->kind == SIGHT_ANSWER && patience_asked(&t->seen)) ||
	       (s->kind == SIGHT_RESET && s->code == CODE_REFUSED_STREAM &&
		   (t->tried->wanted.stream != 0 || s->stuck != NULL));
}

/* The script, until the product does not put it off. Who refuses the stream to the end has not as many open as it must
 * (RXP-HTTP-013), and is judged. */
static int play_patiently(struct trial *t)
{
	struct patience p = patience_of(t->target);
	int rc = play(t);

	while (rc == 0 && is_put_off(t) && patience_bear(&p)) {
		rxp_buf_reset(&t->out->sent);
		rxp_buf_reset(&t->out->received);
		rc = play(t);
	}
	return rc;
}

static void run(struct trial *t)
{
	int rc = draft_make(&t->message, NULL);

	if (rc == 0)
		rc = play_patiently(t);
	if (rc == 0 && is_put_off(t) && t->sight.kind == SIGHT_ANSWER) {
		say_sight(t);
		patience_ended(t->target, t->out);
	} else if (rc == 0) {
		judge(t);
		if (t->out->verdict == VERDICT_PASS || t->out->verdict == VERDICT_WEAK)
			rc = probe(t);
	}
	if (rc != 0)
		say_error(t, rc);
}

static bool is_asked(const struct script *s, const struct target *target)
{
	switch (s->group) {
	case GROUP_FLOOD:
		return target->stress || tls_is_here(target->endpoint);
	case GROUP_SLOW:
		return target->slow;
	case GROUP_QUICK:
	case GROUP_COUNT:
		break;
	}
	return true;
}

void script_trial_run(struct outcome *out, const struct script *s, const struct target *target)
{
	struct trial t = {.tried = s, .target = target, .out = out};
	int64_t began_ms = tls_now_ms();
	int rc;

	if (!is_asked(s, target)) {
		outcome_rule(out, VERDICT_NA, "%s", group_why(s->group));
		return;
	}
	rc = draft_begin(&t.message, target->parties, BASE_PING, moment_now_ms());
	if (rc != 0) {
		say_error(&t, rc);
		return;
	}
	rxp_buf_init(&t.answer, WIRE_MAX_RESPONSE_OCTETS);
	if (control(&t, VERDICT_INCOMPLETE, "before it")) {
		run(&t);
		if (out->verdict == VERDICT_PASS || out->verdict == VERDICT_WEAK)
			(void)control(&t, VERDICT_FAIL, "after it");
	}
	rxp_buf_free(&t.answer);
	draft_clear(&t.message);
	out->took_ms = (int)(tls_now_ms() - began_ms);
}
