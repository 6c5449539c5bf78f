/*
 * Goals:
 *  - identity parts, a working part and a whole descriptor come back as they were sealed;
 *  - splitting and writing are each other's reverse;
 *  - a descriptor has one form;
 *  - it says until when the certificate of its root lasts, and since when the next root is announced.
 * The rules of chains and parts are descriptor_rule_test.c's.
 */
#include "protocol/test/descriptor_rig.h"

#include <string.h>

#include <openssl/evp.h>

#include "protocol/base/err.h"
#include "protocol/seal/cert.h"

static void a_descriptor_comes_back(void **state)
{
	struct rxp_descriptor *d = NULL;
	struct rxp_identity want;
	uint8_t key_id[32];
	int64_t from_ms, until_ms;

	(void)state;
	assert_int_equal(open_plan(&d, &(struct plan){.n = 1}, root_digest), 0);
	plain_identity(&want, 0);
	assert_string_equal(d->identity.party, want.party);
	assert_true(d->identity.serial == 1 && !d->identity.has_previous && d->identity.test);
	assert_true(d->identity.created_ms == want.created_ms);
	assert_int_equal(d->identity.n_certs, 1);
	assert_int_equal(d->identity.certs[0].len, want.certs[0].len);
	assert_memory_equal(d->identity.certs[0].data, want.certs[0].data, want.certs[0].len);
	assert_int_equal(d->identity.n_pins, 2);
	assert_memory_equal(d->identity.pins, want.pins, sizeof want.pins);
	assert_int_equal(d->identity.n_endpoints, 1);
	assert_string_equal(d->identity.endpoints[0], want.endpoints[0]);
	assert_int_equal(d->identity.n_offices, 3);
	assert_string_equal(d->identity.offices[1], "RETURNS");
	assert_int_equal(d->identity.office_keys.n, 2);
	for (size_t n = 0; n < 2; n++) {
		const struct rxp_office_key *key = &d->identity.office_keys.key[n];

		assert_int_equal(key->compartment, RXP_COMPARTMENT_HEALTH);
		assert_int_equal(key->spki.len, spki[n].len);
		assert_memory_equal(key->spki.data, spki[n].data, spki[n].len);
		assert_memory_equal(key->key_id, want.office_keys.key[n].key_id, 32);
	}
	assert_int_equal(d->identity.levels, want.levels);
	assert_true(d->identity.revoked_since_ms == 0 && !d->identity.has_next_root);
	assert_memory_equal(d->root, root_digest, sizeof root_digest);
	rxp_cert_validity(root.cert, &from_ms, &until_ms);
	assert_true(d->root_until_ms == until_ms && d->announced_ms == 0);
	assert_true(d->has_working);
	assert_int_equal(d->working.n_keys, 2);
	assert_memory_equal(d->working.identity, d->identity_digest, 32);
	assert_int_equal(
	    EVP_Digest(spki[1].data, spki[1].len, key_id, NULL, EVP_sha256(), NULL), 1);
	assert_memory_equal(d->working.keys[1].key_id, key_id, sizeof key_id);
	assert_true(d->working.keys[1].from_ms == FIXTURE_TIME_MS + WEEK_MS);
	assert_true(d->working.keys[1].until_ms == FIXTURE_TIME_MS + 2 * WEEK_MS);
	rxp_identity_clear(&want);
	rxp_descriptor_free(d);
}

static void pulls(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->n_endpoints = 0;
	i->revoked_since_ms = FIXTURE_TIME_MS - 1;
}

static void optional_fields_come_back(void **state)
{
	struct rxp_descriptor *d = NULL;

	(void)state;
	assert_int_equal(
	    open_plan(&d, &(struct plan){.n = 1, .change = pulls, .no_working = true}, NULL), 0);
	assert_int_equal(d->identity.n_endpoints, 0);
	assert_true(d->identity.revoked_since_ms == FIXTURE_TIME_MS - 1);
	assert_false(d->has_working);
	assert_memory_equal(d->root, root_digest, sizeof root_digest);
	rxp_descriptor_free(d);
}

static void splitting_reverses_writing(void **state)
{
	struct rxp_buf parts[RXP_MAX_IDENTITY_PARTS], working, octets, again;
	size_t n = 0;

	(void)state;
	build(&octets, &(struct plan){.n = 3});
	rxp_buf_init(&again, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(rxp_descriptor_split(parts, &n, &working, octets.data, octets.len), 0);
	assert_int_equal(n, 3);
	assert_int_equal(rxp_descriptor_write(&again, parts, n, &working), 0);
	assert_int_equal(again.len, octets.len);
	assert_memory_equal(again.data, octets.data, octets.len);
	for (size_t i = 0; i < RXP_MAX_IDENTITY_PARTS; i++)
		rxp_buf_free(&parts[i]);
	rxp_buf_free(&working);
	rxp_buf_free(&octets);
	rxp_buf_free(&again);
}

static void a_descriptor_has_one_form(void **state)
{
	static const struct {
		const char *octets;
		int rc;
	} cases[] = {
	    {"<Descriptor xmlns=\"urn:rxp:1:other\"><Identity>AAAA</Identity></Descriptor>",
		RXP_ERR_STRUCTURE},
	    {"<Descriptors xmlns=\"urn:rxp:1:descriptor\"><Identity>AAAA</Identity></Descriptors>",
		RXP_ERR_SCHEMA},
	    {"<Descriptor xmlns=\"urn:rxp:1:descriptor\"></Descriptor>", RXP_ERR_SCHEMA},
	    {"<Descriptor xmlns=\"urn:rxp:1:descriptor\"><Working>AAAA</Working></Descriptor>",
		RXP_ERR_SCHEMA},
	    {"<Descriptor xmlns=\"urn:rxp:1:descriptor\"><Identity>AAAA</Identity>"
	     "<Working>AAAA</Working><Working>AAAA</Working></Descriptor>",
		RXP_ERR_SCHEMA},
	    {"<Descriptor xmlns=\"urn:rxp:1:descriptor\"><Identity>AAAB</Identity></Descriptor>",
		RXP_ERR_SYNTAX},
	    {"<?xml version=\"1.0\"?><Descriptor xmlns=\"urn:rxp:1:descriptor\"><Identity>PHgvPg==</Identity></Descriptor>",
		RXP_ERR_STRUCTURE},
	    {"<Descriptor xmlns=\"urn:rxp:1:descriptor\"><Identity>PHgvPh==</Identity></Descriptor>",
		RXP_ERR_SYNTAX},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_descriptor *d = NULL;
		int rc = rxp_descriptor_open(
		    &d, (const uint8_t *)cases[i].octets, strlen(cases[i].octets), NULL);

		if (rc != cases[i].rc)
			fail_msg("%s: %d", cases[i].octets, rc);
	}
}

/* Of the parts 0 to 3 these announce a next root: 1 the one, 2 another, 0 none. */
static const char *announced;

static void announce_as_said(struct rxp_identity *i, size_t position)
{
	i->created_ms += (int64_t)position * WEEK_MS;
	if (announced[position] == '0')
		return;
	announce(i, 0);
	i->next_root[0] ^= announced[position] == '2';
}

/* Since when the next root is announced: without a gap, and not another one (RXP-DSC-041). */
static void announced_since(void **state)
{
	static const struct {
		const char *announced;
		int64_t since; /* weeks; -1: none */
	} rows[] = {{"0000", -1}, {"0001", 3}, {"0111", 1}, {"1111", 0}, {"1011", 2}, {"1110", -1},
	    {"1122", 2}, {"1212", 3}};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct rxp_descriptor *d = NULL;

		announced = rows[i].announced;
		assert_int_equal(
		    open_plan(&d,
			&(struct plan){.n = 4, .change = announce_as_said, .no_working = true},
			root_digest),
		    0);
		if (d->announced_ms !=
		    (rows[i].since < 0 ? 0 : FIXTURE_TIME_MS + rows[i].since * WEEK_MS))
			fail_msg("row %zu", i);
		rxp_descriptor_free(d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_descriptor_comes_back),
	    cmocka_unit_test(announced_since),
	    cmocka_unit_test(optional_fields_come_back),
	    cmocka_unit_test(splitting_reverses_writing),
	    cmocka_unit_test(a_descriptor_has_one_form),
	};

	return cmocka_run_group_tests(tests, descriptor_rig_begin, descriptor_rig_end);
}
