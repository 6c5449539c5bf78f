/*
 * Input: the octets of an Envelope, as POST /rxp/1/messages takes them.
 * Promise: what parses is within the bounds of RXP-TIM-002, and wrapped for another key it parses with
 * the same header.
 * seeds: spec/examples
 */
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/limits.h"
#include "protocol/base/random.h"
#include "protocol/envelope/envelope.h"
#include "protocol/test/fuzz/fuzz.h"

static int fill(void *arg, uint8_t *out, size_t len)
{
	(void)arg;
	memset(out, 7, len);
	return 0;
}

static void rekey(const struct rxp_envelope *e, const struct fuzz_state *state)
{
	static const uint8_t cek[RXP_KEY_OCTETS] = {1};
	static const struct rxp_random source = {fill, NULL};
	struct rxp_envelope *again = NULL;
	struct rxp_buf spki, out;

	rxp_buf_init(&spki, 128);
	rxp_buf_init(&out, RXP_MAX_ENVELOPE_OCTETS);
	MUST(rxp_agreement_key_spki(state->agreement_key, &spki) == 0);
	MUST(rxp_envelope_rekey(&out, e, cek, spki.data, spki.len, &source) == 0);
	MUST(rxp_envelope_parse(&again, out.data, out.len) == 0);
	MUST(memcmp(rxp_envelope_outer(e), rxp_envelope_outer(again), sizeof(struct rxp_outer)) ==
	     0);
	rxp_envelope_free(again);
	rxp_buf_free(&spki);
	rxp_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	const struct fuzz_state *state = fuzz_state();
	struct rxp_envelope *e = NULL;
	const struct rxp_outer *outer;
	struct rxp_buf document;

	if (rxp_envelope_parse(&e, octets, len) != 0)
		return 0;
	outer = rxp_envelope_outer(e);
	MUST(outer->created_ms < outer->expires_ms &&
	     outer->expires_ms - outer->created_ms <= RXP_MAX_LIFETIME_MS);
	MUST(rxp_party_valid(outer->from) && rxp_party_valid(outer->to));
	rxp_buf_init(&document, RXP_MAX_DOCUMENT_OCTETS);
	if (rxp_envelope_decrypt(&document, e, state->agreement_key, NULL) != 0)
		MUST(document.len == 0);
	rxp_buf_free(&document);
	rekey(e, state);
	rxp_envelope_free(e);
	return 0;
}
