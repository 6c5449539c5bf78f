#include "conformance/hear/retorts.h"

#include <stdio.h>
#include <string.h>

#include "conformance/state/chance.h"
#include "conformance/state/parties.h"
#include "conformance/state/state.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/agreement.h"

#define SECOND_MS 1000LL

/* --- fields ---------------------------------------------------------------------------------- */

int retort_other_message(struct answering *a)
{
	return rxp_id_make_v7(a->answer.message_id, a->now_ms, chance());
}

int retort_other_fingerprint(struct answering *a)
{
	a->answer.fingerprint[0] ^= 1;
	return 0;
}

int retort_other_envelope(struct answering *a)
{
	a->answer.envelope_digest[0] ^= 1;
	return 0;
}

int retort_from_other(struct answering *a)
{
	memcpy(a->answer.from, parties_other(a->parties), sizeof a->answer.from);
	return 0;
}

int retort_to_other(struct answering *a)
{
	memcpy(a->answer.to, parties_other(a->parties), sizeof a->answer.to);
	return 0;
}

int retort_received_before(struct answering *a)
{
	a->answer.received_ms -= 600 * SECOND_MS;
	return 0;
}

int retort_received_ahead(struct answering *a)
{
	a->answer.received_ms += 600 * SECOND_MS;
	return 0;
}

int retort_flag_unknown(struct answering *a)
{
	(void)snprintf(a->answer.flags[0], sizeof a->answer.flags[0], "never-heard-of");
	return 0;
}

int retort_flags_eight(struct answering *a)
{
	for (size_t i = 0; i < RXP_MAX_FLAGS; i++)
		(void)snprintf(
		    a->answer.flags[i], sizeof a->answer.flags[i], "flag-%c", (char)('a' + (int)i));
	return 0;
}

static int refuse(struct answering *a, enum rxp_refusal code)
{
	a->answer.kind = RXP_ANSWER_REFUSAL;
	a->answer.refusal = code;
	return 0;
}

int retort_final(struct answering *a)
{
	a->answer.created_ms = a->of->at_ms;
	return refuse(a, RXP_REFUSAL_SCHEMA);
}

int retort_final_never(struct answering *a)
{
	a->answer.created_ms = a->of->at_ms;
	return refuse(a, RXP_REFUSAL_STATE);
}

int retort_office_key(struct answering *a)
{
	a->answer.created_ms = a->of->at_ms;
	return refuse(a, RXP_REFUSAL_OFFICE_KEY);
}

int retort_final_of_other(struct answering *a)
{
	(void)retort_other_message(a);
	return refuse(a, RXP_REFUSAL_SCHEMA);
}

int retort_no_fingerprint(struct answering *a)
{
	a->answer.has_fingerprint = false;
	return refuse(a, RXP_REFUSAL_SCHEMA);
}

int retort_busy(struct answering *a)
{
	return refuse(a, RXP_REFUSAL_BUSY);
}

int retort_busy_until(struct answering *a)
{
	a->answer.retry_ms = a->now_ms + SECOND_MS;
	return refuse(a, RXP_REFUSAL_BUSY);
}

int retort_busy_for_long(struct answering *a)
{
	a->answer.retry_ms = a->now_ms + RETORT_LONG_MS;
	return refuse(a, RXP_REFUSAL_BUSY);
}

int retort_busy_shortly(struct answering *a)
{
	a->answer.retry_ms = a->now_ms + RETORT_SHORT_MS;
	return refuse(a, RXP_REFUSAL_BUSY);
}

int retort_future(struct answering *a)
{
	a->answer.retry_ms = a->now_ms + SECOND_MS;
	return refuse(a, RXP_REFUSAL_FUTURE);
}

int retort_future_bare(struct answering *a)
{
	a->without = (struct edit){"<RetryAt>", "</RetryAt>", ""};
	return retort_future(a);
}

int retort_unopenable(struct answering *a)
{
	a->answer.has_fingerprint = false;
	return refuse(a, RXP_REFUSAL_UNOPENABLE);
}

int retort_attachment(struct answering *a)
{
	return refuse(a, RXP_REFUSAL_ATTACHMENT);
}

/* The product's own documents of the case are all missing here. */
int retort_gap(struct answering *a)
{
	a->answer.has_view = true;
	memcpy(a->answer.view[0].party, a->answer.from, sizeof a->answer.view[0].party);
	memcpy(a->answer.view[1].party, a->answer.to, sizeof a->answer.view[1].party);
	return refuse(a, RXP_REFUSAL_GAP);
}

static int rekey(struct answering *a, const struct rxp_buf *working)
{
	a->answer.has_fingerprint = false;
	rxp_buf_reset(&a->answer.working);
	return rxp_buf_put(&a->answer.working, working->data, working->len) != 0
		   ? RXP_ERR_NOMEM
		   : refuse(a, RXP_REFUSAL_REKEY);
}

/* With the working part of now: the one that the Envelope was made for, unless the State took another key since. */
int retort_rekey(struct answering *a)
{
	return rekey(a, &a->parties->own->working);
}

int retort_rekey_bare(struct answering *a)
{
	a->without = (struct edit){"<Working>", "</Working>", ""};
	return retort_rekey(a);
}

/* With one of another key, of that time, under that seal. */
static int rekey_other(struct answering *a, int64_t created_ms, const struct keypair *seal)
{
	struct rxp_agreement_key *key = NULL;
	struct rxp_buf working;
	int rc = rxp_agreement_key_make(&key, &rxp_suite_p256, chance());

	rxp_buf_init(&working, RXP_MAX_PART_OCTETS);
	if (rc == 0)
		rc = state_working(&working, a->parties->own, key, created_ms, seal);
	if (rc == 0)
		rc = rekey(a, &working);
	rxp_buf_free(&working);
	rxp_agreement_key_free(key);
	return rc;
}

int retort_rekey_forged(struct answering *a)
{
	return rekey_other(a, a->now_ms, &a->parties->own->stray);
}

int retort_rekey_older(struct answering *a)
{
	return rekey_other(
	    a, a->parties->own->working_ms - 3600 * SECOND_MS, &a->parties->own->seal);
}

int retort_receipt_of_voided(struct answering *a)
{
	const struct heard *h = a->of->voided;

	if (h == NULL)
		return RXP_ERR_NOT_FOUND;
	a->answer.kind = RXP_ANSWER_RECEIPT;
	memcpy(a->answer.envelope_digest, h->digest, sizeof a->answer.envelope_digest);
	a->answer.received_ms = h->at_ms;
	return 0;
}

int retort_void_itself(struct answering *a)
{
	memcpy(a->answer.message_id, a->of->message_id, sizeof a->answer.message_id);
	memcpy(a->answer.fingerprint, a->of->fingerprint, sizeof a->answer.fingerprint);
	return retort_final(a);
}

/* --- signer ---------------------------------------------------------------------------------- */

int retort_signer_spare(struct answering *a)
{
	a->signer = &a->parties->own->spare_seal;
	return a->signer->cert != NULL ? 0 : RXP_ERR_NOT_FOUND;
}

int retort_signer_stray(struct answering *a)
{
	a->signer = &a->parties->own->stray;
	return 0;
}

int retort_signer_tls(struct answering *a)
{
	a->signer = &a->parties->own->tls;
	return 0;
}

int retort_signer_root(struct answering *a)
{
	a->signer = &a->parties->own->root;
	return 0;
}
