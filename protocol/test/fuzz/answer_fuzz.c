/*
 * Input: an octet, even for a Receipt and odd for a Refusal, then the content of its Header, an empty
 * line, the content of its Body; sealed here, then opened as the sender of a message does.
 * Promise: what was read can be sealed, and read again.
 */
#include <string.h>

#include "protocol/base/limits.h"
#include "protocol/message/answer.h"
#include "protocol/test/fixture.h"
#include "protocol/test/fuzz/fuzz.h"

static void comes_back(const struct rxp_answer *a, const struct fuzz_state *state)
{
	const struct rxp_cert *const certs[] = {state->cert};
	struct rxp_answer again;
	struct rxp_buf sealed;

	rxp_buf_init(&sealed, RXP_MAX_ANSWER_OCTETS);
	MUST(rxp_answer_seal(&sealed, a, FIXTURE_TIME_MS, &state->signer) == 0);
	MUST(rxp_answer_open(&again, sealed.data, sealed.len, certs, 1) == 0);
	MUST(again.kind == a->kind && again.refusal == a->refusal &&
	     rxp_answer_final(&again) == rxp_answer_final(a));
	rxp_answer_clear(&again);
	rxp_buf_free(&sealed);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	const struct fuzz_state *state = fuzz_state();
	const struct rxp_cert *const certs[] = {state->cert};
	struct rxp_answer answer;
	struct rxp_buf sealed;

	if (len == 0)
		return 0;
	if (fuzz_seal(&sealed, octets[0] % 2 == 0 ? RXP_KIND_RECEIPT : RXP_KIND_REFUSAL, octets + 1,
		len - 1) == 0 &&
	    rxp_answer_open(&answer, sealed.data, sealed.len, certs, 1) == 0) {
		comes_back(&answer, state);
		rxp_answer_clear(&answer);
	}
	rxp_buf_free(&sealed);
	return 0;
}
