/*
 * Input: a flag octet, eight octets of a counter, then a segment with its tag.
 * Promise: it does not decrypt; encrypted, it decrypts at its place and at no other.
 */
#include <string.h>

#include "protocol/base/buf.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/envelope/attachment.h"
#include "protocol/test/fuzz/fuzz.h"

#define HEAD_OCTETS 9

static const uint8_t key[RXP_ATTACHMENT_KEY_OCTETS] = {7};

static void comes_back(uint64_t counter, bool last, const uint8_t *octets, size_t len)
{
	struct rxp_buf sealed, plain;

	rxp_buf_init(&sealed, RXP_SEALED_SEGMENT_OCTETS);
	rxp_buf_init(&plain, RXP_SEGMENT_OCTETS);
	if (rxp_attachment_encrypt(&sealed, key, counter, last, octets, len) == 0) {
		MUST(rxp_attachment_decrypt(&plain, key, counter, !last, sealed.data, sealed.len) ==
		     RXP_ERR_DECRYPT);
		MUST(rxp_attachment_decrypt(&plain, key, counter + 1, last, sealed.data,
			 sealed.len) == RXP_ERR_DECRYPT);
		MUST(plain.len == 0);
		MUST(rxp_attachment_decrypt(&plain, key, counter, last, sealed.data, sealed.len) ==
		     0);
		MUST(plain.len == len && (len == 0 || memcmp(plain.data, octets, len) == 0));
	}
	rxp_buf_free(&sealed);
	rxp_buf_free(&plain);
}

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	struct rxp_buf plain;
	uint64_t counter;
	bool last;

	fuzz_state();
	if (len < HEAD_OCTETS)
		return 0;
	last = octets[0] % 2 == 1;
	counter = rxp_u64_get(octets + 1);
	octets += HEAD_OCTETS;
	len -= HEAD_OCTETS;
	rxp_buf_init(&plain, RXP_SEGMENT_OCTETS);
	MUST(rxp_attachment_decrypt(&plain, key, counter, last, octets, len) == RXP_ERR_DECRYPT);
	MUST(plain.len == 0);
	rxp_buf_free(&plain);
	comes_back(counter, last, octets, len);
	return 0;
}
