#include "conformance/run/seen.h"

#include <stdio.h>
#include <string.h>

#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/message/answer.h"

#define ANSWER_TYPE "application/rxp+xml"

/* Is the answer about this message? A Receipt names the Document, too; of an edited one the suite does not know the
 * fingerprint, and does not ask for it. */
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

void seen_read(struct seen *out, const struct draft *d, enum wire_end end,
    const struct wire_response *response)
{
	const struct product *p = d->parties->product;
	const struct rxp_cert *certs[RXP_MAX_SEAL_CERTIFICATES];
	struct rxp_answer a;

	*out = (struct seen){.what = {EXPECT_NO_HTTP, 0}, .end = end};
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
	out->final = rxp_answer_final(&a);
	out->flags = flags_of(&a);
	out->received_ms = a.received_ms;
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

/* Nothing was taken, however it was said. */
static bool is_refused(const struct expect *what)
{
	return what->kind == EXPECT_REFUSAL || what->kind == EXPECT_NO_HTTP ||
	       (what->kind == EXPECT_STATUS && what->value >= 400);
}

/* RXP-OPN-001 is about one answer: another, however safe, tells what failed. */
static bool tells_apart(const struct outcome *out, const struct seen *s)
{
	return strcmp(out->facts->requirement, "RXP-OPN-001") == 0 &&
	       s->what.kind == EXPECT_REFUSAL;
}

void seen_judge(struct outcome *out, const struct seen *s, const struct expect *wanted)
{
	char words[SEEN_WORDS];

	seen_words(words, wanted);
	seen_words(out->seen, &s->what);
	if (wanted->kind == s->what.kind && wanted->value == s->what.value)
		out->verdict = VERDICT_PASS;
	else if (facts_negative(out->facts) && is_refused(&s->what) && !tells_apart(out, s))
		outcome_rule(out, VERDICT_WEAK, "wanted %s, got %s", words, out->seen);
	else
		outcome_rule(out, outcome_against(out), "wanted %s, got %s", words, out->seen);
}
