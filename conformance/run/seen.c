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
