#include "conformance/run/rolls.h"

#include <string.h>

#include "conformance/document/odd_certificate.h"
#include "conformance/state/chance.h"
#include "conformance/state/parties.h"
#include "conformance/state/product.h"
#include "conformance/state/state.h"
#include "protocol/base/codec.h"
#include "protocol/base/err.h"
#include "protocol/base/limits.h"
#include "protocol/envelope/agreement.h"
#include "protocol/seal/cert.h"

#define HOUR_MS 3600000LL
#define TOO_FAR_MS (25 * HOUR_MS)
#define LASTS_MS (720 * HOUR_MS)

int roll_without_known(struct roll *r)
{
	r->has_known = false;
	return 0;
}

int roll_same_serial(struct roll *r)
{
	r->has_known = false;
	r->identity->serial--;
	r->identity->has_previous = r->identity->serial > 1;
	return 0;
}

int roll_created_ahead(struct roll *r)
{
	r->identity->created_ms = r->now_ms + TOO_FAR_MS;
	r->working_ms = r->identity->created_ms;
	return 0;
}

int roll_working_ahead(struct roll *r)
{
	r->has_next = false;
	r->working_ms = r->now_ms + TOO_FAR_MS;
	return 0;
}

int roll_working_of_root(struct roll *r)
{
	r->seal = &r->parties->own->root;
	return 0;
}

int roll_part_too_large(struct roll *r)
{
	r->part_octets = RXP_MAX_PART_OCTETS + 1;
	return 0;
}

int roll_base64_in_lines(struct roll *r)
{
	r->in_lines = true;
	return 0;
}

int roll_former_root(struct roll *r)
{
	r->announced = r->between = &r->parties->own->stray;
	return 0;
}

int roll_former_announcement(struct roll *r)
{
	r->announced = r->root = &r->parties->own->stray;
	r->between = &r->parties->own->root;
	return 0;
}

/* --- what is another's --------------------------------------------------------------------------- */

static int add_pin(struct roll *r, const uint8_t pin[RXP_DIGEST_OCTETS])
{
	if (r->identity->n_pins == RXP_MAX_TLS_PINS)
		return RXP_ERR_BOUND;
	memcpy(r->identity->pins[r->identity->n_pins++], pin, RXP_DIGEST_OCTETS);
	return 0;
}

/* In the place of the last if there is no room. */
static int add_seal(struct roll *r, const struct rxp_cert *cert)
{
	struct rxp_identity *i = r->identity;
	size_t len;
	const uint8_t *der = rxp_cert_der(cert, &len);

	if (i->n_certs == RXP_MAX_SEAL_CERTIFICATES)
		rxp_buf_reset(&i->certs[--i->n_certs]);
	return rxp_buf_put(&i->certs[i->n_certs++], der, len);
}

int roll_product_pin(struct roll *r)
{
	return add_pin(r, r->parties->product->descriptor->identity.pins[0]);
}

int roll_product_seal(struct roll *r)
{
	return add_seal(r, r->parties->product->certs[0]);
}

int roll_second_pin(struct roll *r)
{
	uint8_t pin[RXP_DIGEST_OCTETS];

	if (r->second == NULL)
		return RXP_ERR_NOT_FOUND;
	keypair_pin(&r->second->tls, pin);
	return add_pin(r, pin);
}

int roll_second_seal(struct roll *r)
{
	return r->second == NULL ? RXP_ERR_NOT_FOUND : add_seal(r, r->second->seal.cert);
}

/* --- what comes beside ---------------------------------------------------------------------------- */

int roll_list(struct roll *r)
{
	return state_list(r->identity, r->parties->own);
}

int roll_list_seal(struct roll *r)
{
	int rc = roll_list(r);

	return rc == 0 ? add_seal(r, r->key->cert) : rc;
}

static int list_endpoint(struct rxp_identity *i, const char *endpoint)
{
	if (i->n_endpoints == RXP_MAX_ENDPOINTS || strlen(endpoint) >= sizeof i->endpoints[0])
		return RXP_ERR_BOUND;
	memcpy(i->endpoints[i->n_endpoints++], endpoint, strlen(endpoint) + 1);
	return 0;
}

int roll_endpoints(struct roll *r)
{
	int rc = 0;

	r->identity->n_endpoints = 0;
	for (size_t i = 0; rc == 0 && r->endpoints != NULL && r->endpoints[i] != NULL; i++)
		rc = list_endpoint(r->identity, r->endpoints[i]);
	return rc == 0 ? list_endpoint(r->identity, r->parties->own->endpoint) : rc;
}

/* --- agreement keys ------------------------------------------------------------------------------- */

int roll_keys_ended(struct roll *r)
{
	r->has_next = false;
	for (size_t i = 0; i < r->working->n_keys; i++) {
		r->working->keys[i].from_ms = r->now_ms - 2 * HOUR_MS;
		r->working->keys[i].until_ms = r->now_ms - HOUR_MS;
	}
	return 0;
}

/* Beside the one that is in force: who looks at none but the last, or at what lasts longest, takes it. */
int roll_key_ahead(struct roll *r)
{
	struct rxp_working_key *later = &r->working->keys[r->working->n_keys];
	struct rxp_agreement_key *key = NULL;
	int rc = r->working->n_keys == RXP_MAX_AGREEMENT_KEYS
		     ? RXP_ERR_BOUND
		     : rxp_agreement_key_make(&key, &rxp_suite_p256, chance());

	r->has_next = false;
	if (rc == 0)
		rc = rxp_agreement_key_spki(key, &later->spki);
	if (rc == 0) {
		later->from_ms = r->now_ms + LASTS_MS;
		later->until_ms = r->working->keys[0].until_ms + 2 * LASTS_MS;
		r->working->n_keys++;
	}
	rxp_agreement_key_free(key);
	return rc;
}

static void let_last(struct roll *r)
{
	r->working->keys[0].from_ms = r->now_ms - HOUR_MS;
	r->working->keys[0].until_ms = r->now_ms + LASTS_MS;
}

int roll_stray_root(struct roll *r)
{
	let_last(r);
	r->root = &r->parties->own->stray;
	return 0;
}

int roll_unjoined(struct roll *r)
{
	let_last(r);
	r->has_known = false;
	return 0;
}

int roll_version_1(struct roll *r)
{
	struct rxp_identity *i = r->identity;

	let_last(r);
	if (i->n_certs == RXP_MAX_SEAL_CERTIFICATES)
		rxp_buf_reset(&i->certs[--i->n_certs]);
	return rxp_base64_get(
	    &i->certs[i->n_certs++], CERTIFICATE_OF_VERSION_1, strlen(CERTIFICATE_OF_VERSION_1));
}

int roll_older(struct roll *r)
{
	let_last(r);
	r->has_next = false;
	r->working_ms = r->working->created_ms - 1;
	return 0;
}
