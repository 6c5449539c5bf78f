/*
 * Goals: the seals of a State are all that its chain of identity parts named, and revoked by the part that
 * says so; under another root, or of a descriptor of which an octet changed, there are none (RXP-EVI-004,
 * RXP-EVI-007).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/base/err.h"
#include "protocol/evidence/evidence_party.h"
#include "protocol/init.h"
#include "protocol/message/answer.h"
#include "protocol/peering/descriptor.h"
#include "protocol/test/fixture.h"

static struct fixture_key root, former, latter;

/* A chain of two parts: the first lists the first key, the second the second, and revokes. */
static void descriptor_of(struct rxp_buf *out, int64_t revoked_ms)
{
	struct rxp_signer signer = rxp_key_signer_interface(root.signer);
	struct rxp_buf parts[2];
	uint8_t fingerprint[32] = {0};

	for (size_t n = 0; n < 2; n++) {
		struct rxp_identity i;
		const uint8_t *der;
		size_t len;

		rxp_identity_init(&i);
		memcpy(i.party, "QRA", sizeof i.party);
		i.serial = n + 1;
		i.created_ms = n == 0 ? FIXTURE_TIME_MS : FIXTURE_TIME_MS + 86400000;
		i.has_previous = n > 0;
		memcpy(i.previous, fingerprint, sizeof i.previous);
		i.test = true;
		der = rxp_cert_der(n == 0 ? former.cert : latter.cert, &len);
		assert_int_equal(rxp_buf_put(&i.certs[i.n_certs++], der, len), 0);
		i.n_pins = 1;
		i.n_offices = 1;
		memcpy(i.offices[0], "NODE", 5);
		i.levels = 1U << RXP_LEVEL_CORE;
		i.revoked_since_ms = n > 0 ? revoked_ms : 0;
		rxp_buf_init(&parts[n], RXP_MAX_PART_OCTETS);
		assert_int_equal(
		    rxp_identity_seal(&parts[n], &i, FIXTURE_TIME_MS, &signer, fingerprint), 0);
		rxp_identity_clear(&i);
	}
	rxp_buf_init(out, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_descriptor_write(out, parts, 2, NULL), 0);
	rxp_buf_free(&parts[0]);
	rxp_buf_free(&parts[1]);
}

static int open_answer(const struct rxp_evidence_party *p, const struct fixture_key *key)
{
	struct rxp_signer signer = rxp_key_signer_interface(key->signer);
	struct rxp_answer a, back;
	struct rxp_buf octets;
	int rc;

	rxp_answer_init(&a);
	memset(a.message_id, 0x77, sizeof a.message_id);
	a.message_id[8] = 0x87;
	memset(a.log_id, 0x44, sizeof a.log_id);
	a.log_id[8] = 0x84;
	memcpy(a.from, "QRA", sizeof a.from);
	memcpy(a.to, "QRB", sizeof a.to);
	a.created_ms = a.received_ms = FIXTURE_TIME_MS;
	a.has_fingerprint = true;
	rxp_buf_init(&octets, RXP_MAX_ANSWER_OCTETS);
	assert_int_equal(rxp_answer_seal(&octets, &a, FIXTURE_TIME_MS, &signer), 0);
	rc = rxp_evidence_party_answer(&back, p, octets.data, octets.len);
	if (rc == 0)
		rxp_answer_clear(&back);
	rxp_buf_free(&octets);
	rxp_answer_clear(&a);
	return rc;
}

static void a_state_has_all_its_seals(void **state)
{
	struct rxp_evidence_party *p = NULL;
	struct rxp_buf octets;
	uint8_t digest[32];

	(void)state;
	rxp_cert_spki_digest(root.cert, digest);
	descriptor_of(&octets, 0);
	assert_int_equal(rxp_evidence_party_open(&p, octets.data, octets.len, digest), 0);
	assert_string_equal(p->party, "QRA");
	assert_int_equal(p->n, 2);
	assert_memory_equal(p->root, digest, sizeof digest);
	assert_int_equal(open_answer(p, &former), 0);
	assert_int_equal(open_answer(p, &latter), 0);
	assert_int_equal(open_answer(p, &root), RXP_ERR_SIGNER);
	rxp_evidence_party_free(p);
	p = NULL;
	digest[0] ^= 1;
	assert_int_equal(
	    rxp_evidence_party_open(&p, octets.data, octets.len, digest), RXP_ERR_SIGNER);
	assert_null(p);
	octets.data[octets.len / 2] ^= 1;
	assert_int_not_equal(rxp_evidence_party_open(&p, octets.data, octets.len, NULL), 0);
	rxp_buf_free(&octets);

	descriptor_of(&octets, FIXTURE_TIME_MS + 1);
	assert_int_equal(rxp_evidence_party_open(&p, octets.data, octets.len, NULL), 0);
	assert_int_equal(open_answer(p, &former), 0);
	assert_true(rxp_evidence_party_revoked(p, p->certs[0]) == FIXTURE_TIME_MS + 1);
	assert_true(rxp_evidence_party_revoked(p, p->certs[1]) == 0);
	rxp_evidence_party_free(p);
	rxp_buf_free(&octets);
	descriptor_of(&octets, FIXTURE_TIME_MS);
	assert_int_equal(rxp_evidence_party_open(&p, octets.data, octets.len, NULL), 0);
	assert_int_equal(open_answer(p, &former), RXP_ERR_SIGNER);
	assert_int_equal(open_answer(p, &latter), 0);
	rxp_evidence_party_free(p);
	rxp_buf_free(&octets);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(a_state_has_all_its_seals)};
	struct fixture_key *const all[] = {&root, &former, &latter};
	int failed;

	if (rxp_init() != 0)
		return 1;
	fixture_key_make(&root, RXP_SEAL_ECDSA_P384);
	fixture_key_make(&former, RXP_SEAL_ECDSA_P256);
	fixture_key_make(&latter, RXP_SEAL_ECDSA_P256);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
		fixture_key_clear(all[i]);
	rxp_cleanup();
	return failed;
}
