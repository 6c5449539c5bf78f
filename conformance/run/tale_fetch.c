/* Tales of a product that opens no port, and fetches what the State has for it (section 42). */
#include <string.h>

#include <openssl/evp.h>

#include "conformance/run/hark.h"
#include "conformance/run/line.h"
#include "conformance/run/patience.h"
#include "conformance/state/moment.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

#define TURN_MS 20
#define AGAIN_MS 2000 /* after which what the product asked on beside is given again */
#define ASKED_ON 2 /* questions behind which it has looked at what it was given */
#define CHANGED "<LogHead>" /* behind which a digit is another one */

/* Does it fetch? One to which others connect need not. */
static bool fetches(const struct tale *t)
{
	if (!target_pulls(t->s->target))
		outcome_rule(t->out, VERDICT_NA, "the product opens a port, and need not fetch");
	return target_pulls(t->s->target);
}

static void fail(const struct tale *t, int rc)
{
	if (rc != 0)
		outcome_rule(t->out, VERDICT_ERROR, "the suite: %s", rxp_err_text(rc));
}

/* --- files ------------------------------------------------------------------------------------ */

/* What became of an application with an attachment that was offered. */
struct offer {
	struct seen seen; /* its answer */
	unsigned asked; /* how often a file was asked for */
};

/* false: the outcome says why there is no answer to it, as which `busy` does not count. */
static bool offer_attached(const struct tale *t, bool with_file, struct offer *out)
{
	struct pulls *pulls = ear_pulls(t->s->ear);
	struct line line = {.target = t->s->target};
	struct draft d;
	int rc = draft_begin(&d, t->s->target->parties, BASE_ATTACHED, moment_now_ms());

	*out = (struct offer){{.what = {EXPECT_NO_HTTP, 0}}, 0};
	if (rc == 0)
		rc = pulls_hold_file(pulls, with_file ? &d.file : NULL);
	if (rc == 0)
		rc = line_send_valid(&line, &d, &out->seen, NULL);
	out->asked = pulls_file_asked(pulls);
	(void)pulls_hold_file(pulls, NULL);
	draft_clear(&d);
	fail(t, rc);
	if (rc == 0 && line.is_busy)
		patience_ended(t->s->target, t->out);
	else if (rc == 0 && out->seen.what.kind != EXPECT_RECEIPT &&
		 out->seen.what.kind != EXPECT_REFUSAL)
		hark_incomplete(t,
		    "no answer to a document with an attachment came; --wait gives it more time");
	return t->out->verdict == VERDICT_PASS;
}

void tale_fetches_file(struct tale *t)
{
	struct offer o;

	if (!fetches(t) || !offer_attached(t, true, &o))
		return;
	if (o.asked == 0)
		hark_against(t, "it did not ask for the attachment");
	else if (o.seen.what.kind != EXPECT_RECEIPT)
		hark_against(t, "a document whose attachment is there is not receipted");
}

void tale_asks_before_refusal(struct tale *t)
{
	struct offer o;

	if (!fetches(t) || !offer_attached(t, false, &o))
		return;
	if (o.asked == 0)
		hark_against(t, "it did not ask for the attachment");
	else if (o.seen.what.kind != EXPECT_REFUSAL || o.seen.what.value != RXP_REFUSAL_ATTACHMENT)
		hark_against(t, "a document whose attachment is not to be had is not refused so");
}

/* --- what the product had answered -------------------------------------------------------------- */

/* The Receipt of a Ping, in the product's own octets. */
static int own_answer(const struct tale *t, struct draft *d, struct rxp_buf *answer)
{
	struct line line = {.target = t->s->target};
	struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};
	int rc = line_send_valid(&line, d, &seen, answer);

	if (rc == 0 && seen.what.kind != EXPECT_RECEIPT)
		hark_incomplete(t, "before it, a Ping is not receipted");
	return rc;
}

/* One that the product cannot take for its own. */
static void change(struct rxp_buf *answer)
{
	uint8_t *at = memmem(answer->data, answer->len, CHANGED, sizeof CHANGED - 1);

	if (at != NULL)
		at[sizeof CHANGED - 1] = at[sizeof CHANGED - 1] == 'A' ? 'B' : 'A';
}

static bool is_left(const struct pulls *pulls, const struct rxp_buf *answer)
{
	const uint8_t *left = pulls_left(pulls);
	uint8_t digest[RXP_DIGEST_OCTETS];

	return left != NULL &&
	       EVP_Digest(answer->data, answer->len, digest, NULL, EVP_sha256(), NULL) == 1 &&
	       memcmp(left, digest, sizeof digest) == 0;
}

/* Until it was posted, or left. A product may ask on before it has looked at what it was given: that is given again, so that there
 * are questions behind which it has, for each of which it has time anew. */
static void await_end(const struct tale *t, const struct rxp_buf *answer)
{
	struct pulls *pulls = ear_pulls(t->s->ear);
	int64_t now_ms = tls_now_ms(), until_ms = now_ms + t->s->target->wait_ms, given_ms = 0;
	unsigned passed = 0;

	while (pulls_answer(pulls) == NULL && !is_left(pulls, answer) && now_ms < until_ms) {
		ear_turn(t->s->ear, now_ms + TURN_MS);
		now_ms = tls_now_ms();
		for (; passed < ASKED_ON && passed < pulls_passed(pulls); passed++)
			until_ms = now_ms + AGAIN_MS + t->s->target->wait_ms;
		if (given_ms == 0)
			given_ms = pulls_passed_ms(pulls);
		if (given_ms == 0 || now_ms - given_ms < AGAIN_MS)
			continue;
		pulls_rest_no_more(pulls);
		given_ms = now_ms;
	}
}

static void judge(const struct tale *t, const struct rxp_buf *answer, bool changed)
{
	const struct pulls *pulls = ear_pulls(t->s->ear);
	const struct rxp_buf *posted = pulls_answer(pulls);
	bool same = posted != NULL && posted->len == answer->len &&
		    memcmp(posted->data, answer->data, answer->len) == 0;

	if (posted == NULL && !is_left(pulls, answer) && pulls_passed(pulls) < ASKED_ON)
		hark_incomplete(
		    t, "it asks no more, or is at work still; --wait gives it more time");
	else if (changed && posted != NULL)
		hark_against(t, "it posts back what is none of its answers");
	else if (changed && !is_left(pulls, answer))
		hark_against(t, "its next questions do not say that it left it");
	else if (!changed && !same)
		hark_against(t, "it does not post it back as it was given");
}

static void give_back(const struct tale *t, bool changed)
{
	struct pulls *pulls = ear_pulls(t->s->ear);
	struct rxp_buf answer;
	struct draft d;
	int rc = draft_begin(&d, t->s->target->parties, BASE_PING, moment_now_ms());

	if (rc != 0) {
		fail(t, rc);
		return;
	}
	rxp_buf_init(&answer, RXP_MAX_ANSWER_OCTETS);
	rc = own_answer(t, &d, &answer);
	if (changed)
		change(&answer);
	if (rc == 0 && t->out->verdict == VERDICT_PASS) {
		rc = pulls_offer(pulls, d.outer.message_id, answer.data, answer.len);
		if (rc == 0) {
			await_end(t, &answer);
			judge(t, &answer, changed);
		}
		pulls_take_back(pulls);
	}
	fail(t, rc);
	rxp_buf_free(&answer);
	draft_clear(&d);
}

void tale_posts_own_back(struct tale *t)
{
	if (fetches(t))
		give_back(t, false);
}

void tale_leaves_no_own(struct tale *t)
{
	if (fetches(t))
		give_back(t, true);
}
