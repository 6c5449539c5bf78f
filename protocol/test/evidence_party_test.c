/*
 * Goals: the seals of a State are all that its chain of identity parts named, and revoked by the part that
 * says so; under another root, or of a descriptor of which an octet changed, there are none (RXP-EVI-004,
 * RXP-EVI-007). Former descriptors, in any order, go further back if they share a part with a later one; what goes on elsewhere is
 * a chain of its own, which counts by its root alone (RXP-EVI-028). One that people bring is of use if its latest part is of the chain
 * in force and it has parts before that: not one of another party, root or branch, one between which and the chain a part is missing,
 * a later one, one that says nothing more, or one with another octet; what was revoked since stays so (RXP-EVI-034).
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
#include "protocol/peering/identity_known.h"
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
	rc = rxp_answer_open(&back, octets.data, octets.len, p->certs, p->n);
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
}

/* --- several descriptors ----------------------------------------------------------------------------- */

#define PARTS 4

/* A chain whose parts list the two keys in turn; other: its root from that part on has announced nothing and goes on otherwise. */
static void parts_of(struct rxp_buf parts[PARTS], const char *party, size_t other)
{
	uint8_t fingerprint[32] = {0};

	for (size_t n = 0; n < PARTS; n++) {
		struct rxp_signer signer = rxp_key_signer_interface(root.signer);
		struct rxp_identity i;
		const uint8_t *der;
		size_t len;

		rxp_identity_init(&i);
		memcpy(i.party, party, sizeof i.party);
		i.serial = n + 1;
		i.created_ms = FIXTURE_TIME_MS + (int64_t)n * 1000;
		i.has_previous = n > 0;
		memcpy(i.previous, fingerprint, sizeof i.previous);
		i.test = true;
		der = rxp_cert_der(n == 0 ? former.cert : latter.cert, &len);
		assert_int_equal(rxp_buf_put(&i.certs[i.n_certs++], der, len), 0);
		i.n_pins = 1;
		i.pins[0][0] = n >= other ? 1 : 0;
		i.n_offices = 1;
		memcpy(i.offices[0], "NODE", 5);
		i.levels = 1U << RXP_LEVEL_CORE;
		rxp_buf_init(&parts[n], RXP_MAX_PART_OCTETS);
		assert_int_equal(
		    rxp_identity_seal(&parts[n], &i, FIXTURE_TIME_MS, &signer, fingerprint), 0);
		rxp_identity_clear(&i);
	}
}

static void write_run(struct rxp_buf *out, const struct rxp_buf *parts, size_t from, size_t n)
{
	rxp_buf_init(out, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_descriptor_write(out, parts + from, n, NULL), 0);
}

static int open_all(struct rxp_evidence_party **p, size_t *bad, const struct rxp_buf *in_force,
    const struct rxp_buf *formers, size_t n)
{
	struct rxp_evidence_descriptor former_of[RXP_EVIDENCE_FORMER_MAX + 1];
	struct rxp_identity_known *known = rxp_identity_known_new();
	int rc;

	for (size_t i = 0; i < n; i++)
		former_of[i] = (struct rxp_evidence_descriptor){formers[i].data, formers[i].len};
	rc = rxp_evidence_party_open_all(p, bad, known,
	    &(struct rxp_evidence_descriptor){in_force->data, in_force->len}, former_of, n);
	rxp_identity_known_free(known);
	return rc;
}

static void former_descriptors_join(void **state)
{
	struct rxp_buf parts[PARTS], fork[PARTS], elsewhere[PARTS], anew[PARTS], in_force,
	    formers[4], given_up[2], begun_anew;
	struct rxp_evidence_party *p = NULL;
	uint8_t digest[32];
	size_t bad = 77;

	(void)state;
	parts_of(parts, "QRA", PARTS);
	parts_of(fork, "QRA", 2);
	parts_of(elsewhere, "QRB", PARTS);
	write_run(&in_force, parts, 2, 2);
	write_run(&formers[0], parts, 0, 2);
	write_run(&formers[1], parts, 1, 2);
	write_run(&formers[2], fork, 1, 2);
	write_run(&formers[3], elsewhere, 0, 2);
	rxp_cert_spki_digest(root.cert, digest);

	assert_int_equal(open_all(&p, &bad, &in_force, formers, 2), 0);
	assert_int_equal(bad, 2);
	assert_int_equal(p->n_chains, 1);
	assert_int_equal(p->n, 2);
	assert_int_equal(p->n_joined, 2);
	assert_int_equal(open_answer(p, &former), 0);
	assert_true(p->retired_ms[0] == FIXTURE_TIME_MS + 1000);
	assert_true(rxp_evidence_party_compare(p, digest));
	assert_true(p->compared[0]);
	digest[0] ^= 1;
	assert_false(rxp_evidence_party_compare(p, digest));
	rxp_evidence_party_free(p);

	/* Without what lies between, the first is a chain of its own. */
	p = NULL;
	assert_int_equal(open_all(&p, &bad, &in_force, formers, 1), 0);
	assert_int_equal(p->n_chains, 2);
	assert_int_equal(p->n_joined, 1);
	assert_int_equal(p->chain[rxp_evidence_party_find(p, p->certs[p->n - 1])], 1);
	rxp_evidence_party_free(p);

	/* One that goes on elsewhere joins up to there, and is a chain of its own. */
	p = NULL;
	assert_int_equal(open_all(&p, &bad, &in_force, formers + 1, 2), 0);
	assert_int_equal(p->n_chains, 2);
	rxp_evidence_party_free(p);

	/* A chain that was given up, newest first, is one from its latest part back. */
	p = NULL;
	parts_of(anew, "QRA", 0);
	write_run(&given_up[0], parts, 2, 2);
	write_run(&given_up[1], parts, 0, 3);
	write_run(&begun_anew, anew, 0, PARTS);
	assert_int_equal(open_all(&p, &bad, &begun_anew, given_up, 2), 0);
	assert_int_equal(p->n_chains, 2);
	assert_int_equal(p->n_former[0], 0);
	assert_int_equal(p->n_former[p->n_joined], 2);
	assert_int_equal(p->n_former[p->n_joined + 1], 1);
	rxp_evidence_party_free(p);

	p = NULL;
	assert_int_equal(open_all(&p, &bad, &in_force, formers, 4), RXP_ERR_MISMATCH);
	assert_int_equal(bad, 3);
	formers[1].data[formers[1].len / 2] ^= 1;
	assert_int_not_equal(open_all(&p, &bad, &in_force, formers, 3), 0);
	assert_int_equal(bad, 1);
	assert_null(p);
	for (size_t i = 0; i < PARTS; i++) {
		rxp_buf_free(&parts[i]);
		rxp_buf_free(&fork[i]);
		rxp_buf_free(&elsewhere[i]);
		rxp_buf_free(&anew[i]);
		rxp_buf_free(&formers[i]);
	}
	rxp_buf_free(&given_up[0]);
	rxp_buf_free(&given_up[1]);
	rxp_buf_free(&begun_anew);
	rxp_buf_free(&in_force);
}

/* --- one that people bring ------------------------------------------------------------------------------ */

static int goes_back(struct rxp_evidence_run *run, const struct rxp_buf *in_force,
    const struct rxp_buf *kept, size_t n, const struct rxp_buf *one)
{
	struct rxp_evidence_descriptor former_of[RXP_EVIDENCE_FORMER_MAX + 1];
	struct rxp_identity_known *known = rxp_identity_known_new();
	int rc;

	for (size_t i = 0; i < n; i++)
		former_of[i] = (struct rxp_evidence_descriptor){kept[i].data, kept[i].len};
	*run = (struct rxp_evidence_run){.first = 0};
	rc = rxp_evidence_party_goes_back(run, known,
	    &(struct rxp_evidence_descriptor){in_force->data, in_force->len}, former_of, n,
	    &(struct rxp_evidence_descriptor){one->data, one->len});
	rxp_identity_known_free(known);
	return rc;
}

static void what_people_bring(void **state)
{
	enum { BEFORE, BETWEEN, LATER, BRANCH, STRANGER, FOREIGN, SAME, KINDS };
	struct rxp_buf parts[PARTS], fork[PARTS], elsewhere[PARTS], foreign[PARTS], in_force,
	    one[KINDS];
	const struct fixture_key own_root = root;
	struct rxp_evidence_run run;

	(void)state;
	parts_of(parts, "QRA", PARTS);
	parts_of(fork, "QRA", 1);
	parts_of(elsewhere, "QRB", PARTS);
	root = latter;
	parts_of(foreign, "QRA", PARTS);
	root = own_root;
	write_run(&in_force, parts, 2, 1); /* part 3 */
	write_run(&one[BEFORE], parts, 0, 2); /* parts 1 and 2 */
	write_run(&one[BETWEEN], parts, 1, 2);
	write_run(&one[LATER], parts, 1, 3);
	write_run(&one[BRANCH], fork, 0, 3);
	write_run(&one[STRANGER], elsewhere, 0, 3);
	write_run(&one[FOREIGN], foreign, 0, 3);
	write_run(&one[SAME], parts, 2, 1);

	assert_int_equal(goes_back(&run, &in_force, NULL, 0, &one[BETWEEN]), 0);
	assert_int_equal(run.first, 2);
	assert_int_equal(run.last, 3);
	assert_int_equal(goes_back(&run, &in_force, NULL, 0, &one[BEFORE]), RXP_ERR_STATE);
	assert_false(run.newest);
	assert_int_equal(goes_back(&run, &in_force, &one[BETWEEN], 1, &one[BEFORE]), 0);
	assert_int_equal(goes_back(&run, &in_force, NULL, 0, &one[LATER]), RXP_ERR_STATE);
	assert_true(run.newest);
	assert_int_equal(goes_back(&run, &in_force, NULL, 0, &one[BRANCH]), RXP_ERR_STATE);
	assert_int_equal(goes_back(&run, &in_force, NULL, 0, &one[STRANGER]), RXP_ERR_MISMATCH);
	assert_int_equal(goes_back(&run, &in_force, NULL, 0, &one[FOREIGN]), RXP_ERR_STATE);
	assert_int_equal(goes_back(&run, &in_force, NULL, 0, &one[SAME]), RXP_ERR_EXISTS);
	assert_int_equal(
	    goes_back(&run, &in_force, &one[BETWEEN], 1, &one[BETWEEN]), RXP_ERR_EXISTS);
	for (size_t at = 0; at < 3; at++) {
		uint8_t *octet = &one[BETWEEN].data[at * (one[BETWEEN].len - 1) / 2];

		*octet ^= 1;
		assert_int_not_equal(goes_back(&run, &in_force, NULL, 0, &one[BETWEEN]), 0);
		/* What is kept and was altered is passed over, and so joins nothing. */
		assert_int_equal(
		    goes_back(&run, &in_force, &one[BETWEEN], 1, &one[BEFORE]), RXP_ERR_STATE);
		*octet ^= 1;
	}
	for (size_t i = 0; i < PARTS; i++) {
		rxp_buf_free(&parts[i]);
		rxp_buf_free(&fork[i]);
		rxp_buf_free(&elsewhere[i]);
		rxp_buf_free(&foreign[i]);
	}
	for (size_t i = 0; i < KINDS; i++)
		rxp_buf_free(&one[i]);
	rxp_buf_free(&in_force);
}

/* What was kept before a gap joins by what fills that: of this there is no less use, but of what ends with that part and not in the chain. */
static void what_fills_a_gap(void **state)
{
	struct rxp_buf parts[PARTS], in_force, kept, fills, before;
	struct rxp_evidence_run run;

	(void)state;
	parts_of(parts, "QRA", PARTS);
	write_run(&in_force, parts, 3, 1);
	write_run(&kept, parts, 1, 1);
	write_run(&fills, parts, 1, 3);
	write_run(&before, parts, 0, 2);
	assert_int_equal(goes_back(&run, &in_force, &kept, 1, &fills), 0);
	assert_int_equal(run.first, 2);
	assert_int_equal(goes_back(&run, &in_force, &kept, 1, &before), RXP_ERR_STATE);
	for (size_t i = 0; i < PARTS; i++)
		rxp_buf_free(&parts[i]);
	rxp_buf_free(&in_force);
	rxp_buf_free(&kept);
	rxp_buf_free(&fills);
	rxp_buf_free(&before);
}

/* As many are kept as a container may have: no more is judged. */
static void no_more_than_a_container_has(void **state)
{
	struct rxp_buf parts[PARTS], in_force, one, kept[RXP_EVIDENCE_FORMER_MAX];
	struct rxp_evidence_run run;

	(void)state;
	parts_of(parts, "QRA", PARTS);
	write_run(&in_force, parts, 2, 1);
	write_run(&one, parts, 1, 2);
	for (size_t i = 0; i < RXP_EVIDENCE_FORMER_MAX; i++)
		write_run(&kept[i], parts, 2, 1);
	assert_int_equal(goes_back(&run, &in_force, kept, RXP_EVIDENCE_FORMER_MAX - 1, &one), 0);
	assert_int_equal(
	    goes_back(&run, &in_force, kept, RXP_EVIDENCE_FORMER_MAX, &one), RXP_ERR_FULL);
	for (size_t i = 0; i < RXP_EVIDENCE_FORMER_MAX; i++)
		rxp_buf_free(&kept[i]);
	for (size_t i = 0; i < PARTS; i++)
		rxp_buf_free(&parts[i]);
	rxp_buf_free(&one);
	rxp_buf_free(&in_force);
}

/* The part in force revokes since a time what a descriptor that is brought lists: it is revoked. */
static void what_was_revoked_stays_revoked(void **state)
{
	struct rxp_buf whole, in_force, parts[RXP_MAX_IDENTITY_PARTS], working;
	struct rxp_evidence_party *p = NULL;
	struct rxp_evidence_run run;
	size_t n, bad;

	(void)state;
	descriptor_of(&whole, FIXTURE_TIME_MS + 1);
	assert_int_equal(rxp_descriptor_split(parts, &n, &working, whole.data, whole.len), 0);
	write_run(&in_force, parts, 1, 1);
	assert_int_equal(open_all(&p, &bad, &in_force, NULL, 0), 0);
	assert_int_equal(p->n, 1);
	rxp_evidence_party_free(p);
	assert_int_equal(goes_back(&run, &in_force, NULL, 0, &whole), 0);
	assert_int_equal(open_all(&p, &bad, &in_force, &whole, 1), 0);
	assert_int_equal(p->n_joined, 2);
	assert_true(p->revoked_ms[0] == FIXTURE_TIME_MS + 1);
	assert_true(p->revoked_ms[1] == 0);
	rxp_evidence_party_free(p);
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&parts[i]);
	rxp_buf_free(&working);
	rxp_buf_free(&whole);
	rxp_buf_free(&in_force);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(a_state_has_all_its_seals),
	    cmocka_unit_test(former_descriptors_join), cmocka_unit_test(what_people_bring),
	    cmocka_unit_test(what_fills_a_gap), cmocka_unit_test(no_more_than_a_container_has),
	    cmocka_unit_test(what_was_revoked_stays_revoked)};
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
