#include "protocol/test/descriptor_rig.h"

#include <stdio.h>
#include <string.h>

#include "protocol/base/random.h"
#include "protocol/envelope/agreement.h"
#include "protocol/init.h"

struct fixture_key root, next_root, seal_key, other_seal;
struct rxp_buf spki[2];
uint8_t root_digest[32], next_root_digest[32];

static int fill(void *arg, uint8_t *out, size_t len)
{
	uint8_t *next = arg;

	memset(out, (*next)++, len);
	return 0;
}

int descriptor_rig_begin(void **state)
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

int descriptor_rig_end(void **state)
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

void add_certificate(struct rxp_identity *i, const struct rxp_cert *cert)
{
	size_t len;
	const uint8_t *der = rxp_cert_der(cert, &len);

	assert_int_equal(rxp_buf_put(&i->certs[i->n_certs++], der, len), 0);
}

void plain_identity(struct rxp_identity *i, size_t position)
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

void build(struct rxp_buf *out, const struct plan *plan)
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

int open_plan(struct rxp_descriptor **d, const struct plan *plan, const uint8_t *trusted)
{
	struct rxp_buf octets;
	int rc;

	build(&octets, plan);
	rc = rxp_descriptor_open(d, octets.data, octets.len, trusted);
	rxp_buf_free(&octets);
	return rc;
}

void announce(struct rxp_identity *i, size_t position)
{
	i->has_next_root = position == 0;
	memcpy(i->next_root, next_root_digest, sizeof i->next_root);
}

const struct fixture_key *root_changes(size_t position)
{
	return position == 0 ? &root : &next_root;
}
