/*
 * Goals:
 *  - head(0) and head(n) are the digests of exactly the octets that RXP-LOG-001 and RXP-LOG-002 list;
 *  - each input moves the head.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "protocol/log/logchain.h"

static const uint8_t log_id[RXP_ID_OCTETS] = {
    1, 2, 3, 4, 5, 6, 0x47, 8, 0x89, 10, 11, 12, 13, 14, 15, 16};

static void digest(uint8_t out[32], const uint8_t *octets, size_t len)
{
	assert_int_equal(EVP_Digest(octets, len, out, NULL, EVP_sha256(), NULL), 1);
}

static void start_is_label_parties_and_id(void **state)
{
	static const uint8_t start_octets[] = {
	    'R', 'X', 'P', '-', '1', '-', 'L', 'O', 'G', 'Q', 'R', 'B', 'Q', 'R', 'A'};
	uint8_t input[9 + 3 + 3 + 16], want[32], head[32];

	(void)state;
	memcpy(input, start_octets, sizeof start_octets);
	memcpy(input + sizeof start_octets, log_id, sizeof log_id);
	digest(want, input, sizeof input);
	assert_int_equal(rxp_logchain_start(head, "QRB", "QRA", log_id), 0);
	assert_memory_equal(head, want, sizeof want);
	assert_int_equal(rxp_logchain_start(head, "QRA", "QRB", log_id), 0);
	assert_memory_not_equal(head, want, sizeof want);
}

static void entry_is_head_number_message_time_and_outcome(void **state)
{
	static const uint8_t number[8] = {0, 0, 0, 0, 0, 0, 1, 2};
	static const uint8_t time[8] = {0, 0, 1, 0x9a, 0xaf, 0xe2, 0x5c, 0};
	struct rxp_log_entry entry = {
	    .received_ms = 0x019aafe25c00, .outcome = RXP_OUTCOME_REFUSAL};
	uint8_t head[32], want[32], input[32 + 8 + 16 + 32 + 8 + 1];

	(void)state;
	memset(entry.message_id, 0x11, sizeof entry.message_id);
	memset(entry.fingerprint, 0x22, sizeof entry.fingerprint);
	assert_int_equal(rxp_logchain_start(head, "QRB", "QRA", log_id), 0);
	memcpy(input, head, 32);
	memcpy(input + 32, number, 8);
	memcpy(input + 40, entry.message_id, 16);
	memcpy(input + 56, entry.fingerprint, 32);
	memcpy(input + 88, time, 8);
	input[96] = 2;
	digest(want, input, sizeof input);
	assert_int_equal(rxp_logchain_extend(head, 0x0102, &entry), 0);
	assert_memory_equal(head, want, sizeof want);
	input[96] = 1;
	digest(want, input, sizeof input);
	memcpy(head, input, 32);
	entry.outcome = RXP_OUTCOME_RECEIPT;
	assert_int_equal(rxp_logchain_extend(head, 0x0102, &entry), 0);
	assert_memory_equal(head, want, sizeof want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(start_is_label_parties_and_id),
	    cmocka_unit_test(entry_is_head_number_message_time_and_outcome),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
