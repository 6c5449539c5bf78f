#include "conformance/hear/retort.h"

#include <stdlib.h>
#include <string.h>

#include "conformance/message/reseal.h"
#include "conformance/state/ledger.h"
#include "conformance/state/moment.h"
#include "conformance/state/parties.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"

#define MAX_TEXT_OCTETS (1024UL * 1024)
#define ANSWER_TYPE "application/rxp+xml"

const char *retort_word(enum retort_stage stage)
{
	static const char *const words[] = {
#define RETORT(name, word, meaning) [RETORT_##name] = (word),
#include "conformance/hear/retort.def"
#undef RETORT
	};

	if ((unsigned)stage >= RETORT_COUNT)
		abort();
	return words[stage];
}

static int at_stage(struct answering *a, enum retort_stage stage, const struct retort *r)
{
	int rc = 0;

	if (r == NULL || r->stage != stage)
		return 0;
	if (r->function != NULL)
		return r->function(a);
	for (size_t i = 0; i < RETORT_MAX_EDITS && r->edits[i].find != NULL && rc == 0; i++)
		rc = edit_apply(&a->text, &r->edits[i]);
	return rc;
}

/* What ends a message that is taken back is an answer about that one, and not about the Void (RXP-VOI-002, 005). */
static void name_voided(struct answering *a)
{
	struct rxp_answer *r = &a->answer;

	r->kind = RXP_ANSWER_REFUSAL;
	r->refusal = RXP_REFUSAL_VOIDED;
	memcpy(r->message_id, a->of->voids, sizeof r->message_id);
	memcpy(r->fingerprint, a->of->voids_fingerprint, sizeof r->fingerprint);
}

static void fill(struct answering *a)
{
	struct rxp_answer *r = &a->answer;

	r->kind = RXP_ANSWER_RECEIPT;
	memcpy(r->message_id, a->of->message_id, sizeof r->message_id);
	memcpy(r->from, a->parties->own->party, sizeof r->from);
	memcpy(r->to, product_party(a->parties->product), sizeof r->to);
	r->created_ms = a->now_ms;
	memcpy(r->envelope_digest, a->of->digest, sizeof r->envelope_digest);
	r->has_fingerprint = true;
	memcpy(r->fingerprint, a->of->fingerprint, sizeof r->fingerprint);
	r->received_ms = a->of->at_ms;
	memcpy(r->log_id, a->ledger->log_id, sizeof r->log_id);
	r->log_count = ledger_count(a->ledger);
	memcpy(r->log_head, a->ledger->head, sizeof r->log_head);
	a->signer = &a->parties->own->seal;
	if (a->of->is_void)
		name_voided(a);
}

static int take_out(struct answering *a)
{
	int rc = a->without.find == NULL ? 0 : edit_apply(&a->text, &a->without);

	return rc == 0 && a->without.find != NULL ? reseal(&a->text, a->signer->key) : rc;
}

static int make(struct answering *a, const struct retort *retort)
{
	struct rxp_signer signer;
	int rc = at_stage(a, RETORT_FIELDS, retort);

	if (rc == 0)
		rc = at_stage(a, RETORT_SIGNER, retort);
	if (rc != 0)
		return rc;
	signer = keypair_signer(a->signer);
	rc = rxp_answer_seal(&a->text, &a->answer, a->now_ms, &signer);
	if (rc == 0)
		rc = take_out(a);
	if (rc == 0)
		rc = at_stage(a, RETORT_RESEALED, retort);
	if (rc == 0 && retort != NULL && retort->stage == RETORT_RESEALED)
		rc = reseal(&a->text, a->signer->key);
	if (rc == 0)
		rc = at_stage(a, RETORT_SEALED, retort);
	if (rc != 0)
		return rc;
	a->reply =
	    (struct host_reply){.status = a->answer.kind == RXP_ANSWER_RECEIPT
					      ? 200
					      : rxp_refusal_row(a->answer.refusal)->http_status,
		.type = ANSWER_TYPE,
		.body = a->text.data,
		.body_len = a->text.len};
	rc = at_stage(a, RETORT_REPLY, retort);
	return rc == 0 ? at_stage(a, RETORT_HEAD, retort) : rc;
}

int retort_make(struct answering *a, const struct parties *parties, const struct ledger *ledger,
    const struct heard *of, const struct retort *retort)
{
	*a = (struct answering){
	    .parties = parties, .ledger = ledger, .of = of, .now_ms = moment_now_ms()};
	rxp_answer_init(&a->answer);
	rxp_buf_init(&a->text, MAX_TEXT_OCTETS);
	fill(a);
	return make(a, retort);
}

void retort_clear(struct answering *a)
{
	rxp_answer_clear(&a->answer);
	rxp_buf_free(&a->text);
}
