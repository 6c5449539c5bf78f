/* Tales of a product that opens no port, and fetches what the State has for it (section 42). */
#include <string.h>

#include <openssl/evp.h>

#include "conformance/run/hark.h"
#include "conformance/run/line.h"
#include "conformance/state/moment.h"
#include "conformance/wire/tls.h"
#include "protocol/base/err.h"

#define TURN_MS 20
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

/* An application with an attachment is offered, and its answer seen. */
static int offer_attached(const struct tale *t, bool with_file, struct seen *seen, unsigned *asked)
{
	struct pulls *pulls = ear_pulls(t->s->ear);
	struct line line = {.target = t->s->target, .busy_is_said = true};
	struct draft d;
	int rc = draft_begin(&d, t->s->target->parties, BASE_ATTACHED, moment_now_ms());

	if (rc != 0)
		return rc;
	rc = pulls_hold_file(pulls, with_file ? &d.file : NULL);
	if (rc == 0)
		rc = line_send_valid(&line, &d, seen, NULL);
	*asked = pulls_file_asked(pulls);
	(void)pulls_hold_file(pulls, NULL);
	draft_clear(&d);
	return rc;
}

void tale_fetches_file(struct tale *t)
{
	struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};
	unsigned asked = 0;

	if (!fetches(t))
		return;
	fail(t, offer_attached(t, true, &seen, &asked));
	if (t->out->verdict == VERDICT_PASS && asked == 0)
		hark_against(t, "it did not ask for the attachment");
	else if (t->out->verdict == VERDICT_PASS && seen.what.kind != EXPECT_RECEIPT)
		hark_against(t, "a document whose attachment is there is not receipted");
}

void tale_asks_before_refusal(struct tale *t)
{
	struct seen seen = {.what = {EXPECT_NO_HTTP, 0}};
	unsigned asked = 0;

	if (!fetches(t))
		return;
	fail(t, offer_attached(t, false, &seen, &asked));
	if (t->out->verdict != VERDICT_PASS)
		return;
	if (asked == 0)
		hark_against(t, "it did not ask for the attachment");
	else if (seen.what.kind != EXPECT_REFUSAL || seen.what.value != RXP_REFUSAL_ATTACHMENT)
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

/* Until it was posted, or the product asks for others. */
static void await_question(const struct tale *t)
{
	struct pulls *pulls = ear_pulls(t->s->ear);
	int64_t deadline_ms = tls_now_ms() + t->s->target->wait_ms;

	while (pulls_answer(pulls) == NULL && pulls_passed_ms(pulls) == 0 &&
	       tls_now_ms() < deadline_ms)
		ear_turn(t->s->ear, tls_now_ms() + TURN_MS);
}

static bool is_left(const struct pulls *pulls, const struct rxp_buf *answer)
{
	const uint8_t *left = pulls_left(pulls);
	uint8_t digest[RXP_DIGEST_OCTETS];

	return left != NULL &&
	       EVP_Digest(answer->data, answer->len, digest, NULL, EVP_sha256(), NULL) == 1 &&
	       memcmp(left, digest, sizeof digest) == 0;
}

static void judge(const struct tale *t, const struct rxp_buf *answer, bool changed)
{
	const struct pulls *pulls = ear_pulls(t->s->ear);
	const struct rxp_buf *posted = pulls_answer(pulls);
	bool same = posted != NULL && posted->len == answer->len &&
		    memcmp(posted->data, answer->data, answer->len) == 0;

	if (posted == NULL && pulls_passed_ms(pulls) == 0)
		hark_incomplete(t, "it asks no more; --wait gives it more time");
	else if (changed && posted != NULL)
		hark_against(t, "it posts back what is none of its answers");
	else if (changed && !is_left(pulls, answer))
		hark_against(t, "its next question does not say that it left it");
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
			await_question(t);
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
