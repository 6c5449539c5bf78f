/*
 * Goals: RXP-DSC-001 to RXP-DSC-014, 024 and 025, each negative changes one thing of a descriptor that opens:
 *  - a chain holds under one root and over an announced change of it, and its latest part counts;
 *  - another root, a change of root that nobody announced, a broken Previous, a gap in Serial, another party,
 *    Test that does not go with the party, dates that go back, a working part under another seal, for another identity,
 *    a key of another curve, the same value twice, too many, too big are refused.
 * What a descriptor says and how it is written is descriptor_test.c's.
 */
#include "protocol/test/descriptor_rig.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base/err.h"

static const struct fixture_key *root_returns(size_t position)
{
	return position == 1 ? &next_root : &root;
}
static const struct fixture_key *another_root(size_t position)
{
	(void)position;
	return &next_root;
}

static const struct fixture_key *root_changes_late(size_t position)
{
	return position < 2 ? &root : &next_root;
}
static void announce_twice(struct rxp_identity *i, size_t position)
{
	announce(i, 0);
	i->has_next_root = position < 2;
}
static void created_later(struct rxp_identity *i, size_t position)
{
	i->created_ms += (int64_t)position;
}
static void created_before(struct rxp_identity *i, size_t position)
{
	i->created_ms -= (int64_t)position;
}
static void revoked_now(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->revoked_since_ms = i->created_ms;
}
static void revoked_later(struct rxp_identity *i, size_t position)
{
	(void)position;
	i->revoked_since_ms = i->created_ms + 1;
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
static void endpoint_with_user(struct rxp_identity *i, size_t position)
{
	(void)position;
	snprintf(i->endpoints[0], sizeof i->endpoints[0], "%s", "https://user@127.0.0.1:8443");
}
static void endpoint_with_query(struct rxp_identity *i, size_t position)
{
	(void)position;
	snprintf(i->endpoints[0], sizeof i->endpoints[0], "%s", "https://127.0.0.1:8443?a=b");
}
static void endpoint_with_private_path(struct rxp_identity *i, size_t position)
{
	(void)position;
	snprintf(i->endpoints[0], sizeof i->endpoints[0], "%s", "https://127.0.0.1:8443/private");
}
static void endpoint_twice(struct rxp_identity *i, size_t position)
{
	(void)position;
	memcpy(i->endpoints[1], i->endpoints[0], sizeof i->endpoints[1]);
	i->n_endpoints = 2;
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
	    {"created together", {.n = 3}, 0},
	    {"created later", {.n = 2, .change = created_later}, 0},
	    {"created before", {.n = 2, .change = created_before}, RXP_ERR_DATES},
	    {"revoked since now", {.n = 1, .change = revoked_now}, 0},
	    {"revoked since later", {.n = 1, .change = revoked_later}, RXP_ERR_DATES},
	    {"announced, then no more", {.n = 3, .change = announce, .root_of = root_changes_late},
		RXP_ERR_SIGNER},
	    {"announced again", {.n = 3, .change = announce_twice, .root_of = root_changes_late},
		0},
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
	    {"endpoint with a user", {.n = 1, .change = endpoint_with_user}, RXP_ERR_SCHEMA},
	    {"endpoint with a query", {.n = 1, .change = endpoint_with_query}, RXP_ERR_SCHEMA},
	    {"endpoint with a private path", {.n = 1, .change = endpoint_with_private_path},
		RXP_ERR_SCHEMA},
	    {"endpoint twice", {.n = 1, .change = endpoint_twice}, RXP_ERR_SCHEMA},
	    {"endpoint IPv6", {.n = 1, .change = endpoint_ipv6}, 0},
	    {"working under another seal", {.n = 1, .seal = &other_seal}, RXP_ERR_SIGNER},
	    {"working under the root", {.n = 1, .seal = &root}, RXP_ERR_SIGNER},
	    {"working serial", {.n = 1, .change_working = working_serial}, RXP_ERR_MISMATCH},
	    {"working digest", {.n = 1, .change_working = working_digest}, RXP_ERR_MISMATCH},
	    {"working party", {.n = 1, .change_working = working_party}, RXP_ERR_MISMATCH},
	    {"key twice", {.n = 1, .change_working = key_twice}, RXP_ERR_SCHEMA},
	    {"key off curve", {.n = 1, .change_working = key_off_curve}, RXP_ERR_KEY},
	    {"key never valid", {.n = 1, .change_working = key_never_valid}, RXP_ERR_DATES},
	    {"no key", {.n = 1, .change_working = no_key}, RXP_ERR_SCHEMA},
	    {"key short", {.n = 1, .change_working = key_short}, RXP_ERR_SCHEMA},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct rxp_descriptor *d = NULL;
		int rc = open_plan(&d, &cases[i].plan, NULL);

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
	assert_int_equal(open_plan(&d, &plan, next_root_digest), 0);
	assert_true(d->identity.serial == 3);
	assert_memory_equal(d->root, next_root_digest, sizeof next_root_digest);
	rxp_descriptor_free(d);
}

/* RXP-DSC-005: neither a former root, which somebody may have stolen since, nor one that seals no part yet. */
static void root_of_the_latest_part_alone_is_compared(void **state)
{
	struct plan changed = {.n = 3, .change = announce, .root_of = root_changes};
	struct plan announced = {.n = 1, .change = announce};
	struct plan other = {.n = 1, .root_of = another_root};
	struct rxp_descriptor *d = NULL;

	(void)state;
	assert_int_equal(open_plan(&d, &changed, next_root_digest), 0);
	rxp_descriptor_free(d);
	d = NULL;
	assert_int_equal(open_plan(&d, &changed, root_digest), RXP_ERR_SIGNER);
	assert_int_equal(open_plan(&d, &announced, next_root_digest), RXP_ERR_SIGNER);
	assert_int_equal(open_plan(&d, &other, root_digest), RXP_ERR_SIGNER);
	assert_null(d);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_rule_holds),
	    cmocka_unit_test(latest_part_counts),
	    cmocka_unit_test(root_of_the_latest_part_alone_is_compared),
	    cmocka_unit_test(counts_and_sizes_are_bounded),
	};

	return cmocka_run_group_tests(tests, descriptor_rig_begin, descriptor_rig_end);
}
