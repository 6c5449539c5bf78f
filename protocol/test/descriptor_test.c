/*
 * Goals:
 *  - identity parts, a working part and a whole descriptor come back as they were sealed;
 *  - a chain holds under one root and over an announced change of it;
 *  - RXP-DSC-001 to RXP-DSC-014: each negative changes one thing of a descriptor that opens: another root,
 *    a change of root that nobody announced, a broken Previous, a gap in Serial, another party,
 *    Test that does not go with the party, a working part under another seal, for another identity,
 *    a key of another curve, the same value twice, too many, too big;
 *  - splitting and writing are each other's reverse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "protocol/agreement.h"
#include "protocol/codec.h"
#include "protocol/descriptor.h"
#include "protocol/err.h"
#include "protocol/init.h"
#include "protocol/random.h"
#include "protocol/test/fixture.h"

#define MAX_PARTS (RXP_MAX_IDENTITY_PARTS + 1)
#define WEEK_MS (7 * 86400000LL)

static struct fixture_key root, next_root, seal_key, other_seal;
static struct rxp_buf spki[2];
static uint8_t root_digest[32], next_root_digest[32];

/* What a test asks for: a chain of parts, each made from a plain one by change(). */
struct plan {
	size_t n;
	void (*change)(struct rxp_identity *i, size_t position);
	const struct fixture_key *(*root_of)(size_t position);
	void (*change_working)(struct rxp_working *w);
	const struct fixture_key *seal;
	bool no_working;
};

static void add_certificate(struct rxp_identity *i, const struct rxp_cert *cert)
{
	size_t len;
	const uint8_t *der = rxp_cert_der(cert, &len);

	assert_int_equal(rxp_buf_put(&i->certs[i->n_certs++], der, len), 0);
}

static void plain_identity(struct rxp_identity *i, size_t position)
{
	rxp_identity_init(i);
	snprintf(i->party, sizeof i->party, "%s", "QRA");
	i->serial = position + 1;
	i->created_ms = FIXTURE_TIME_MS;
	i->has_previous = position > 0;
	i->test = true;
	add_certificate(i, seal_key.cert);
	i->n_pins = 2;
	memset(i->pins[0], 1, sizeof i->pins[0]);
	memset(i->pins[1], 2, sizeof i->pins[1]);
	i->n_endpoints = 1;
	snprintf(i->endpoints[0], sizeof i->endpoints[0], "%s", "https://127.0.0.1:8443");
	snprintf(i->offices[0], sizeof i->offices[0], "%s", "NODE");
	snprintf(i->offices[1], sizeof i->offices[1], "%s", "RETURNS");
	snprintf(i->offices[2], sizeof i->offices[2], "%s", "HEALTH");
	i->n_offices = 3;
	for (size_t n = 0; n < 2; n++)
		assert_int_equal(rxp_office_keys_add(&i->office_keys, RXP_COMPARTMENT_HEALTH,
				     spki[n].data, spki[n].len),
		    0);
	i->levels = 1U << RXP_LEVEL_CORE | 1U << RXP_LEVEL_TRANSIT;
}

static void plain_working(struct rxp_working *w, size_t serial, const uint8_t identity[32])
{
	rxp_working_init(w);
	snprintf(w->party, sizeof w->party, "%s", "QRA");
	w->identity_serial = serial;
	memcpy(w->identity, identity, sizeof w->identity);
	w->created_ms = FIXTURE_TIME_MS;
	w->n_keys = 2;
	for (size_t n = 0; n < w->n_keys; n++) {
		assert_int_equal(rxp_buf_put(&w->keys[n].spki, spki[n].data, spki[n].len), 0);
		w->keys[n].from_ms = FIXTURE_TIME_MS + (int64_t)n * WEEK_MS;
		w->keys[n].until_ms = w->keys[n].from_ms + WEEK_MS;
	}
}

static void build_working(struct rxp_buf *out, const struct plan *plan, const uint8_t identity[32])
{
	struct rxp_signer signer =
	    rxp_key_signer_interface((plan->seal != NULL ? plan->seal : &seal_key)->signer);
	struct rxp_working w;

	plain_working(&w, plan->n, identity);
	if (plan->change_working != NULL)
		plan->change_working(&w);
	rxp_buf_init(out, RXP_MAX_PART_OCTETS);
	assert_int_equal(rxp_working_seal(out, &w, FIXTURE_TIME_MS, &signer), 0);
	rxp_working_clear(&w);
}

static void build(struct rxp_buf *out, const struct plan *plan)
{
	struct rxp_buf parts[MAX_PARTS], working;
	uint8_t fingerprint[32] = {0};

	for (size_t n = 0; n < plan->n; n++) {
		const struct fixture_key *key = plan->root_of == NULL ? &root : plan->root_of(n);
		struct rxp_signer signer = rxp_key_signer_interface(key->signer);
		struct rxp_identity i;

		plain_identity(&i, n);
		memcpy(i.previous, fingerprint, sizeof fingerprint);
		if (plan->change != NULL)
			plan->change(&i, n);
		rxp_buf_init(&parts[n], RXP_MAX_PART_OCTETS);
		assert_int_equal(
		    rxp_identity_seal(&parts[n], &i, FIXTURE_TIME_MS, &signer, fingerprint), 0);
		rxp_identity_clear(&i);
	}
	build_working(&working, plan, fingerprint);
	rxp_buf_init(out, RXP_MAX_DESCRIPTOR_OCTETS);
	assert_int_equal(
	    rxp_descriptor_write(out, parts, plan->n, plan->no_working ? NULL : &working), 0);
	for (size_t n = 0; n < plan->n; n++)
		rxp_buf_free(&parts[n]);
	rxp_buf_free(&working);
}

static int open_plan(struct rxp_descriptor **d, const struct plan *plan, const uint8_t *trusted)
{
	struct rxp_buf octets;
	int rc;

	build(&octets, plan);
	rc = rxp_descriptor_open(d, octets.data, octets.len, trusted);
	rxp_buf_free(&octets);
	return rc;
}

static void a_descriptor_comes_back(void **state)
{
	struct rxp_descriptor *d = NULL;
	struct rxp_identity want;
	uint8_t key_id[32];

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

static void announce(struct rxp_identity *i, size_t position)
{
	i->has_next_root = position == 0;
	memcpy(i->next_root, next_root_digest, sizeof i->next_root);
}
static const struct fixture_key *root_changes(size_t position)
{
	return position == 0 ? &root : &next_root;
}
static const struct fixture_key *root_returns(size_t position)
{
	return position == 1 ? &next_root : &root;
}
static const struct fixture_key *another_root(size_t position)
{
	(void)position;
	return &next_root;
}

static void serial_one_more(struct rxp_identity *i, size_t position)
{
	i->serial += position == 1;
}
static void serial_repeated(struct rxp_identity *i, size_t position)
{
	i->serial -= position == 1;
}
static void previous_broken(struct rxp_identity *i, size_t position)
{
	i->previous[31] ^= position == 1;
}
static void previous_missing(struct rxp_identity *i, size_t position)
{
	i->has_previous = i->has_previous && position != 1;
}
static void previous_at_first(struct rxp_identity *i, size_t position)
{
	i->has_previous = true;
	(void)position;
}
static void first_is_later(struct rxp_identity *i, size_t position)
{
	i->serial = position + 5;
	i->has_previous = true;
}
static void later_without_previous(struct rxp_identity *i, size_t position)
{
	i->serial = position + 5;
}
static void other_party(struct rxp_identity *i, size_t position)
{
	if (position == 1)
		snprintf(i->party, sizeof i->party, "%s", "QRB");
}
static void not_a_test(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->test = false;
}
static void real_party_tests(struct rxp_identity *i, size_t position)
{
	(void)position;
	snprintf(i->party, sizeof i->party, "%s", "UTO");
}
static void pin_twice(struct rxp_identity *i, size_t position)
{
	(void)position;
	memcpy(i->pins[1], i->pins[0], sizeof i->pins[1]);
}
static void certificate_twice(struct rxp_identity *i, size_t position)
{
	(void)position;
	add_certificate(i, seal_key.cert);
}
static void two_certificates(struct rxp_identity *i, size_t position)
{
	(void)position;
	add_certificate(i, other_seal.cert);
}
static void certificate_unusable(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->certs[0].data[0] ^= 1;
}
static void office_unknown(struct rxp_identity *i, size_t position)
{
	(void)position;
	snprintf(i->offices[1], sizeof i->offices[1], "%s", "ASYLUM");
}
static void office_twice(struct rxp_identity *i, size_t position)
{
	(void)position;
	snprintf(i->offices[1], sizeof i->offices[1], "%s", i->offices[0]);
}
static void office_without_key(struct rxp_identity *i, size_t position)
{
	(void)position;
	rxp_office_keys_clear(&i->office_keys);
}
static void key_of_no_office(struct rxp_identity *i, size_t position)
{
	(void)position;
	snprintf(i->offices[2], sizeof i->offices[2], "%s", "BORDER");
}
static void key_of_another_office(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->office_keys.key[1].compartment = RXP_COMPARTMENT_SOCIAL;
}
static void office_key_twice(struct rxp_identity *i, size_t position)
{
	(void)position;
	rxp_buf_reset(&i->office_keys.key[1].spki);
	rxp_buf_put(&i->office_keys.key[1].spki, spki[0].data, spki[0].len);
}
static void office_key_off_curve(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->office_keys.key[1].spki.data[90] ^= 1;
}
static void no_level(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->levels = 0;
}
static void no_pin(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->n_pins = 0;
}
static void endpoint_with_path(struct rxp_identity *i, size_t position)
{
	(void)position;
	snprintf(i->endpoints[0], sizeof i->endpoints[0], "%s", "https://127.0.0.1:8443/");
}
static void endpoint_without_tls(struct rxp_identity *i, size_t position)
{
	(void)position;
	snprintf(i->endpoints[0], sizeof i->endpoints[0], "%s", "http://127.0.0.1:8443");
}
static void endpoint_without_port(struct rxp_identity *i, size_t position)
{
	(void)position;
	snprintf(i->endpoints[0], sizeof i->endpoints[0], "%s", "https://127.0.0.1");
}
static void endpoint_ipv6(struct rxp_identity *i, size_t position)
{
	(void)position;
	snprintf(i->endpoints[0], sizeof i->endpoints[0], "%s", "https://[::1]:8443");
}

static void working_serial(struct rxp_working *w)
{
	w->identity_serial++;
}
static void working_digest(struct rxp_working *w)
{
	w->identity[0] ^= 1;
}
static void working_party(struct rxp_working *w)
{
	snprintf(w->party, sizeof w->party, "%s", "QRB");
}
static void key_twice(struct rxp_working *w)
{
	rxp_buf_reset(&w->keys[1].spki);
	rxp_buf_put(&w->keys[1].spki, spki[0].data, spki[0].len);
}
static void key_off_curve(struct rxp_working *w)
{
	w->keys[1].spki.data[90] ^= 1;
}
static void key_never_valid(struct rxp_working *w)
{
	w->keys[1].until_ms = w->keys[1].from_ms;
}
static void no_key(struct rxp_working *w)
{
	w->n_keys = 0;
}
static void key_short(struct rxp_working *w)
{
	w->keys[1].spki.len--;
}

static void each_rule_holds(void **state)
{
	static const struct {
		const char *what;
		struct plan plan;
		int rc;
	} cases[] = {
	    {"chain", {.n = 3}, 0},
	    {"chain alone", {.n = 2, .no_working = true}, 0},
	    {"another root", {.n = 1, .root_of = another_root}, RXP_ERR_SIGNER},
	    {"announced root", {.n = 2, .change = announce, .root_of = root_changes}, 0},
	    {"announced root goes on", {.n = 3, .change = announce, .root_of = root_changes}, 0},
	    {"announced, not used", {.n = 3, .change = announce}, 0},
	    {"root not announced", {.n = 2, .root_of = root_changes}, RXP_ERR_SIGNER},
	    {"root returns", {.n = 3, .change = announce, .root_of = root_returns}, RXP_ERR_SIGNER},
	    {"serial gap", {.n = 2, .change = serial_one_more, .no_working = true},
		RXP_ERR_MISMATCH},
	    {"serial repeated", {.n = 2, .change = serial_repeated, .no_working = true},
		RXP_ERR_MISMATCH},
	    {"previous broken", {.n = 2, .change = previous_broken}, RXP_ERR_MISMATCH},
	    {"previous missing", {.n = 2, .change = previous_missing}, RXP_ERR_MISMATCH},
	    {"previous at first", {.n = 1, .change = previous_at_first}, RXP_ERR_MISMATCH},
	    {"later part first", {.n = 1, .change = first_is_later, .no_working = true}, 0},
	    {"later without previous",
		{.n = 1, .change = later_without_previous, .no_working = true}, RXP_ERR_MISMATCH},
	    {"other party", {.n = 2, .change = other_party, .no_working = true}, RXP_ERR_MISMATCH},
	    {"not a test", {.n = 1, .change = not_a_test}, RXP_ERR_MISMATCH},
	    {"a party that is no test node", {.n = 1, .change = real_party_tests},
		RXP_ERR_MISMATCH},
	    {"pin twice", {.n = 1, .change = pin_twice}, RXP_ERR_SCHEMA},
	    {"certificate twice", {.n = 1, .change = certificate_twice}, RXP_ERR_SCHEMA},
	    {"two certificates", {.n = 1, .change = two_certificates}, 0},
	    {"second certificate seals", {.n = 1, .change = two_certificates, .seal = &other_seal},
		0},
	    {"certificate unusable", {.n = 1, .change = certificate_unusable}, RXP_ERR_KEY},
	    {"office unknown", {.n = 1, .change = office_unknown}, RXP_ERR_SCHEMA},
	    {"office twice", {.n = 1, .change = office_twice}, RXP_ERR_SCHEMA},
	    {"office without a key", {.n = 1, .change = office_without_key}, 0},
	    {"key of no office", {.n = 1, .change = key_of_no_office}, RXP_ERR_SCHEMA},
	    {"key of another office", {.n = 1, .change = key_of_another_office}, RXP_ERR_SCHEMA},
	    {"office key twice", {.n = 1, .change = office_key_twice}, RXP_ERR_SCHEMA},
	    {"office key off curve", {.n = 1, .change = office_key_off_curve}, RXP_ERR_KEY},
	    {"no level", {.n = 1, .change = no_level}, RXP_ERR_SCHEMA},
	    {"no pin", {.n = 1, .change = no_pin}, RXP_ERR_SCHEMA},
	    {"endpoint with path", {.n = 1, .change = endpoint_with_path}, RXP_ERR_SCHEMA},
	    {"endpoint without TLS", {.n = 1, .change = endpoint_without_tls}, RXP_ERR_SCHEMA},
	    {"endpoint without port", {.n = 1, .change = endpoint_without_port}, RXP_ERR_SCHEMA},
	    {"endpoint IPv6", {.n = 1, .change = endpoint_ipv6}, 0},
	    {"working under another seal", {.n = 1, .seal = &other_seal}, RXP_ERR_SIGNER},
	    {"working under the root", {.n = 1, .seal = &root}, RXP_ERR_SIGNER},
	    {"working serial", {.n = 1, .change_working = working_serial}, RXP_ERR_MISMATCH},
	    {"working digest", {.n = 1, .change_working = working_digest}, RXP_ERR_MISMATCH},
	    {"working party", {.n = 1, .change_working = working_party}, RXP_ERR_MISMATCH},
	    {"key twice", {.n = 1, .change_working = key_twice}, RXP_ERR_SCHEMA},
	    {"key off curve", {.n = 1, .change_working = key_off_curve}, RXP_ERR_KEY},
	    {"key never valid", {.n = 1, .change_working = key_never_valid}, RXP_ERR_SCHEMA},
	    {"no key", {.n = 1, .change_working = no_key}, RXP_ERR_SCHEMA},
	    {"key short", {.n = 1, .change_working = key_short}, RXP_ERR_SCHEMA},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_descriptor *d = NULL;
		int rc = open_plan(&d, &cases[i].plan, root_digest);

		if (rc != cases[i].rc)
			fail_msg("%s: %d", cases[i].what, rc);
		assert_true((d == NULL) == (rc != 0));
		rxp_descriptor_free(d);
	}
}

static void latest_part_counts(void **state)
{
	struct plan plan = {.n = 3, .change = announce, .root_of = root_changes};
	struct rxp_descriptor *d = NULL;

	(void)state;
	assert_int_equal(open_plan(&d, &plan, root_digest), 0);
	assert_true(d->identity.serial == 3);
	assert_memory_equal(d->root, next_root_digest, sizeof next_root_digest);
	rxp_descriptor_free(d);
}

static void counts_and_sizes_are_bounded(void **state)
{
	struct plan plan = {.n = RXP_MAX_IDENTITY_PARTS};
	struct rxp_descriptor *d = NULL;
	struct rxp_buf octets, parts[MAX_PARTS];
	uint8_t *big = test_calloc(1, RXP_MAX_DESCRIPTOR_OCTETS + 1);

	(void)state;
	assert_int_equal(open_plan(&d, &plan, root_digest), 0);
	rxp_descriptor_free(d);
	d = NULL;
	rxp_buf_init(&octets, RXP_MAX_DESCRIPTOR_OCTETS);
	for (size_t n = 0; n < MAX_PARTS; n++)
		parts[n] = fixture_text("abc");
	assert_int_equal(rxp_descriptor_write(&octets, parts, MAX_PARTS, NULL), RXP_ERR_BOUND);
	assert_int_equal(rxp_descriptor_write(&octets, parts, 0, NULL), RXP_ERR_BOUND);
	for (size_t n = 0; n < MAX_PARTS; n++)
		rxp_buf_free(&parts[n]);
	rxp_buf_puts(&octets, "<Descriptor xmlns=\"urn:rxp:1:descriptor\">");
	for (size_t n = 0; n < MAX_PARTS; n++)
		rxp_buf_puts(&octets, "<Identity>AAAA</Identity>");
	rxp_buf_puts(&octets, "</Descriptor>");
	assert_int_equal(rxp_descriptor_open(&d, octets.data, octets.len, NULL), RXP_ERR_SCHEMA);
	assert_int_equal(
	    rxp_descriptor_open(&d, big, RXP_MAX_DESCRIPTOR_OCTETS + 1, NULL), RXP_ERR_BOUND);
	rxp_buf_reset(&octets);
	rxp_buf_init(&parts[0], RXP_MAX_PART_OCTETS + 1);
	rxp_buf_put(&parts[0], big, RXP_MAX_PART_OCTETS + 1);
	assert_int_equal(rxp_descriptor_write(&octets, parts, 1, NULL), 0);
	assert_int_equal(rxp_descriptor_open(&d, octets.data, octets.len, NULL), RXP_ERR_BOUND);
	rxp_buf_free(&parts[0]);
	rxp_buf_free(&octets);
	test_free(big);
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

static int fill(void *arg, uint8_t *out, size_t len)
{
	uint8_t *next = arg;

	memset(out, (*next)++, len);
	return 0;
}

static int start(void **state)
{
	uint8_t next = 1;
	struct rxp_random random = {fill, &next};

	(void)state;
	if (rxp_init() != 0)
		return -1;
	fixture_key_make(&root, RXP_SEAL_ECDSA_P256);
	fixture_key_make(&next_root, RXP_SEAL_ECDSA_P384);
	fixture_key_make(&seal_key, RXP_SEAL_ECDSA_P256);
	fixture_key_make(&other_seal, RXP_SEAL_ECDSA_P256);
	rxp_cert_spki_digest(root.cert, root_digest);
	rxp_cert_spki_digest(next_root.cert, next_root_digest);
	for (size_t i = 0; i < 2; i++) {
		struct rxp_agreement_key *key = NULL;

		rxp_buf_init(&spki[i], 128);
		if (rxp_agreement_key_make(&key, &rxp_suite_p256, &random) != 0 ||
		    rxp_agreement_key_spki(key, &spki[i]) != 0)
			return -1;
		rxp_agreement_key_free(key);
	}
	return 0;
}

static int stop(void **state)
{
	(void)state;
	fixture_key_clear(&root);
	fixture_key_clear(&next_root);
	fixture_key_clear(&seal_key);
	fixture_key_clear(&other_seal);
	rxp_buf_free(&spki[0]);
	rxp_buf_free(&spki[1]);
	rxp_cleanup();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_descriptor_comes_back),
	    cmocka_unit_test(optional_fields_come_back),
	    cmocka_unit_test(each_rule_holds),
	    cmocka_unit_test(latest_part_counts),
	    cmocka_unit_test(counts_and_sizes_are_bounded),
	    cmocka_unit_test(splitting_reverses_writing),
	    cmocka_unit_test(a_descriptor_has_one_form),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
