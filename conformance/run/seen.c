#include "conformance/run/seen.h"

#include <stdio.h>
#include <string.h>

#include "conformance/cases/exact.h"
#include "conformance/run/patience.h"
#include "conformance/state/moment.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/message/answer.h"

#define SKEW_MS (120 * 1000L) /* of both clocks; preflight has looked at them */
#define ANSWER_TYPE "application/rxp+xml"

/* Is the answer about this message? */
static bool is_about(const struct rxp_answer *a, const struct draft *d)
{
	return memcmp(a->message_id, d->outer.message_id, sizeof a->message_id) == 0 &&
	       strcmp(a->from, product_party(d->parties->product)) == 0 &&
	       strcmp(a->to, d->parties->own->party) == 0 &&
	       memcmp(a->envelope_digest, d->digest, sizeof a->envelope_digest) == 0;
}

static unsigned flags_of(const struct rxp_answer *a)
{
	unsigned flags = 0;

	for (unsigned f = 0; f < RXP_FLAG_COUNT; f++)
		for (size_t i = 0; i < RXP_MAX_FLAGS; i++)
			if (strcmp(a->flags[i], rxp_flag_word((enum rxp_flag)f)) == 0)
				flags |= 1U << f;
	return flags;
}

/* The Profile of all cases sets no time and lets no attachment come later; and what is of no case has no Profile. */
static bool has_flag_of_no_reason(const struct rxp_answer *a, const struct draft *d)
{
	const unsigned of_time = 1U << RXP_FLAG_LATE | 1U << RXP_FLAG_EARLY |
				 1U << RXP_FLAG_TIME_BARRED | 1U << RXP_FLAG_DEEMED_EARLY |
				 1U << RXP_FLAG_PROVISIONAL | 1U << RXP_FLAG_PENDING;
	unsigned flags = flags_of(a);

	return d->header.in_case ? (flags & of_time) != 0 : flags != 0;
}

/* Is it told before a Document is there? `busy`, and times of what does not open, can be told before and behind. */
static bool is_before_opening(enum rxp_refusal code)
{
	return code == RXP_REFUSAL_UNOPENABLE || code == RXP_REFUSAL_REKEY ||
	       code == RXP_REFUSAL_SENDER || code == RXP_REFUSAL_RECIPIENT;
}

static bool is_behind_opening(enum rxp_refusal code)
{
	return !is_before_opening(code) && code != RXP_REFUSAL_BUSY &&
	       code != RXP_REFUSAL_EXPIRED && code != RXP_REFUSAL_FUTURE;
}

/* RXP-ANS-016. One of another identity part may be newer than the descriptor that the product's people gave. */
static bool has_working(const struct rxp_answer *a, const struct product *p)
{
	struct rxp_working w;
	int rc;

	rxp_working_init(&w);
	rc = rxp_working_open(&w, a->working.data, a->working.len, &p->descriptor->identity,
	    p->descriptor->identity_digest);
	rxp_working_clear(&w);
	return rc == 0 || rc == RXP_ERR_MISMATCH;
}

/* What is wrong with an answer, whatever it answers. Of a Document that was edited after it was sealed nobody knows the
 * fingerprint, unless it does not open. */
static const char *fault_of(const struct rxp_answer *a, const struct draft *d)
{
	bool refuses = a->kind == RXP_ANSWER_REFUSAL;

	if (refuses && a->refusal == RXP_REFUSAL_UNOPENABLE &&
	    (a->requirement[0] != '\0' || a->place[0] != '\0'))
		return "RXP-OPN-001: `unopenable` says more than that it does not open";
	if (refuses && a->refusal == RXP_REFUSAL_NOT_ACCEPTABLE &&
	    (a->requirement[0] != '\0' || a->place[0] != '\0'))
		return "RXP-ANS-008: `not-acceptable` says what it must not";
	if (refuses && a->refusal == RXP_REFUSAL_REKEY && !has_working(a, d->parties->product))
		return "RXP-ANS-016: the Working of `rekey` is no working part of the product";
	if (refuses && !a->has_fingerprint && is_behind_opening(a->refusal))
		return "RXP-ANS-025: it refuses a Document that opened, and does not name its Fingerprint";
	if (refuses && a->has_fingerprint && is_before_opening(a->refusal))
		return "RXP-ANS-025: it names the Fingerprint of a Document that it did not open";
	if (a->has_fingerprint && d->knows_fingerprint &&
	    memcmp(a->fingerprint, d->fingerprint, sizeof a->fingerprint) != 0)
		return "RXP-ANS-003: it names another Fingerprint than that of the Document";
	if (!refuses &&
	    (a->received_ms < d->now_ms - SKEW_MS || a->received_ms > moment_now_ms() + SKEW_MS))
		return "RXP-ANS-006: its ReceivedAt is no time at which the message can have come";
	if (!refuses && has_flag_of_no_reason(a, d))
		return "RXP-ANS-019: it has a flag for which there is no reason";
	return NULL;
}

void seen_read(struct seen *out, const struct draft *d, enum wire_end end,
    const struct wire_response *response)
{
	const struct product *p = d->parties->product;
	const struct rxp_cert *certs[RXP_MAX_SEAL_CERTIFICATES];
	struct rxp_answer a;

	*out = (struct seen){.what = {EXPECT_NO_HTTP, 0}, .end = end, .status = response->status};
	if (end == WIRE_HTTP2)
		out->what.kind = EXPECT_BAD_ANSWER;
	if (response->status == 0)
		return;
	out->what = (struct expect){EXPECT_STATUS, response->status};
	if (strcmp(response->content_type, ANSWER_TYPE) != 0 || response->body.len == 0)
		return;
	for (size_t i = 0; i < p->n_certs; i++)
		certs[i] = p->certs[i];
	rxp_answer_init(&a);
	out->what = (struct expect){EXPECT_BAD_ANSWER, 0};
	if (rxp_answer_open(&a, response->body.data, response->body.len, certs, p->n_certs) != 0)
		return;
	if (is_about(&a, d) && a.kind == RXP_ANSWER_RECEIPT)
		out->what = (struct expect){EXPECT_RECEIPT, 0};
	else if (is_about(&a, d))
		out->what = (struct expect){EXPECT_REFUSAL, (int)a.refusal};
	if (out->what.kind != EXPECT_BAD_ANSWER)
		out->fault = fault_of(&a, d);
	out->final = rxp_answer_final(&a);
	out->retry_ms = a.retry_ms;
	out->flags = flags_of(&a);
	out->received_ms = a.received_ms;
	out->created_ms = a.created_ms;
	memcpy(out->place, a.place, sizeof out->place);
	rxp_answer_clear(&a);
}

void seen_words(char out[SEEN_WORDS], const struct expect *what)
{
	switch (what->kind) {
	case EXPECT_REFUSAL:
		(void)snprintf(out, SEEN_WORDS, "the Refusal %s",
		    rxp_refusal_row((enum rxp_refusal)what->value)->wire);
		break;
	case EXPECT_STATUS:
		(void)snprintf(
		    out, SEEN_WORDS, "the status %d without a signed answer", what->value);
		break;
	default:
		(void)snprintf(out, SEEN_WORDS, "%s", expect_words(what->kind));
	}
}

void seen_notice_words(char out[OUTCOME_WORDS], const struct expect *what)
{
	char words[SEEN_WORDS];
	bool unknown = what->kind == EXPECT_REFUSAL && what->value == RXP_REFUSAL_STATE;

	seen_words(words, what);
	(void)snprintf(out, OUTCOME_WORDS, "the notice of a loss gets %.56s%s", words,
	    unknown ? "; for a product made anew make a State anew" : "");
}

/* Refused as safely, in a way that the text leaves open or that the other State takes alike: by a Refusal that does the same
 * to the message, or by another status that says that the request was wrong, where no signed answer is due. */
static bool is_as_safe(const struct expect *wanted, const struct expect *seen)
{
	if (wanted->kind != seen->kind)
		return false;
	if (wanted->kind == EXPECT_REFUSAL)
		return exact_may_stand(
		    (enum rxp_refusal)wanted->value, (enum rxp_refusal)seen->value);
	return wanted->kind == EXPECT_STATUS && wanted->value >= 400 && seen->value >= 400 &&
	       seen->value < 500;
}

/* What follows the words of what was seen: why the connection came to nothing. */
static const char *colon_of(const struct seen *s)
{
	return s->what.kind == EXPECT_NO_HTTP ? ": " : "";
}

static const char *end_of(const struct seen *s)
{
	return s->what.kind == EXPECT_NO_HTTP ? wire_end_words(s->end) : "";
}

void seen_rule_control(struct outcome *out, enum verdict v, const char *when, const struct seen *s)
{
	char words[SEEN_WORDS];

	seen_words(words, &s->what);
	outcome_rule(
	    out, v, "%s, a valid message gets %s%s%s", when, words, colon_of(s), end_of(s));
}

void seen_judge(struct outcome *out, const struct seen *s, const struct expect *wanted)
{
	char words[SEEN_WORDS];

	seen_words(words, wanted);
	seen_words(out->seen, &s->what);
	out->status = s->status;
	if (s->fault != NULL)
		outcome_rule(out, VERDICT_FAIL, "%s", s->fault);
	else if (wanted->kind == s->what.kind && wanted->value == s->what.value)
		out->verdict = VERDICT_PASS;
	else if (patience_asked(s)) {
		out->refused_busy = true;
		outcome_rule(out, VERDICT_INCOMPLETE, "wanted %s, got %s", words, out->seen);
	} else if (facts_negative(out->facts) && is_as_safe(wanted, &s->what))
		outcome_rule(out, VERDICT_WEAK, "wanted %s, got %s", words, out->seen);
	else
		outcome_rule(out, outcome_against(out), "wanted %s, got %s%s%s", words, out->seen,
		    colon_of(s), end_of(s));
}

void seen_judge_unclaimed(struct outcome *out, const struct seen *s, const char *what)
{
	static const struct expect unsupported = {EXPECT_REFUSAL, RXP_REFUSAL_UNSUPPORTED};

	seen_judge(out, s, &unsupported);
	if (out->verdict == VERDICT_PASS)
		outcome_rule(out, VERDICT_NA, "the product does not claim the level of '%s'", what);
}
